"""The Salesforce connector against the simulator: complete and incremental, deleted, merged, restored, many, wide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import FixSetup, RetryLater, SkipStream, SyncError, WaitForQuota
from connectors.record import Op
from connectors.salesforce.answers import refine
from connectors.salesforce.ids import long_id
from connectors.salesforce.records import version_of
from connectors.transport import Answer
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.salesforce import SalesforceSimulator
from tests.connectors.conformance.salesforce_rig import DATA, NOW, account_id, empty_world, settings_for

LONG_AGO = NOW - timedelta(days=30)
QUERIES = "GET /services/data/*/query*"


@pytest.fixture
def salesforce(tmp_path):
    with SalesforceSimulator(empty_world(), directory=tmp_path) as simulator:
        yield simulator


def account(simulator, number, at=LONG_AGO, **values):
    name = {"Name": f"Company {number}"}
    return simulator.store.put("Account", account_id(number), name | values, created=LONG_AGO, changed=at)


def read(connector, stream="Account", cursor=None, **how):
    """All records of a reading and the cursor it ends with."""
    pages = list(connector.pull(stream, cursor, **how))
    return [record for page in pages for record in page.records], pages[-1].cursor


def ids(records, op=Op.UPSERT):
    return [record.source_id for record in records if record.op is op]


def seen(simulator, part):
    return sum(part in request for request in simulator.requests)


# ---------------------------------------------------------------- what is read


def test_the_first_reading_gives_every_described_field_and_no_compound_one(salesforce):
    account(
        salesforce, 1, BillingCity="Dresden", Own_Field__c="x", LastViewedDate="2026-08-01T00:00:00.000+0000"
    )
    (record,), _ = read(settings_for(salesforce))
    assert (record.payload["BillingCity"], record.payload["Own_Field__c"]) == ("Dresden", "x")
    assert not {"BillingAddress", "LastViewedDate"} & record.payload.keys()
    assert record.version == "2026-08-02T12:00:00.000000Z"


def test_an_incremental_reading_gives_what_changed_since_and_nothing_else(salesforce):
    account(salesforce, 1)
    account(salesforce, 2)
    _, cursor = read(settings_for(salesforce))
    salesforce.store.advance(timedelta(hours=1))
    salesforce.store.update("Account", account_id(2), Name="Renamed")
    changed, _ = read(settings_for(salesforce), cursor=cursor)
    assert [(r.source_id, r.payload["Name"]) for r in changed] == [(account_id(2), "Renamed")]


def test_a_row_that_appears_late_with_an_older_stamp_is_read_by_the_next_sync(salesforce):
    account(salesforce, 1)
    _, cursor = read(settings_for(salesforce))
    account(salesforce, 2, at=NOW - timedelta(minutes=4))
    salesforce.store.advance(timedelta(minutes=15))
    assert ids(read(settings_for(salesforce), cursor=cursor)[0]) == [account_id(2)]


@pytest.mark.fault("F27", "F30")
def test_thousands_of_rows_with_one_stamp_are_all_read_although_every_locator_dies(salesforce):
    for number in range(1, 3001):
        account(salesforce, number)
    found, connector = [], settings_for(salesforce, page_size=200)
    for page in connector.pull("Account", None):
        found += ids(page.records)
        salesforce.queries.forget()
    assert sorted(found) == sorted(account_id(number) for number in range(1, 3001))


@pytest.mark.fault("F36")
def test_a_row_dated_2099_is_kept_without_a_version_and_hides_no_later_change(salesforce):
    account(salesforce, 1, at=NOW.replace(year=2099))
    account(salesforce, 2)
    records, cursor = read(settings_for(salesforce))
    assert {r.source_id: r.version for r in records}[account_id(1)] is None
    salesforce.store.advance(timedelta(hours=2))
    salesforce.store.update("Account", account_id(2), Name="Later")
    assert account_id(2) in ids(read(settings_for(salesforce), cursor=cursor)[0])


def test_references_of_15_characters_become_18(salesforce):
    account(salesforce, 1)
    account(salesforce, 2, ParentId=account_id(1)[:15])
    records, _ = read(settings_for(salesforce))
    assert {r.source_id: r.payload["ParentId"] for r in records}[account_id(2)] == account_id(1)


@pytest.mark.fault("F54")
def test_an_own_id_of_15_characters_becomes_18(salesforce):
    salesforce.store.put("Account", account_id(1)[:15], {"Name": "Short"}, created=LONG_AGO, changed=LONG_AGO)
    assert ids(read(settings_for(salesforce))[0]) == [account_id(1)]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("001", "001"),
        ("001A0000006Vm9rIAC", "001A0000006Vm9rIAC"),
    ],
)
@pytest.mark.fault("F54")
def test_ids_of_15_and_18_characters(short, long):
    assert long_id(short) == long


def test_a_task_says_which_object_it_points_to_and_carries_the_mail_it_logged(salesforce):
    account(salesforce, 1)
    task = salesforce.store.add("Task", WhatId=account_id(1), Subject="Email: Hello", TaskSubtype="Email")
    salesforce.store.add("EmailMessage", ActivityId=task, MessageIdentifier="<1@x.example>", Subject="Hello")
    (record,), _ = read(settings_for(salesforce), "Task")
    assert record.payload["What"]["Type"] == "Account"
    assert record.payload["EmailMessages"]["records"][0]["MessageIdentifier"] == "<1@x.example>"


def test_a_custom_object_is_a_stream_like_any_other(salesforce):
    salesforce.store.add("Deal_Registration__c", Name="DR-1", Account__c=account_id(1))
    connector = settings_for(salesforce, objects=["Deal_Registration__c"])
    assert connector.streams()[-1].name == "Deal_Registration__c"
    assert len(read(connector, "Deal_Registration__c")[0]) == 1


def test_more_fields_than_an_address_holds_are_fetched_by_id(salesforce):
    wide = {f"Rather_Long_Name_Of_A_Custom_Field_{n}__c": f"value {n}" for n in range(400)}
    account(salesforce, 1, **wide)
    account(salesforce, 2, **wide, IsDeleted=True)
    records, _ = read(settings_for(salesforce))
    assert {r.source_id: r.op for r in records} == {account_id(1): Op.UPSERT, account_id(2): Op.DELETE}
    assert records[0].payload["Rather_Long_Name_Of_A_Custom_Field_399__c"] == "value 399"


# ---------------------------------------------------------------- deleted, merged, restored, purged


@pytest.mark.fault("F49", "F51", "F52")
def test_deleted_merged_and_restored_accounts_show_within_one_sync(salesforce):
    for number in (1, 2, 3):
        account(salesforce, number)
    _, cursor = read(settings_for(salesforce))
    salesforce.store.advance(timedelta(hours=1))
    salesforce.store.delete("Account", account_id(1))
    salesforce.store.merge("Account", account_id(3), account_id(2))
    gone, cursor = read(settings_for(salesforce), cursor=cursor)
    assert ids(gone, Op.DELETE) == [account_id(1)]
    assert [(r.source_id, r.winner_id) for r in gone if r.op is Op.MERGE] == [(account_id(2), account_id(3))]
    salesforce.store.advance(timedelta(hours=1))
    salesforce.store.undelete("Account", account_id(1))
    assert account_id(1) in ids(read(settings_for(salesforce), cursor=cursor)[0])


def test_a_winner_of_15_characters_is_named_by_18(salesforce):
    account(salesforce, 1)
    account(salesforce, 2, IsDeleted=True, MasterRecordId=account_id(1)[:15])
    records, _ = read(settings_for(salesforce))
    assert [r.winner_id for r in records if r.op is Op.MERGE] == [account_id(1)]


def test_everything_is_read_again_after_a_week_so_that_a_purged_record_is_missed(salesforce):
    account(salesforce, 1)
    account(salesforce, 2)
    _, cursor = read(settings_for(salesforce))
    salesforce.store.purge("Account", account_id(1))
    salesforce.store.advance(timedelta(days=6))
    assert next(settings_for(salesforce).pull("Account", cursor)).reading == "incremental"
    salesforce.store.advance(timedelta(days=2))
    pages = list(settings_for(salesforce).pull("Account", cursor))
    assert {page.reading for page in pages} == {"full"}
    assert [one for page in pages for one in ids(page.records)] == [account_id(2)]


# ---------------------------------------------------------------- permissions and schema


def test_an_object_the_user_may_not_read_is_one_stream_less(salesforce):
    account(salesforce, 1)
    salesforce.store.hide_object("Lead")
    connector = settings_for(salesforce)
    with pytest.raises(SkipStream) as caught:
        read(connector, "Lead")
    assert caught.value.stream == "Lead"
    assert ids(read(connector)[0]) == [account_id(1)]


def test_an_org_too_large_to_work_out_who_sees_what_names_the_permission_that_ends_it():
    body = b'[{"errorCode": "OPERATION_TOO_LARGE", "message": "exceeded 100000 distinct ids"}]'
    error = refine(Answer(400, {}, body))
    assert isinstance(error, SkipStream)
    assert (error.code, "View All Data" in error.do) == ("too_much_shared", True)


def test_a_field_no_longer_visible_stops_its_stream_and_is_named(salesforce):
    account(salesforce, 1, Partner_Tier__c="Gold")
    _, cursor = read(settings_for(salesforce))
    salesforce.store.hide_field("Account", "Partner_Tier__c")
    with pytest.raises(SkipStream, match="Partner_Tier__c"):
        read(settings_for(salesforce), cursor=cursor)
    records, _ = read(settings_for(salesforce), cursor=cursor, full=True)
    assert "Partner_Tier__c" not in records[0].payload


def test_a_field_that_vanishes_in_the_middle_of_a_first_reading_is_left_out_from_there(salesforce):
    for number in range(1, 6):
        account(salesforce, number, Fading__c="here")
    pages = settings_for(salesforce).pull("Account", None)
    first = next(pages)
    salesforce.store.hide_field("Account", "Fading__c")
    salesforce.queries.forget()
    rest = [record for page in pages for record in page.records]
    assert "Fading__c" in first.records[0].payload
    assert "Fading__c" not in rest[0].payload
    assert len(first.records) + len(rest) == 5


def test_a_new_field_has_everything_read_again(salesforce):
    account(salesforce, 1)
    account(salesforce, 2)
    _, cursor = read(settings_for(salesforce))
    salesforce.store.update("Account", account_id(1), Brand_New__c="x")
    salesforce.store.advance(timedelta(hours=1))
    records, _ = read(settings_for(salesforce), cursor=cursor)
    assert sorted(ids(records)) == sorted([account_id(1), account_id(2)])


def test_check_names_the_org_the_calls_left_and_every_permission_that_lacks(salesforce):
    salesforce.store.hide_object("Contract")
    salesforce.store.hide_field("Account", "Website")
    found = settings_for(salesforce).check()
    assert found.account == salesforce.door.organization_id
    assert set(found.missing_scopes) == {"object Contract: Read", "field Account.Website: Read"}
    assert found.details["api_calls_left"].endswith("of 100000")


def test_count_is_of_live_records_and_a_link_leads_to_the_record(salesforce):
    account(salesforce, 1)
    account(salesforce, 2, IsDeleted=True)
    connector = settings_for(salesforce)
    assert connector.count("Account") == 1
    assert (
        connector.deep_link("Account", account_id(1))
        == f"{salesforce.url}/lightning/r/Account/{account_id(1)}/view"
    )
    assert connector.deep_link("OpportunityHistory", "008") is None


# ---------------------------------------------------------------- quota and errors


@pytest.mark.fault("F23")
def test_a_used_up_day_is_a_wait_and_no_missing_permission(salesforce):
    account(salesforce, 1)
    salesforce.daily_limit = 1
    with pytest.raises(WaitForQuota) as caught:
        read(settings_for(salesforce, reserve_percent=0))
    assert (caught.value.code, caught.value.resumes_at) == ("daily_limit", NOW + timedelta(hours=1))


@pytest.mark.fault("F24")
def test_calls_left_to_others_are_not_taken(salesforce):
    for number in range(1, 41):
        account(salesforce, number)
    salesforce.daily_limit = 10
    with pytest.raises(WaitForQuota, match="kept for others"):
        read(settings_for(salesforce, reserve_percent=50))
    assert salesforce.calls == 6


def test_too_many_requests_at_once_are_waited_out(salesforce):
    account(salesforce, 1)
    salesforce.faults.add(Fault(DATA, "429", times=2))
    assert ids(read(settings_for(salesforce))[0]) == [account_id(1)]


@pytest.mark.parametrize("kind", ["html", "empty", "short", "reset", "truncate"])
def test_a_broken_body_is_asked_for_again(salesforce, kind):
    account(salesforce, 1)
    salesforce.faults.add(Fault(QUERIES, kind))
    assert ids(read(settings_for(salesforce))[0]) == [account_id(1)]


@pytest.mark.fault("F15", "F27")
def test_a_place_that_is_forgotten_again_and_again_without_a_row_gained_ends_the_reading(salesforce):
    for number in range(1, 6):
        account(salesforce, number)
    for row in salesforce.store.rows["Account"].values():
        row["SystemModstamp"] = None
    pages = settings_for(salesforce).pull("Account", None)
    next(pages)
    salesforce.queries.forget()
    next(pages)
    salesforce.queries.forget()
    with pytest.raises(RetryLater):
        next(pages)


def test_a_certificate_nobody_vouches_for_is_a_setting_to_mend(salesforce, tmp_path_factory):
    from partnerhub.simulator.salesforce.certificate import certify

    other = certify(tmp_path_factory.mktemp("other")).authority
    with pytest.raises(FixSetup) as caught:
        read(settings_for(salesforce, ca_bundle=other))
    assert caught.value.code == "tls_untrusted"


def test_a_redirect_is_not_followed(salesforce):
    salesforce.faults.add(Fault(QUERIES, "redirect"))
    with pytest.raises(SyncError) as caught:
        read(settings_for(salesforce))
    assert caught.value.code == "redirected"


@pytest.mark.parametrize(
    "cursor",
    [
        {"phase": "elsewhere"},
        {"phase": "changed"},
        {"phase": "all", "id": "x' OR Id != '"},
        {"phase": "all", "stamp": "2026-01-01 OR 1 = 1"},
        {"phase": "done", "since": "yesterday"},
        {"nonsense": 1},
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(salesforce, cursor):
    with pytest.raises(FixSetup) as caught:
        read(settings_for(salesforce), cursor=cursor)
    assert caught.value.code == "bad_cursor"


@pytest.mark.fault("F43")
def test_a_cursor_of_the_future_is_refused(salesforce):
    _, cursor = read(settings_for(salesforce))
    cursor["since"] = "2027-01-01T00:00:00.000000Z"
    cursor["full_at"] = "2027-01-01T00:00:00.000000Z"
    with pytest.raises(FixSetup) as caught:
        read(settings_for(salesforce), cursor=cursor)
    assert caught.value.code == "cursor_in_future"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2026-08-02T12:00:00.000+0000", "2026-08-02T12:00:00.000000Z"),
        ("2026-08-02T12:00:00Z", "2026-08-02T12:00:00.000000Z"),
        ("2026-08-02T14:00:00.000+0200", "2026-08-02T12:00:00.000000Z"),
        ("soon", None),
        (None, None),
    ],
)
def test_stamps_as_versions(text, version):
    assert version_of(text) == version
