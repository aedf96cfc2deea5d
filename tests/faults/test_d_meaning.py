"""F49–F66: what a source says about its records, however odd, is kept, read where it can be, and never guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import FixSetup
from connectors.record import SourceRecord
from mappings.clean.text import clean_identifier
from partnerhub.simulator.world.projects import IssueProject
from pipelines.land.endless import guarded
from tests.connectors.conformance import salesforce_rig
from tests.faults.companies import crm, made
from tests.faults.vendors import LONG_AGO
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record

# ---------------------------------------------------------------- gone, back, merged, moved


def delete(vendor):
    """Delete the second record as people do."""
    store = vendor.simulator.store
    store.advance(timedelta(hours=1))
    if vendor.name == "hubspot":
        store.archive("companies", 1002)
        return "1002"
    if vendor.name == "salesforce":
        store.delete("Account", salesforce_rig.account_id(2))
        return salesforce_rig.account_id(2)
    if vendor.name == "jira":
        vendor.simulator.delete_issue("20002")
        store.advance(timedelta(days=8))
        return "20002"
    vendor.simulator.delete_task("1002")
    return "1002"


def restore(vendor):
    """Bring the second record back."""
    store = vendor.simulator.store
    store.advance(timedelta(hours=1))
    if vendor.name == "hubspot":
        store.restore("companies", 1002)
    elif vendor.name == "salesforce":
        store.undelete("Account", salesforce_rig.account_id(2))
    else:
        vendor.simulator.undelete_task("1002")


def test_f49_a_deleted_record_is_gone_within_one_sync_and_no_other(hub, vendor):
    hub.sync(vendor)
    gone = delete(vendor)
    hub.sync(vendor)
    assert hub.held(vendor.name, vendor.stream)[gone] in {"delete", "not_visible"}
    assert hub.holds(vendor) == vendor.ids - {gone}
    hub.settles(vendor)


def test_f49_a_deleted_record_says_so_on_its_page(whole, hubspot):
    whole.whole(hubspot)
    gone = delete(hubspot)
    whole.whole(hubspot)
    rows = whole.query("SELECT source_id FROM staged_organization WHERE deleted_at IS NOT NULL")
    assert rows == [(gone,)]


def test_f50_a_purged_record_is_found_by_the_reading_of_the_week(hub, salesforce):
    hub.sync(salesforce)
    salesforce.simulator.store.purge("Account", salesforce_rig.account_id(2))
    salesforce.simulator.store.advance(timedelta(days=8))
    hub.sync(salesforce)
    assert hub.held("salesforce", "Account")[salesforce_rig.account_id(2)] == "not_visible"
    hub.settles(salesforce)


def test_f50_when_all_is_gone_at_once_nothing_is_emptied_before_a_person_says_so(whole, salesforce):
    whole.whole(salesforce)
    before = whole.organizations()
    for one in sorted(salesforce.ids):
        salesforce.simulator.store.purge("Account", one)
    salesforce.simulator.store.advance(timedelta(days=8))
    whole.whole(salesforce)
    assert (whole.organizations(), whole.problems()) == (before, ["mass_change"])


def test_f51_a_chain_of_merges_leaves_one_organization_with_its_first_id(whole, hubspot):
    whole.whole(hubspot)
    first = whole.organizations()["Company 1 🌱"]
    store = hubspot.simulator.store
    store.advance(timedelta(hours=1))
    second = store.merge("companies", 1001, 1002)
    whole.whole(hubspot)
    store.advance(timedelta(hours=1))
    store.merge("companies", second, 1003)
    whole.whole(hubspot)
    assert (len(whole.organizations()), whole.organizations()["Company 1 🌱"]) == (5, first)
    whole.settles(hubspot)


def test_f51_a_chain_of_merges_told_in_one_go_ends_the_same(whole, hubspot):
    whole.whole(hubspot)
    first = whole.organizations()["Company 1 🌱"]
    store = hubspot.simulator.store
    store.advance(timedelta(hours=1))
    store.merge("companies", store.merge("companies", 1001, 1002), 1003)
    whole.whole(hubspot)
    assert (len(whole.organizations()), whole.organizations()["Company 1 🌱"]) == (5, first)


def test_f52_a_record_brought_back_is_the_same_organization(whole, hubspot):
    whole.whole(hubspot)
    before = whole.organizations()
    delete(hubspot)
    whole.whole(hubspot)
    assert len(whole.organizations()) == 6
    restore(hubspot)
    whole.whole(hubspot)
    assert whole.organizations() == before


@pytest.mark.parametrize("name", ["salesforce", "asana"])
def test_f52_what_a_vendor_brings_back_is_live_again(hub, request, name):
    vendor = request.getfixturevalue(name)
    hub.sync(vendor)
    gone = delete(vendor)
    hub.sync(vendor)
    restore(vendor)
    hub.sync(vendor)
    assert hub.held(vendor.name, vendor.stream)[gone] in {"restore", "upsert"}
    hub.settles(vendor)


def test_f53_an_issue_that_moves_keeps_its_id_under_a_new_key(hub, jira):
    jira.simulator.store.add_project(IssueProject("10002", "OPS", "Operations", "owner-1"))
    hub.sync(jira)
    jira.simulator.store.advance(timedelta(hours=1))
    jira.simulator.move_issue("20002", "OPS")
    hub.sync(jira)
    assert hub.holds(jira) == jira.ids
    hub.settles(jira)


# ---------------------------------------------------------------- ids and names


@pytest.mark.parametrize(
    "twins",
    [
        ("001A0000006Vm9r", "001A0000006Vm9R"),
        ("007", "7"),
        ("9007199254740993", "9007199254740992"),
        ("ß", "ss"),
    ],
)
def test_f54_f55_ids_that_differ_at_all_are_two_records_on_every_database(whole, twins):
    whole.whole(crm(*(made(one, name=f"Company {n}") for n, one in enumerate(twins))))
    assert set(whole.held("crm", "companies")) == set(twins)
    assert {row[0] for row in whole.query("SELECT source_id FROM staged_organization")} == set(twins)


@pytest.mark.parametrize("written", ["007", "9007199254740993", "001A0000006Vm9R"])
def test_f55_an_id_keeps_zeros_digits_and_case(written):
    assert clean_identifier(written) == written


NAMES = ("NA", "None", "Null Inc", "null", "N/A Partners", "True", "0815")


def test_f56_a_company_may_be_called_like_nothing(whole):
    whole.whole(crm(*(made(n, name=name, domain=f"c{n}.example") for n, name in enumerate(NAMES))))
    assert NAMES[0] in whole.organizations()
    assert {row[0] for row in whole.query("SELECT name FROM staged_organization")} == set(NAMES)


def test_f57_two_records_of_one_domain_are_both_kept_whether_they_are_one_organization_or_two(whole):
    same = {"domain": "kestrel.example", "city": "Bonn"}
    whole.whole(crm(made(1, name="Kestrel Logistics", **same), made(2, name="Petrel Shipping", **same)))
    assert whole.query("SELECT sum(record_count) FROM organization") == [(2,)]
    assert len(whole.held("crm", "companies")) == 2


# ---------------------------------------------------------------- what cannot be read


def test_f58_of_a_hundred_records_the_one_that_cannot_be_read_costs_itself_alone(whole):
    records = [made(n, name=f"Company {n}") for n in range(1, 100)] + [made(100, city="Bonn")]
    counts = whole.whole(crm(*records))
    assert (counts.records, counts.quarantined, len(whole.organizations())) == (100, 1, 99)
    assert len(whole.problems()) == 1
    whole.whole(crm(*records[:-1], made(100, name="Mended", city="Bonn")))
    assert ("Mended" in whole.organizations(), whole.problems()) == (True, [])


def test_f59_a_page_that_is_mostly_unreadable_stops_its_stream_and_moves_no_cursor(hub):
    good = page(record("1"), cursor={"page": 1})
    bad = page(*(SourceRecord("", {"n": n}, malformed="no_id") for n in range(150)), cursor={"page": 2})
    (result,) = hub.sync(ScriptedConnector(source="crm").plays(THINGS, pages(good, bad, good)))
    assert (result.state, result.error.code) == ("needs_person", "mostly_unreadable")
    assert (result.quarantined, hub.query("SELECT state_json FROM cursor")) == (150, [('{"page": 1}',)])


def test_f59_a_stream_of_many_makers_goes_on_whatever_they_made():
    bad = page(*(SourceRecord("", {"n": n}, malformed="damaged") for n in range(150)))
    with pytest.raises(FixSetup):
        list(guarded([bad]))
    assert len(list(guarded([bad], one_maker=False))) == 1


ODD_TEXTS = (
    "nul \x00 in it",
    "lone \ud800 surrogate",
    "bell \x07",
    "\ufffe",
    "Zu\u0308rich",
    "ＡＣＭＥ",
    "a\u200bb",
    "\u202eabc",
)


def test_f60_f61_odd_characters_arrive_in_raw_and_are_readable_on_every_database(whole):
    whole.whole(crm(*(made(n, name=f"{text} {n}") for n, text in enumerate(ODD_TEXTS))))
    assert len(whole.organizations()) == len(ODD_TEXTS)
    assert all("\x00" not in name and "\x07" not in name for name in whole.organizations())
    again = whole.whole(crm(*(made(n, name=f"{text} {n}") for n, text in enumerate(ODD_TEXTS))))
    assert again.records == 0


def test_f63_a_field_of_a_megabyte_and_thousands_of_fields_are_kept_and_bounded(whole):
    wide = {f"field_{n}": "x" for n in range(5_000)}
    whole.whole(crm(made(1, name="Long", about_us="x" * 2**20), made(2, name="Wide", **wide)))
    assert set(whole.organizations()) == {"Long", "Wide"}
    assert whole.query("SELECT max(length(payload)) FROM raw_record") > [(2**20,)]


def test_f65_an_association_that_changes_alone_is_found_when_all_are_read_again(hub, hubspot):
    hubspot.simulator.store.put(
        "contacts", 5, {"email": "a@b.example"}, created_at=LONG_AGO, updated_at=LONG_AGO
    )
    hubspot.stream = "contacts_to_companies"
    hub.sync(hubspot)
    hubspot.simulator.associate(("contacts", "companies"), 5, 1001)
    hubspot.simulator.store.advance(timedelta(hours=25))
    (result,) = hub.sync(hubspot)
    assert result.landed == 1


def test_f66_an_owner_who_left_is_kept_and_said_to_have_left(hub, hubspot):
    owner = {"id": "7", "email": "ann@hub.example", "archived": False, "firstName": "Ann", "lastName": "Lee"}
    hubspot.simulator.store.owners.append(owner)
    hubspot.stream = "owners"
    hub.sync(hubspot)
    owner["archived"] = True
    hub.sync(hubspot)
    assert hub.held("hubspot", "owners") == {"7": "delete"}
