"""The HubSpot connector against the simulator: complete and incremental reading, archived, merged, future, many."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from connectors.errors import FixSetup, RetryLater, SkipStream, WaitForQuota
from connectors.hubspot import HubSpot
from connectors.hubspot.records import live_records, version_of
from connectors.record import Op
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from tests.connectors.conformance.hubspot_rig import NOW, empty_world, settings_for

LONG_AGO = NOW - timedelta(days=30)
LARGE_PAGES = {"list_page_size": 100, "search_page_size": 200}


@pytest.fixture
def hubspot():
    with HubSpotSimulator(empty_world()) as simulator:
        yield simulator


def company(simulator, number, at=LONG_AGO, **properties):
    values = {"name": f"C{number}", **properties}
    return simulator.store.put("companies", number, values, created_at=at, updated_at=at)


def read(connector, stream="companies", cursor=None, **how):
    """All records of a reading and the cursor it ends with."""
    pages = list(connector.pull(stream, cursor, **how))
    return [record for page in pages for record in page.records], pages[-1].cursor


def ids(records, op=Op.UPSERT):
    return [record.source_id for record in records if record.op is op]


def test_the_first_reading_lists_everything_with_every_property(hubspot):
    company(hubspot, 1, zip="01067", own_field="x")
    (record,), _ = read(settings_for(hubspot))
    assert record.payload["properties"]["zip"] == "01067"
    assert record.payload["properties"]["own_field"] == "x"
    assert record.version == "2026-08-02T12:00:00.000000Z"


def test_an_incremental_reading_gives_what_changed_since_and_nothing_else(hubspot):
    company(hubspot, 1)
    company(hubspot, 2)
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    hubspot.store.update("companies", 2, name="Renamed")
    changed, _ = read(settings_for(hubspot), cursor=cursor)
    assert [(r.source_id, r.payload["properties"]["name"]) for r in changed] == [("2", "Renamed")]


def test_a_change_the_search_index_shows_late_is_read_by_the_next_sync(hubspot):
    hubspot.searcher.lag = timedelta(minutes=2)
    company(hubspot, 1)
    _, cursor = read(settings_for(hubspot))
    hubspot.store.update("companies", 1, name="Late")
    hubspot.store.advance(timedelta(minutes=1))
    early, cursor = read(settings_for(hubspot), cursor=cursor)
    hubspot.store.advance(timedelta(minutes=5))
    late, _ = read(settings_for(hubspot), cursor=cursor)
    assert ids(early) == []
    assert ids(late) == ["1"]


def test_contacts_are_searched_by_their_own_modification_property(hubspot):
    hubspot.store.put("contacts", 5, {"email": "a@b.de"}, created_at=LONG_AGO, updated_at=LONG_AGO)
    _, cursor = read(settings_for(hubspot), "contacts")
    hubspot.store.advance(timedelta(hours=1))
    hubspot.store.update("contacts", 5, firstname="Ada")
    assert ids(read(settings_for(hubspot), "contacts", cursor)[0]) == ["5"]


@pytest.mark.fault("F30", "F31")
def test_25_000_records_with_one_timestamp_are_all_read_and_paging_ends(hubspot):
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    for number in range(1, 25_001):
        company(hubspot, number, at=hubspot.store.now)
    changed, _ = read(settings_for(hubspot, **LARGE_PAGES), cursor=cursor)
    assert len(set(ids(changed))) == len(changed) == 25_000


def test_a_record_dated_2099_arrives_and_does_not_carry_the_cursor_away(hubspot):
    company(hubspot, 1, at=datetime(2099, 1, 1, tzinfo=UTC))
    first, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    company(hubspot, 2, at=hubspot.store.now)
    changed, later = read(settings_for(hubspot), cursor=cursor)
    assert [record.version for record in first] == [None]
    assert "2" in ids(changed)
    assert later["since"] == "2026-09-01T13:00:00.000000Z"


def test_an_archived_record_shows_as_deleted_although_its_modification_time_stands_still(hubspot):
    company(hubspot, 1)
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    hubspot.store.archive("companies", 1)
    (gone,), _ = read(settings_for(hubspot), cursor=cursor)
    assert (gone.source_id, gone.op, gone.version) == ("1", Op.DELETE, "2026-09-01T13:00:00.000000Z")


def test_a_merge_names_every_loser_and_the_new_record_that_won(hubspot):
    for number in (1, 2, 3):
        company(hubspot, number)
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    last = hubspot.store.merge("companies", hubspot.store.merge("companies", 1, 2), 3)
    changed, _ = read(settings_for(hubspot), cursor=cursor)
    assert ids(changed) == [str(last)]
    merged = {record.source_id: record.winner_id for record in changed if record.op is Op.MERGE}
    assert {"1", "2", "3"} <= set(merged)
    assert set(merged.values()) == {str(last)}


def test_merged_contacts_are_known_by_their_own_property():
    item = {
        "id": "9",
        "updatedAt": "2026-01-01T00:00:00Z",
        "properties": {"hs_calculated_merged_vids": "7:170;8:171;9:1"},
    }
    assert ids(live_records([item], "2027"), Op.MERGE) == ["7", "8"]


def test_more_properties_than_fit_into_an_address_are_fetched_by_batch_read(hubspot):
    company(hubspot, 1, **{f"a_rather_long_custom_property_{number}": str(number) for number in range(100)})
    (record,), _ = read(settings_for(hubspot))
    assert record.payload["properties"]["a_rather_long_custom_property_99"] == "99"
    assert "POST /crm/v3/objects/companies/batch/read" in hubspot.requests


def test_more_properties_than_fit_into_a_search_are_fetched_by_batch_read(hubspot):
    long_names = {f"a_rather_long_custom_property_{number}": str(number) for number in range(150)}
    company(hubspot, 1, **long_names)
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    hubspot.store.update("companies", 1, name="Renamed")
    (record,), _ = read(settings_for(hubspot), cursor=cursor)
    assert record.payload["properties"]["a_rather_long_custom_property_149"] == "149"
    assert record.payload["properties"]["name"] == "Renamed"


def test_a_record_archived_between_listing_and_batch_read_is_not_landed_half_empty(hubspot):
    for number in (1, 2):
        company(hubspot, number, **{f"a_rather_long_custom_property_{n}": "x" for n in range(100)})
    hubspot.searcher.lag = timedelta(minutes=5)
    cursor = {"phase": "done", "since": "2026-08-01T00:00:00.000000Z"}
    hubspot.store.archive("companies", 1)
    records, _ = read(settings_for(hubspot), cursor=cursor)
    assert ids(records) == ["2"]
    assert ids(records, Op.DELETE) == ["1"]


def test_only_chosen_properties_are_asked_for(hubspot):
    company(hubspot, 1, domain="c.de", phone="1")
    connector = settings_for(hubspot, properties={"companies": ["domain"]})
    (record,), _ = read(connector)
    assert record.payload["properties"]["domain"] == "c.de"
    assert "phone" not in record.payload["properties"]


def test_a_killed_incremental_reading_resumes_behind_its_last_page(hubspot):
    _, cursor = read(settings_for(hubspot))
    hubspot.store.advance(timedelta(hours=1))
    for number in range(1, 8):
        company(hubspot, number, at=hubspot.store.now)
    pages = settings_for(hubspot).pull("companies", cursor)
    kept = [next(pages), next(pages)]
    rest, _ = read(settings_for(hubspot), cursor=kept[-1].cursor)
    assert ids(kept[0].records + kept[1].records) == ["1", "2", "3", "4"]
    assert ids(rest) == ["5", "6", "7"]


def test_only_a_reading_that_began_in_this_session_claims_to_be_full(hubspot):
    for number in range(1, 6):
        company(hubspot, number)
    pages = list(settings_for(hubspot).pull("companies", None, full=True))
    resumed = list(settings_for(hubspot).pull("companies", pages[0].cursor))
    assert {page.reading for page in pages} == {"full"}
    assert {page.reading for page in resumed} == {"incremental"}


def test_what_changes_during_a_long_reading_is_found_by_the_next(hubspot):
    for number in range(1, 8):
        company(hubspot, number)
    pages = settings_for(hubspot).pull("companies", None)
    next(pages)
    hubspot.store.update("companies", 1, name="Changed behind the reader's back")
    hubspot.store.advance(timedelta(hours=3))
    cursor = list(pages)[-1].cursor
    assert ids(read(settings_for(hubspot), cursor=cursor)[0]) == ["1"]


def test_owners_are_read_whole_and_those_who_left_as_deleted(hubspot):
    hubspot.store.owners = [
        {
            "id": str(n),
            "email": f"{n}@example.org",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "archived": n == 3,
        }
        for n in (1, 2, 3)
    ]
    records, cursor = read(settings_for(hubspot), "owners")
    assert ids(records) == ["1", "2"]
    assert ids(records, Op.DELETE) == ["3"]
    assert read(settings_for(hubspot), "owners", cursor)[0] == records


@pytest.mark.parametrize(
    "cursor",
    [
        {"phase": "elsewhere"},
        {"page": 3},
        {"phase": "done"},
        {"phase": "done", "since": "?"},
        {"phase": "search", "since": "2026-01-01T00:00:00.000000Z", "after": "x"},
    ],
)
def test_a_foreign_cursor_is_refused_with_a_way_out(hubspot, cursor):
    with pytest.raises(FixSetup) as caught:
        read(settings_for(hubspot), cursor=cursor)
    assert "--full" in caught.value.do


def test_a_cursor_ahead_of_hubspot_is_refused_instead_of_finding_nothing(hubspot):
    cursor = {"phase": "done", "since": "2031-01-01T00:00:00.000000Z"}
    with pytest.raises(FixSetup) as caught:
        read(settings_for(hubspot), cursor=cursor)
    assert caught.value.code == "cursor_in_future"


def test_the_daily_limit_waits_until_midnight_where_the_account_lives(hubspot):
    connector = settings_for(hubspot)
    connector.check()
    hubspot.faults.add(Fault("* /crm/v3/objects/companies", "429_daily"))
    with pytest.raises(WaitForQuota) as caught:
        read(connector)
    assert caught.value.resumes_at == datetime(2026, 9, 1, 22, tzinfo=UTC)  # midnight in Berlin


def test_the_account_wide_limit_is_waited_out_by_streams_that_share_it(hubspot):
    hubspot.rate_limit, hubspot.rate_window_seconds = 3, 0.1
    for number in range(1, 10):
        company(hubspot, number)
    connector = settings_for(hubspot, tries=50, first_wait_seconds=0.02)
    assert len(read(connector)[0]) == 9


@pytest.mark.parametrize("kind", ["reset", "short", "html", "empty", "502", "503"])
def test_a_fault_that_passes_costs_no_record(hubspot, kind):
    for number in range(1, 6):
        company(hubspot, number)
    hubspot.faults.add(Fault("GET /crm/v3/objects/companies", kind, nth=2, times=2))
    assert ids(read(settings_for(hubspot))[0]) == ["1", "2", "3", "4", "5"]


def test_a_search_that_repeats_its_page_raises(hubspot):
    _, cursor = read(settings_for(hubspot))
    for number in range(1, 8):
        company(hubspot, number, at=NOW)
    hubspot.faults.add(Fault("POST /crm/v3/objects/companies/search", "repeat_token", nth=2, times=99))
    with pytest.raises(RetryLater):
        read(settings_for(hubspot), cursor=cursor)


def test_a_missing_scope_is_named_and_skips_only_its_stream(hubspot):
    hubspot.faults.add(Fault("GET /crm/v3/objects/deals", "403", times=99))
    connector = settings_for(hubspot)
    with pytest.raises(SkipStream) as caught:
        read(connector, "deals")
    assert "crm.objects.deals.read" in caught.value.do
    assert connector.check().missing_scopes == ("crm.objects.deals.read",)
    assert read(connector)[0] == []


def test_check_names_what_may_not_be_read_even_where_hubspot_names_no_scope(hubspot):
    hubspot.faults.add(Fault("GET /crm/v3/properties/calls", "404", times=99))
    assert settings_for(hubspot).check().missing_scopes == ("/crm/v3/properties/calls",)


def test_an_error_says_where_it_happened(hubspot):
    hubspot.faults.add(Fault("GET /crm/v3/objects/deals", "503", times=99))
    with pytest.raises(RetryLater) as caught:
        read(settings_for(hubspot, source="crm"), "deals")
    assert (caught.value.source, caught.value.stream) == ("crm", "deals")


def test_check_proves_whose_account_it_is(hubspot):
    assert settings_for(hubspot).check().account == "48000001"


def test_check_with_a_wrong_token_says_what_to_do(hubspot):
    with pytest.raises(FixSetup) as caught:
        settings_for(hubspot, token="wrong").check()
    assert caught.value.code == "unauthorized"


def test_the_count_is_hubspots_own(hubspot):
    for number in range(1, 6):
        company(hubspot, number)
    hubspot.store.archive("companies", 1)
    assert settings_for(hubspot).count("companies") == 4
    assert settings_for(hubspot).count("owners") is None


def test_a_link_leads_to_the_record_once_the_account_is_known(hubspot):
    connector = settings_for(hubspot)
    assert connector.deep_link("companies", "7") is None
    connector.check()
    assert (
        connector.deep_link("companies", "7") == "https://app-eu1.hubspot.com/contacts/48000001/record/0-2/7"
    )


def test_a_token_is_never_sent_unencrypted_to_another_machine():
    with pytest.raises(ValueError, match="https"):
        HubSpot(token="t", base_url="http://api.hubapi.com")


def test_a_setting_that_would_do_nothing_is_refused():
    with pytest.raises(ValueError, match="kompanies"):
        HubSpot(token="t", leave_out=("kompanies",))


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    with self_signed_server(tmp_path) as url, pytest.raises(FixSetup) as caught:
        HubSpot(token="t", base_url=url, tries=1).check()
    assert caught.value.code == "tls_untrusted"


def test_a_further_certificate_authority_is_trusted_when_named(tmp_path):
    with self_signed_server(tmp_path) as url:
        connector = HubSpot(token="t", base_url=url, tries=1, ca_bundle=tmp_path / "cert.pem")
        with pytest.raises(RetryLater) as caught:
            connector.check()
    assert caught.value.code == "server_error"


@contextmanager
def self_signed_server(folder):
    """Something on this machine that speaks TLS and answers 501 to everything."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so no certificate can be made")
    names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    made = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 {names} -keyout key.pem -out cert.pem"
    subprocess.run([openssl, *made.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_redirect_is_refused_instead_of_followed_with_the_token(hubspot):
    hubspot.faults.add(Fault("GET /crm/v3/objects/companies", "redirect", times=99))
    with pytest.raises(FixSetup) as caught:
        read(settings_for(hubspot))
    assert caught.value.code == "redirected"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2026-05-01T10:00:00.123Z", "2026-05-01T10:00:00.123000Z"),
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00.000000Z"),
        ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00.000000Z"),
        ("yesterday", None),
        (None, None),
    ],
)
def test_stamps_become_fixed_width_utc(text, version):
    assert version_of(text) == version


def test_items_that_are_no_records_are_kept_under_a_reason():
    records = live_records([{"name": "no id"}, ["list"], None], "2027")
    assert [record.malformed for record in records] == ["no_id", "not_an_object", "not_an_object"]
    assert records[1].payload == {"value": ["list"]}
