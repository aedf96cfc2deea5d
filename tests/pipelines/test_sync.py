"""One whole sync through Dagster: what is published, what a failing stream does, what the exit code says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from connectors.record import utc_text
from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.defs.build import build_definitions
from pipelines.sync import SyncReport, run_sync
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
warehouse: {warehouse}
own_domains: [{own}]
default_region: DE
sources:
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    tries: 3
    schedule: "*/15 * * * *"
partners:
  - {{source: hubspot, where: {{account_type: [PARTNER, RESELLER]}}}}
"""


@pytest.fixture
def hubspot() -> Iterator[HubSpotSimulator]:
    with HubSpotSimulator(generate_world(5, 12, datetime(2026, 10, 1, tzinfo=UTC))) as simulator:
        yield simulator


@pytest.fixture
def config(hubspot: HubSpotSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubConfig:
    monkeypatch.chdir(tmp_path)
    return configured(hubspot, tmp_path, f"sqlite:///{tmp_path}/warehouse.db")


def configured(hubspot: HubSpotSimulator, folder: Path, warehouse: str) -> HubConfig:
    own = hubspot.world.own_domain
    text = CONFIG.format(warehouse=warehouse, own=own, token=hubspot.token, url=hubspot.url)
    (folder / "partnerhub.yaml").write_text(text)
    return load_config(folder / "partnerhub.yaml")


def query(config: HubConfig, statement: str) -> list[tuple[Any, ...]]:
    with Database(config.warehouse_url).session() as connection:
        return connection.query(statement)


def states(report: SyncReport) -> dict[str, str]:
    return {stream.stream: stream.state for stream in report.streams}


def test_first_sync_publishes_partners_and_passes_every_check(config: HubConfig) -> None:
    report = run_sync(config)
    assert (report.state, report.exit_code, report.checks_failed) == ("complete", 0, [])
    assert query(config, "SELECT count(*) FROM partnership")[0][0] >= 8
    assert query(config, "SELECT count(*) FROM timeline")[0][0] > 0
    assert query(config, "SELECT count(*) FROM pending") == [(0,)]


def test_second_sync_lands_and_publishes_nothing(config: HubConfig) -> None:
    run_sync(config)
    before = query(config, "SELECT max(raw_id) FROM raw_record")
    again = run_sync(config)
    assert sum(stream.landed for stream in again.streams) == 0
    assert again.steps["golden/organization"]["pending"] == 0
    assert query(config, "SELECT max(raw_id) FROM raw_record") == before


def test_a_sync_looks_at_every_partner_for_signals_and_again_only_when_something_changed(
    config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = run_sync(config).steps["golden/signal"]["partners"]
    assert partners == query(config, "SELECT count(DISTINCT organization_id) FROM partnership")[0][0]
    assert run_sync(config).steps["golden/signal"]["partners"] == 0
    tomorrow = utc_text(datetime.now(UTC) + timedelta(days=1))
    monkeypatch.setattr("pipelines.steps.now_text", lambda: tomorrow)
    assert run_sync(config).steps["golden/signal"]["partners"] == partners


def test_one_stream_down_leaves_the_others_published_and_the_run_red(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    hubspot.faults.add(Fault(where="GET /crm/v3/objects/notes", kind="500", nth=2, times=99))
    report = run_sync(config)
    assert (report.state, report.exit_code) == ("incomplete", 4)
    assert states(report)["notes"] == "incomplete"
    assert states(report)["companies"] == "complete"
    assert query(config, "SELECT count(*) FROM partnership")[0][0] >= 8


@pytest.mark.fault("F20")
def test_missing_scope_asks_for_a_person_and_deletes_nothing(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    run_sync(config)
    hubspot.faults.add(Fault(where="POST /crm/v3/objects/contacts/search", kind="403", times=99))
    report = run_sync(config)
    assert (report.exit_code, states(report)["contacts"]) == (3, "skipped")
    assert query(config, "SELECT count(*) FROM staged_person WHERE deleted_at IS NULL")[0][0] > 0


def test_named_source_alone_is_pulled(config: HubConfig) -> None:
    report = run_sync(config, ["hubspot"])
    assert {stream.source for stream in report.streams} == {"hubspot"}


def test_run_is_listed_by_dagster_started_in_the_same_folder(
    hubspot: HubSpotSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Path(__file__).resolve().parents[2]
    (tmp_path / "dagster.yaml").write_text((repository / "dagster.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    report = run_sync(configured(hubspot, tmp_path, f"sqlite:///{tmp_path}/warehouse.db"))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert [run.run_id for run in instance.get_runs()] == [report.run_id]


def test_every_table_reports_its_rows(config: HubConfig) -> None:
    report = run_sync(config)
    for step, table in (
        ("staged/person", "staged_person"),
        ("golden/timeline", "timeline"),
        ("identity/match_edge", "match_edge"),
    ):
        assert report.steps[step]["dagster/row_count"] == query(config, f"SELECT count(*) FROM {table}")[0][0]


def test_run_whose_step_broke_is_failed_and_keeps_what_landed(
    config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.resolve.propose", lambda *_: 1 / 0)
    report = run_sync(config)
    assert (report.state, report.exit_code, report.broken_steps) == ("failed", 1, ["identity__match_edge"])
    assert query(config, "SELECT state FROM sync_run") == [("failed",)]
    monkeypatch.undo()
    assert run_sync(config).state == "complete"


def test_definitions_show_every_room_and_a_schedule_per_source(config: HubConfig) -> None:
    definitions = build_definitions(config)
    dg.Definitions.validate_loadable(definitions)
    rooms = {key.path[0] for key in definitions.resolve_all_asset_keys()}
    assert rooms == {
        *("raw", "staged", "identity", "golden", "backfill", "verdict"),
        *("reconciliation", "health", "digest", "marts"),
    }
    schedules = {each.name: each.cron_schedule for each in definitions.schedules or ()}  # type: ignore[union-attr]
    assert schedules == {
        "every_hubspot": "*/15 * * * *",
        "reconcile_nightly": "17 3 * * *",
        "health_watch": "*/10 * * * *",
        "measure_daily": "10 4 * * *",
    }


def test_sqlite_and_postgresql_hold_the_same_rows(
    hubspot: HubSpotSimulator, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dumps = []
    for url in (f"sqlite:///{tmp_path}/warehouse.db", postgres_url):
        config = configured(hubspot, tmp_path, url)
        run_sync(config)
        dumps.append(
            {
                name: sorted(query(config, f"SELECT {columns} FROM {name}"), key=repr)
                for name, columns in COMPARED.items()
            }
        )
    for name in COMPARED:
        assert dumps[0][name] == dumps[1][name], name


COMPARED = {
    "raw_current": "source, stream, source_id, op, content_hash, version",
    "staged_organization": "record, name, domain, phone, street, city, country, modified_at, custom_json",
    "key": "record, kind, normalized, original",
    "organization_link": "record, organization_id, method",
    "organization": "organization_id, name, domain, phone, city, country, tier, custom_json",
    "golden_value": "organization_id, field, value, record, rule, others_json",
    "partnership": "organization_id, program, record, since_at",
    "fact": "fact_id, entity, kind, happened_at, title, attached",
    "timeline": "organization_id, fact_id, happened_at, method, anchor",
}
