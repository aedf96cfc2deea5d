"""Completeness, proven: what every green sync missed is found and brought, what went without a word is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.reconcile import Proof, ReconcileReport, reconcile
from pipelines.sync import run_sync
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
warehouse: sqlite:///warehouse.db
own_domains: [{own}]
clock: 2026-10-01T00:00:00Z
sources:
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    tries: 2
    streams: [companies, contacts]
"""
LONG_AGO = datetime(2025, 3, 4, tzinfo=UTC)


@pytest.fixture
def hubspot() -> Iterator[HubSpotSimulator]:
    with HubSpotSimulator(generate_world(5, 12, datetime(2026, 10, 1, tzinfo=UTC))) as simulator:
        yield simulator


@pytest.fixture
def config(hubspot: HubSpotSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubConfig:
    monkeypatch.chdir(tmp_path)
    text = CONFIG.format(own=hubspot.world.own_domain, token=hubspot.token, url=hubspot.url)
    (tmp_path / "partnerhub.yaml").write_text(text)
    found = load_config(tmp_path / "partnerhub.yaml")
    assert run_sync(found).state == "complete"
    return found


def compared(config: HubConfig, *, every: bool = False) -> tuple[ReconcileReport, Proof]:
    """The whole report, and what it says of companies."""
    report = reconcile(config, ["hubspot"], every=every)
    return report, next(proof for proof in report.proofs if proof.stream == "companies")


def query(config: HubConfig, statement: str) -> list[tuple[Any, ...]]:
    with Database(config.warehouse_url).session() as connection:
        return connection.query(statement)


def appear_late(hubspot: HubSpotSimulator, number: int = 9001) -> None:
    """A company with a stamp from long ago, which no read from a cursor on can see."""
    stamps = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
    hubspot.store.put("companies", number, {"name": "Latecomer Ltd", "domain": "latecomer.example"}, **stamps)


def test_counts_that_agree_are_the_proof(config: HubConfig) -> None:
    report, companies = compared(config)
    assert report.state == "complete"
    assert companies.method == "count"
    assert companies.in_source == companies.in_hub > 0


@pytest.mark.fault("F33")
def test_a_record_no_sync_could_see_is_found_brought_published_and_told(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    appear_late(hubspot)
    assert run_sync(config).exit_code == 3  # it counts one more there, and cannot see which
    report, companies = compared(config)
    assert (report.state, companies.method, companies.missed) == ("complete", "ids", 1)
    assert companies.days["missed"] == {"2025-03-04": 1}
    assert companies.sample == ["9001"]
    assert query(config, "SELECT count(*) FROM organization WHERE name = 'Latecomer Ltd'") == [(1,)]
    assert query(config, "SELECT code FROM sync_error WHERE state = 'open'") == [("missed_records",)]


def test_what_was_missed_once_and_not_again_is_no_open_problem_any_more(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    appear_late(hubspot)
    compared(config)
    report, companies = compared(config, every=True)
    assert (report.state, companies.missed) == ("complete", 0)
    assert query(config, "SELECT state FROM sync_error WHERE code = 'missed_records'") == [("resolved",)]


@pytest.mark.fault("F50")
def test_a_record_purged_without_a_word_is_taken_back(config: HubConfig, hubspot: HubSpotSimulator) -> None:
    number = min(hubspot.store.objects["companies"])
    hubspot.store.purge("companies", number)
    assert run_sync(config).state == "complete"
    report, companies = compared(config)
    assert (report.state, companies.gone, companies.in_source) == ("complete", 1, companies.in_hub)
    assert query(
        config, f"SELECT op FROM raw_current WHERE source_id = '{number}' AND stream = 'companies'"
    ) == [("not_visible",)]


def test_what_changed_within_the_hour_is_not_called_missed(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    lately = hubspot.store.now - timedelta(minutes=10)
    hubspot.store.put("companies", 9002, {"name": "Newcomer Ltd"}, created_at=lately, updated_at=lately)
    _, companies = compared(config, every=True)
    assert companies.missed == 0
    assert query(config, "SELECT count(*) FROM sync_error WHERE code = 'missed_records'") == [(0,)]


@pytest.mark.fault("F20")
def test_a_stream_that_cannot_be_read_is_not_proven(config: HubConfig, hubspot: HubSpotSimulator) -> None:
    hubspot.faults.add(Fault(where="* /crm/v3/objects/companies*", kind="500", nth=1, times=99))
    report, companies = compared(config)
    assert (report.state, companies.method) == ("incomplete", "")


def test_comparing_twice_writes_nothing_the_second_time(config: HubConfig, hubspot: HubSpotSimulator) -> None:
    appear_late(hubspot)
    compared(config, every=True)
    before = query(config, "SELECT max(raw_id) FROM raw_record")
    compared(config, every=True)
    assert query(config, "SELECT max(raw_id) FROM raw_record") == before
