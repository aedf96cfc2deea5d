"""F27–F45: wherever a reading is cut, shifted or told late, every record arrives and the cursor stays behind."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from connectors.record import Op
from mappings.clean.times import clean_date, clean_time
from mappings.clean.unreadable import Unreadable
from partnerhub.simulator.hubspot import search
from pipelines.land.cursors import load_cursor, store_cursor
from tests.connectors.conformance import jira_rig
from tests.faults import vendors
from tests.faults.meddling import Meddled, edit
from tests.faults.vendors import LONG_AGO, NOW, account, company, ids
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database

MOMENT = "2026-09-01T12:00:00.000000Z"

# ---------------------------------------------------------------- places and pages


def forget_places(vendor):
    """Let every page token of the vendor die."""
    if vendor.name == "salesforce":
        vendor.simulator.queries.forget()
    elif vendor.name == "jira":
        vendor.simulator.expire_tokens()
    elif vendor.name == "asana":
        vendor.simulator.expire_offsets()


def test_f27_page_tokens_that_die_while_reading_cost_no_record(vendor):
    found = set()
    for number, one in enumerate(vendor.connector().pull(vendor.stream, None)):
        found |= set(ids([one]))
        if number < 2:
            forget_places(vendor)
    assert found == vendor.ids


def test_f27_a_run_that_ended_midway_goes_on_although_its_token_died(hub, vendor):
    vendor.breaks("503", nth=3, times=10**6)
    assert hub.states(vendor) == ["incomplete"]
    forget_places(vendor)
    hub.settles(vendor)


def test_f27_a_locator_that_dies_with_its_session_costs_none(salesforce):
    door = salesforce.simulator.door
    salesforce.others |= {"token": None, "client_id": door.client_id, "client_secret": door.client_secret}
    found = []
    for one in salesforce.connector().pull("Account", None):
        found += ids([one])
        salesforce.simulator.expire_sessions()
    assert set(found) == salesforce.ids


def test_f28_items_that_come_twice_are_stored_once_and_counted_as_repeats(hub, vendor):
    vendor.breaks("twice", times=10**6)
    hub.sync(vendor)
    assert hub.count("raw_record") == hub.count("raw_current") == len(vendor.ids)
    hub.settles(vendor)


def test_f28_a_page_that_comes_twice_changes_nothing(hub):
    one = page(record("1"), record("2"), cursor={"at": "x"})
    (result,) = hub.sync(ScriptedConnector(source="crm").plays(THINGS, pages(one, one)))
    assert (result.read, result.landed, result.unchanged) == (4, 2, 2)


@pytest.mark.parametrize("first", [True, False], ids=["first reading", "later reading"])
def test_f29_edits_between_two_pages_are_all_found_in_the_end(hub, vendor, first):
    if not first:
        hub.sync(vendor)
    vendor.simulator.store.advance(timedelta(hours=1))
    vendor.simulator.requests = meddled = Meddled(vendor, times=2)
    hub.sync(vendor)
    assert meddled.left < 2
    vendor.simulator.store.advance(timedelta(hours=1))
    hub.sync(vendor, full=True)
    hub.settles(vendor)


# ---------------------------------------------------------------- many of one moment, and the search cap


def test_f30_more_records_of_one_moment_than_a_search_gives_are_all_landed_once(hub, hubspot, monkeypatch):
    monkeypatch.setattr(search, "CAP", 1_000)
    hubspot.others |= {"list_page_size": 100, "search_page_size": 200}
    hub.sync(hubspot)
    hubspot.simulator.store.advance(timedelta(hours=1))
    for number in range(8, 2_508):
        company(hubspot.simulator, number)
    hubspot.simulator.store.touch("companies", range(1001, 3508), hubspot.simulator.store.now)
    (result,) = hub.sync(hubspot)
    assert (result.state, result.landed) == ("complete", 2_507)
    hub.settles(hubspot)


@pytest.mark.parametrize("count", [99, 100, 101, 300])
def test_f31_a_search_cap_is_never_reached(hubspot, monkeypatch, count):
    monkeypatch.setattr(search, "CAP", 100)
    connector = hubspot.connector(search_page_size=20)
    cursor = list(connector.pull("companies", None))[-1].cursor
    hubspot.simulator.store.advance(timedelta(hours=1))
    added = {str(hubspot.simulator.store.add("companies", {"name": f"Company {n}"})) for n in range(count)}
    assert hubspot.read(connector, cursor) == added


def test_f32_records_out_of_order_lose_none(hub, vendor):
    vendor.breaks("shuffle", times=10**6, seed=1)
    hub.sync(vendor)
    vendor.simulator.store.advance(timedelta(hours=1))
    for number in (2, 3, 5):
        edit(vendor, number, "Edited")
    hub.sync(vendor)
    hub.settles(vendor)


# ---------------------------------------------------------------- late, and lagging


def test_f33_a_record_that_appears_late_with_an_older_stamp_comes_with_the_next_sync(hub, salesforce):
    hub.sync(salesforce)
    late = account(salesforce.simulator, 50)
    salesforce.simulator.store.touch("Account", [late], NOW - timedelta(minutes=4))
    salesforce.simulator.store.advance(timedelta(minutes=15))
    hub.sync(salesforce)
    assert late in hub.holds(salesforce)


def test_f33_one_that_appears_later_than_any_look_back_comes_with_the_reading_of_the_week(hub, salesforce):
    hub.sync(salesforce)
    salesforce.simulator.store.advance(timedelta(hours=1))
    hub.sync(salesforce)
    late = account(salesforce.simulator, 50)
    salesforce.simulator.store.advance(timedelta(hours=1))
    hub.sync(salesforce)
    missed = late not in hub.holds(salesforce)
    salesforce.simulator.store.advance(timedelta(days=8))
    hub.sync(salesforce)
    assert (missed, late in hub.holds(salesforce)) == (True, True)
    hub.settles(salesforce)


@pytest.mark.parametrize("seed", range(2))
def test_f34_whatever_the_lag_of_the_index_up_to_ten_minutes_nothing_is_missed(hub, hubspot, seed):
    dice = random.Random(seed)
    hubspot.simulator.searcher.lag = timedelta(seconds=dice.randint(0, 580))
    for step in range(4):
        edit(hubspot, dice.randint(1, 7), f"Edit {step}")
        hubspot.simulator.store.advance(timedelta(seconds=dice.randint(1, 900)))
        hub.sync(hubspot)
    hubspot.simulator.store.advance(timedelta(minutes=10))
    hub.settles(hubspot)


def test_f34_an_edit_that_jiras_index_hides_for_minutes_arrives(hub, jira):
    hub.sync(jira)
    jira.simulator.store.index_lag = timedelta(minutes=8)
    for step in range(4):
        edit(jira, 1 + step, f"Edit {step}")
        jira.simulator.store.advance(timedelta(minutes=3))
        hub.sync(jira)
    jira.simulator.store.advance(timedelta(minutes=9))
    hub.settles(jira)


# ---------------------------------------------------------------- clocks and zones


@pytest.mark.parametrize("minutes", [-15, 15])
def test_f35_a_wrong_clock_on_this_machine_moves_no_cursor(small_hub, vendor, minutes):
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=True):
        small_hub.sync(vendor)
        for number in (1, 2, 3):
            vendor.simulator.store.advance(timedelta(minutes=2))
            edit(vendor, number, "Edited")
            small_hub.sync(vendor)
        small_hub.settles(vendor)


def test_f36_a_record_of_2099_is_kept_and_hides_no_later_edit(hub, hubspot, salesforce):
    hubspot.simulator.store.touch("companies", [1001], NOW.replace(year=2099))
    salesforce.simulator.store.touch("Account", sorted(salesforce.ids)[:1], NOW.replace(year=2099))
    hub.sync(hubspot, salesforce)
    for one in (hubspot, salesforce):
        one.simulator.store.advance(timedelta(hours=2))
        edit(one, 3, "Edited")
    assert [one.state for one in hub.sync(hubspot, salesforce)] == ["complete"] * 2
    names = hub.query("SELECT payload FROM raw_current JOIN raw_record USING (raw_id)")
    assert sum(b'"Edited"' in bytes(row[0]) for row in names) == 2


def test_f37_two_edits_of_one_minute_with_a_sync_between_are_both_found(hub, jira):
    hub.sync(jira)
    jira.simulator.store.advance(timedelta(minutes=30, seconds=5))
    edit(jira, 1, "Before")
    hub.sync(jira)
    jira.simulator.store.advance(timedelta(seconds=30))
    edit(jira, 2, "After")
    hub.sync(jira)
    hub.settles(jira)


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "Pacific/Apia", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_f38_an_account_in_any_zone_gets_all_104_issues_of_the_last_hour(small_hub, zone):
    with vendors.jira(zone=zone) as site:
        site.others["page_size"] = 50
        small_hub.sync(site)
        site.simulator.store.advance(timedelta(days=1))
        small_hub.sync(site)
        for number in range(104):
            site.simulator.store.advance(timedelta(seconds=30))
            site.simulator.store.add(jira_rig.issue(100 + number, site.simulator.store.now))
        (result,) = small_hub.sync(site)
        assert (result.state, len(small_hub.holds(site))) == ("complete", 111)
        small_hub.settles(site)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2024-03-31T02:30:00", "Europe/Berlin"),
        ("2026-03-08T02:30:00", "America/New_York"),
    ],
)
def test_f39_an_hour_that_no_clock_showed_is_no_time(written, zone):
    with pytest.raises(Unreadable, match="unreadable_time"):
        clean_time(written, zone)


def test_f39_the_hour_shown_twice_is_the_earlier_one_and_its_neighbors_are_as_written():
    assert clean_time("2024-10-27T02:30:00", "Europe/Berlin") == "2024-10-27T00:30:00.000000Z"
    assert clean_time("2024-03-31T01:59:59", "Europe/Berlin") == "2024-03-31T00:59:59.000000Z"
    assert clean_time("2024-03-31T03:00:00", "Europe/Berlin") == "2024-03-31T01:00:00.000000Z"


@given(st.dates(), st.sampled_from(["UTC", "Pacific/Apia", "Pacific/Pago_Pago", "Asia/Kathmandu"]))
def test_f41_a_day_stays_the_day_it_is_in_every_zone(day, zone):
    if day.year not in {1, 9999}:
        assert clean_date(day.isoformat(), zone) == clean_date(day, zone) == day.isoformat()


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2024-05-01T25:00:00Z"],
)
def test_f42_times_that_are_none_are_said_to_be_none(written):
    with pytest.raises(Unreadable, match=r"sentinel_time|unreadable_time"):
        clean_time(written)


# ---------------------------------------------------------------- cursors at rest


DAMAGE = {
    "a byte of its text": 'UPDATE cursor SET state_json = \'{"phase": "list"}\'',
    "its checksum": "UPDATE cursor SET checksum = 'x' || checksum",
    "another stream's": "UPDATE cursor SET stream = 'contacts'",
    "another source's": "UPDATE cursor SET source = 'portal'",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_f43_a_cursor_that_is_not_ours_is_refused_with_the_repair(hub, hubspot, what):
    hub.sync(hubspot)
    hub.write(DAMAGE[what])
    hubspot.name = "portal" if "source" in what else hubspot.name
    hubspot.stream = "contacts" if "stream" in what else hubspot.stream
    (result,) = hub.sync(hubspot)
    assert (result.state, result.error.code) == ("needs_person", "cursor_damaged")
    assert "--full" in result.error.do
    assert hub.states(hubspot, full=True) == ["complete"]


def test_f43_a_cursor_of_the_future_is_refused_and_not_read_as_nothing_new(hub, hubspot):
    hub.sync(hubspot)
    with Database(hub.url).session() as connection, connection.transaction():
        state = load_cursor(connection, "hubspot", "companies") | {"since": "2031-01-01T00:00:00.000000Z"}
        store_cursor(connection, "hubspot", "companies", state, "x", MOMENT)
    (result,) = hub.sync(hubspot)
    assert (result.state, result.error.code) == ("needs_person", "cursor_in_future")


def test_f44_a_cursor_moved_back_reads_again_and_changes_nothing(hub, hubspot):
    hub.sync(hubspot)
    with Database(hub.url).session() as connection, connection.transaction():
        state = load_cursor(connection, "hubspot", "companies") | {"since": "2020-01-01T00:00:00.000000Z"}
        store_cursor(connection, "hubspot", "companies", state, "x", MOMENT)
    (result,) = hub.sync(hubspot)
    assert (result.state, result.read, result.landed) == ("complete", 7, 0)


def test_f45_news_during_a_long_first_reading_arrive_and_never_go_back(hub, vendor):
    vendor.breaks("503", nth=3, times=10**6)
    hub.sync(vendor)
    vendor.simulator.store.advance(timedelta(hours=1))
    for number in (1, 7):
        edit(vendor, number, "Edited meanwhile")
    vendor.simulator.faults.clear()
    hub.sync(vendor)
    vendor.simulator.store.advance(timedelta(hours=1))
    hub.settles(vendor)


def test_f45_an_older_version_that_a_slow_reading_brings_never_replaces_a_newer(hub):
    newer, older = "2026-01-02T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z"
    for version in (newer, older):
        script = pages(page(record("1", version, Op.UPSERT, name=version)))
        hub.sync(ScriptedConnector(source="crm").plays(THINGS, script))
    assert hub.query("SELECT version FROM raw_current") == [(newer,)]
    assert datetime.fromisoformat(newer) > LONG_AGO.replace(year=2025)
