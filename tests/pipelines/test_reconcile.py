"""Completeness, proven: what every green sync missed is found and brought, what went without a word is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from partnerhub.simulator.faults import Fault
from pipelines.reconcile import Proof, ReconcileReport, reconcile
from pipelines.sync import run_sync
from tests.pipelines.conftest import appear_late, query

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from partnerhub.simulator.hubspot import HubSpotSimulator


def compared(config: HubConfig, *, every: bool = False) -> tuple[ReconcileReport, Proof]:
    """The whole report, and what it says of companies."""
    report = reconcile(config, ["hubspot"], every=every)
    return report, next(proof for proof in report.proofs if proof.stream == "companies")


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
