"""A sync whose streams were all read to their end, and which yet needs somebody: a gap, a field that went away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from partnerhub.cli.output import console
from partnerhub.cli.syncing import show_report
from pipelines.sessions import RunOptions
from pipelines.sync import SyncReport, run_sync
from tests.pipelines.conftest import appear_late, query
from warehouse.database import Database

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from partnerhub.simulator.hubspot import HubSpotSimulator

FULL = RunOptions("test", full=True)


def shown(report: SyncReport, capfd: pytest.CaptureFixture[str]) -> str:
    show_report(console(), report)
    return capfd.readouterr().out


def test_a_gap_makes_a_green_sync_need_a_person_and_names_the_next_command(
    config: HubConfig, hubspot: HubSpotSimulator, capfd: pytest.CaptureFixture[str]
) -> None:
    appear_late(hubspot)
    report = run_sync(config)
    assert {stream.state for stream in report.streams} == {"complete"}
    assert (report.state, report.exit_code) == ("needs_person", 3)
    assert query(config, f"SELECT state FROM sync_run WHERE run_id = '{report.run_id}'") == [
        ("needs_person",)
    ]
    said = shown(report, capfd)
    assert "! hubspot companies: The source says it holds" in said
    assert "`partnerhub sync hubspot --full`" in said
    assert run_sync(config, options=FULL).exit_code == 0


def test_a_gap_somebody_knows_of_asks_no_more_and_stays_known(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    appear_late(hubspot)
    run_sync(config)
    with Database(config.warehouse_url).session() as connection, connection.transaction():
        connection.execute("UPDATE sync_error SET state = 'acknowledged' WHERE code = 'count_gap'")
    assert run_sync(config).exit_code == 0
    assert query(config, "SELECT state FROM sync_error WHERE code = 'count_gap'") == [("acknowledged",)]
    assert run_sync(config, options=FULL).exit_code == 0
    assert query(config, "SELECT state FROM sync_error WHERE code = 'count_gap'") == [("resolved",)]


@pytest.mark.fault("F47")
def test_a_field_that_went_away_needs_a_person_until_it_is_accepted(
    config: HubConfig, hubspot: HubSpotSimulator
) -> None:
    hubspot.store.advance(timedelta(days=1))
    hubspot.store.rename_property("companies", "partner_type", "partnership_type")
    report = run_sync(config)
    assert (report.exit_code, len(report.field_notes)) == (3, 1)
    assert run_sync(config).exit_code == 3
    from tests.cli.conftest import subprocess_command

    accepted = subprocess_command(config.folder, "drift", "accept", "hubspot", "companies.partner_type")
    assert accepted.code == 0, accepted.err
    assert run_sync(config).exit_code == 0
