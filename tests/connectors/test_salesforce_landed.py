"""What the engine makes of Salesforce's deleted, merged, restored and hidden records, on a database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from partnerhub.simulator.salesforce import SalesforceSimulator
from pipelines.land.session import LandSession, LandSettings
from tests.connectors.conformance.salesforce_rig import NOW, account_id, empty_world, settings_for
from warehouse.database import Database

STREAM = "Account"


@pytest.fixture
def salesforce(tmp_path):
    with SalesforceSimulator(empty_world(), directory=tmp_path / "org") as simulator:
        for number in (1, 2, 3):
            values = {"Name": f"Company {number}", "Partner_Tier__c": "Gold"}
            at = NOW - timedelta(days=number)
            simulator.store.put(STREAM, account_id(number), values, created=at, changed=at)
        yield simulator


@pytest.fixture
def sync(salesforce, sqlite_url):
    """Run a sync one hour after the last one; gives what the hub then holds: number of the account → operation."""
    database, names = Database(sqlite_url), {account_id(number): number for number in (1, 2, 3)}

    def run(run_id, state="complete", *, full=False):
        salesforce.store.advance(timedelta(hours=1))
        connector = settings_for(salesforce, source="salesforce")
        settings = LandSettings(run_id=run_id, full=full, streams={"salesforce": frozenset({STREAM})})
        with LandSession(database, [connector], settings) as session:
            assert [result.state for result in session.wait("salesforce")] == [state]
        with database.session() as connection:
            rows = connection.query("SELECT source_id, op FROM raw_current ORDER BY source_id")
        return {names[one]: op for one, op in rows}

    return run


def test_a_deleted_account_is_a_delete_and_comes_back_as_a_restore(salesforce, sync):
    assert sync("first") == {1: "upsert", 2: "upsert", 3: "upsert"}
    salesforce.store.delete(STREAM, account_id(1))
    assert sync("second")[1] == "delete"
    salesforce.store.undelete(STREAM, account_id(1))
    assert sync("third")[1] == "restore"


def test_a_merged_account_is_a_merge_into_its_winner(salesforce, sync):
    sync("first")
    salesforce.store.merge(STREAM, account_id(3), account_id(2))
    assert sync("second") == {1: "upsert", 2: "merge", 3: "upsert"}


def test_a_purged_account_is_no_longer_visible_after_a_complete_reading(salesforce, sync):
    sync("first")
    salesforce.store.purge(STREAM, account_id(2))
    assert sync("second")[2] == "upsert"
    assert sync("third", full=True)[2] == "not_visible"


@pytest.mark.parametrize("lost", [None, "Partner_Tier__c"])
def test_a_lost_permission_deletes_nothing_and_degrades_the_stream(salesforce, sync, lost):
    before = sync("first")
    if lost:
        salesforce.store.hide_field(STREAM, lost)
    else:
        salesforce.store.hide_object(STREAM)
    assert sync("second", "skipped", full=not lost) == before


def test_an_unchanged_second_sync_lands_nothing(salesforce, sync, sqlite_url):
    sync("first")
    sync("second")
    sync("third", full=True)
    with Database(sqlite_url).session() as connection:
        assert connection.query("SELECT count(*) FROM raw_record") == [(3,)]
