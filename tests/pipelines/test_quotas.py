"""Schedules against quotas: what a day would cost by what syncs have cost, and which schedule to change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.quotas import Headroom, headrooms
from pipelines.sync import run_sync
from warehouse.database import Database
from warehouse.queries.request_samples import of
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
warehouse: sqlite:///warehouse.db
sources:
  crm:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: {pace}
    schedule: "{schedule}"
    quota: {quota}
reconcile: never
"""


def config(folder: Path, **facts: object) -> HubConfig:
    given = {
        "token": "x",
        "url": "http://127.0.0.1:9",
        "pace": 9,
        "schedule": "*/15 * * * *",
        "quota": 250000,
    }
    (folder / "partnerhub.yaml").write_text(CONFIG.format(**{**given, **facts}))
    found = load_config(folder / "partnerhub.yaml")
    migrate(found.warehouse_url)
    return found


def measured(found: HubConfig, requests: int, times: int = 3) -> None:
    """Former usual syncs that took so many requests each."""
    with Database(found.warehouse_url).session() as connection, connection.transaction():
        for n in range(times):
            began = f"2026-10-01T09:0{n}:00.000000Z"
            connection.execute(
                "INSERT INTO sync_run (run_id, started_at, trigger, state) VALUES (?, ?, 'cli', 'complete')",
                (f"r{n}", began),
            )
            connection.execute(
                "INSERT INTO stream_run (run_id, source, stream, state, started_at, requests, cursor_json)"
                " VALUES (?, 'crm', 'companies', 'complete', ?, ?, '{}')",
                (f"r{n}", began, requests),
            )


def daily(found: HubConfig) -> Headroom:
    with Database(found.warehouse_url).session() as connection:
        return next(each for each in headrooms(found, connection) if each.quota.name == "a day")


@pytest.fixture
def hubspot() -> Iterator[HubSpotSimulator]:
    with HubSpotSimulator(generate_world(5, 12, datetime(2026, 10, 1, tzinfo=UTC))) as simulator:
        yield simulator


def test_a_day_is_syncs_by_schedule_times_requests_as_measured(tmp_path: Path) -> None:
    found = config(tmp_path)
    measured(found, requests=40)
    day = daily(found)
    assert (day.used, day.state) == (96 * 40, "fits")


@pytest.mark.fault("F24")
def test_too_much_names_the_schedule_that_would_fit_with_the_reserve(tmp_path: Path) -> None:
    found = config(tmp_path, quota=3000)
    measured(found, requests=40)
    day = daily(found)
    assert day.state == "over"
    assert '`schedule: "*/30 * * * *"`' in day.advice


def test_a_day_that_eats_into_the_reserve_is_tight(tmp_path: Path) -> None:
    found = config(tmp_path, quota=4000)
    measured(found, requests=40)
    assert daily(found).state == "tight"


def test_when_even_one_sync_is_too_much_it_says_so(tmp_path: Path) -> None:
    found = config(tmp_path, quota=10)
    measured(found, requests=40)
    assert "narrow its `streams`" in daily(found).advice


def test_without_a_measured_sync_nothing_is_claimed(tmp_path: Path) -> None:
    assert daily(config(tmp_path)).state == "unknown"


def test_a_pace_above_the_burst_quota_is_told_with_one_that_fits(tmp_path: Path) -> None:
    found = config(tmp_path, pace=30)
    with Database(found.warehouse_url).session() as connection:
        burst = next(each for each in headrooms(found, connection) if each.quota.seconds == 10)
    assert (burst.state, burst.used) == ("over", 310)
    assert "`requests_per_second: 8`" in burst.advice


@pytest.mark.parametrize(
    ("pace", "state", "told"),
    [(0, "unpaced", "Set `requests_per_minute` of tasks."), (1500, "over", "`requests_per_minute: 120`")],
    ids=["without a pace", "too fast"],
)
def test_the_pace_to_set_is_named_as_its_connector_names_it(
    tmp_path: Path, pace: int, state: str, told: str
) -> None:
    tasks = f"connector: asana, token: t, requests_per_minute: {pace}, schedule: '*/30 * * * *'"
    (tmp_path / "partnerhub.yaml").write_text(f"sources:\n  tasks: {{{tasks}}}\n")
    found = load_config(tmp_path / "partnerhub.yaml")
    migrate(found.warehouse_url)
    with Database(found.warehouse_url).session() as connection:
        (minute,) = headrooms(found, connection)
    assert (minute.state, told in minute.advice) == (state, True)


def test_a_sync_counts_the_requests_the_vendor_saw(
    hubspot: HubSpotSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = config(tmp_path, token=hubspot.token, url=hubspot.url, pace=0)
    before = len(hubspot.requests)
    assert run_sync(found).state == "complete"
    with Database(found.warehouse_url).session() as connection:
        ((counted,),) = connection.query("SELECT sum(requests) FROM stream_run")
        kept = connection.query("SELECT requests, requests_json FROM stream_run WHERE requests > 0")
    assert 0 < counted <= len(hubspot.requests) - before
    assert all(0 < len(of(written)) <= requests for requests, written in kept)
    assert all(each.went_well for _, written in kept for each in of(written))
