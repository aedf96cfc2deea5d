"""The pages of sources, quarantine, errors, records and rules over a hub that really synced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from partnerhub.web import payloads
from tests.pipelines.engine import Engine
from tests.web.browsing import client, link_for, signed_in
from tests.web.sync_rig import FAILING, Carrying, SettingsOf, synced_hub
from warehouse import bulk

ALDER = "SELECT organization_id FROM organization_link WHERE record = 'crm/companies/2'"


@pytest.fixture
def hub(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    return synced_hub(database_url, monkeypatch)


@pytest.fixture
def small(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """On SQLite only: for what does not depend on SQL."""
    return synced_hub(sqlite_url, monkeypatch)


@pytest.fixture
def site(small: Engine) -> Iterator[TestClient]:
    with signed_in(small.database.url, "ops", acts=Carrying(), settings=SettingsOf()) as browser:
        yield browser


@pytest.fixture
def ops(hub: Engine) -> Iterator[TestClient]:
    with signed_in(hub.database.url, "ops", acts=Carrying(), settings=SettingsOf()) as browser:
        yield browser


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def put(engine: Engine, table: str, **values: Any) -> None:
    with engine.database.session() as connection, connection.transaction():
        bulk.insert(connection, table, tuple(values), [tuple(values.values())])


def ended(engine: Engine, state: str, **facts: Any) -> None:
    """The newest run of the companies, which ended like this."""
    at = "2099-01-01T00:00:00.000000Z"
    counts = dict.fromkeys(
        ("pages", "read", "landed", "unchanged", "superseded", "quarantined", "removed"), 0
    )
    row = {"run_id": "run-9", "source": "crm", "stream": "companies", "state": state, "started_at": at}
    put(engine, "stream_run", **row, finished_at=at, **counts, **facts)


def test_before_the_first_sync_the_page_says_what_to_run(sqlite_url):
    with signed_in(sqlite_url, "ops") as browser:
        assert "partnerhub sync" in text_of(browser.get("/sync"))


def test_a_healthy_source_says_that_nobody_needs_to_act_and_one_nobody_read_is_pending(ops):
    said = text_of(ops.get("/sync"))
    assert "Healthy Scripted" not in said
    assert "Scripted Healthy crm · account-1 All 2 streams read completely. Nobody needs to act." in said
    assert "sheet Not read yet" in said
    assert "Last 14 days: 13 no run, 1 complete." in unescape(ops.get("/sync").text)


def test_a_failure_names_who_must_act_and_what_to_do(small, site):
    ended(
        small, "needs_person", error_code="x", error_happened="The token was revoked.", error_do="Renew it."
    )
    said = text_of(site.get("/sync"))
    assert "Failed, action required" in said
    assert "The token was revoked. A person must act: Renew it. (companies)" in said


def test_the_page_of_a_source_shows_what_its_streams_brought_and_how_complete_they_are(hub, ops):
    compared = {"checked_at": "2026-10-01T09:00:00.000000Z", "method": "ids", "in_source": 3, "in_hub": 2}
    counts = {"quarantined": 1, "missed": 0, "gone": 0, "days_json": "{}", "sample_json": "[]"}
    put(hub, "reconciliation", run_id="r", source="crm", stream="companies", **compared, **counts)
    said = text_of(ops.get("/sync/crm"))
    assert "companies Healthy 2 1 1 1" in said
    assert "2/3 ≠" in said
    assert "250 of 1,000: 75 % headroom" in said
    assert "companies 2 : The mapping failed with KeyError." in said
    assert ops.get("/sync/nobody").status_code == 404


def test_a_source_is_paused_with_a_reason_and_read_again(hub, ops):
    ops.post("/sync/crm/pause", data={"reason": "They move", "hours": "8"})
    said = text_of(ops.get("/sync/crm"))
    assert "ana@hub.example paused the source: “They move”" in said
    assert "Paused by ana@hub.example until" in said
    ops.post("/sync/crm/unpause", data={"reason": ""})
    assert hub.query("SELECT * FROM pause") == []
    acts = [row[0] for row in hub.query("SELECT act FROM operator_act ORDER BY acted_at")]
    verbs = [
        row[0]
        for row in hub.query("SELECT verb FROM audit_entry WHERE subject = 'source:crm' ORDER BY number")
    ]
    assert (acts, verbs) == (["pause", "unpause"], ["source.pause", "source.unpause"])


def test_a_pause_without_a_reason_is_refused_and_pages_without_acts_have_no_form(small, site):
    assert site.post("/sync/crm/pause", data={"reason": ""}).status_code == 422
    with signed_in(small.database.url, "ops", login="b@hub.example") as reader:
        assert "Pause this source" not in reader.get("/sync/crm").text
        assert reader.post("/sync/crm/pause", data={"reason": "x"}).status_code == 409


def test_what_is_set_aside_stands_under_its_reason_with_the_partner_that_lacks_it(site):
    said = text_of(site.get("/quarantine"))
    assert "mapping failed" in said
    assert "Scripted company 2" in said
    assert "Alder" in said
    assert "Alder Group" in said  # the sample, as it arrived


def test_a_ticked_record_is_tried_again_by_the_next_sync(hub, ops):
    given = {"source": "crm", "rule": "mapping_failed", "record": [FAILING]}
    said = text_of(ops.post("/quarantine/replay", data=given))
    assert "1 record will be tried again by the next sync" in said
    assert "waits for the next sync" in said
    hub.derive()
    assert ("Alder Group",) in hub.query("SELECT name FROM organization")
    assert "Nothing is set aside" in text_of(ops.get("/quarantine"))


def test_replaying_a_reason_leaves_what_arrived_unreadable_and_says_so(small, site):
    newest = "SELECT raw_id FROM raw_current WHERE source_id = '2'"
    with small.database.session() as connection, connection.transaction():
        connection.execute(f"UPDATE raw_record SET quarantine = 'damaged' WHERE raw_id = ({newest})")
    given = {"source": "crm", "rule": "mapping_failed", "everything": "1"}
    assert "1 record arrived unreadable" in text_of(site.post("/quarantine/replay", data=given))
    assert small.query("SELECT count(*) FROM raw_current WHERE staged_raw_id = -1") == [(0,)]


def test_letting_records_be_keeps_them_and_who_said_so(small, site):
    given = {"source": "crm", "rule": "mapping_failed", "record": [FAILING], "reason": "A test company"}
    assert "may stay so, says ana@hub.example" in text_of(site.post("/quarantine/discard", data=given))
    assert small.query("SELECT state, decided_by, reason FROM sync_error") == [
        ("discarded", "ana@hub.example", "A test company")
    ]
    assert site.post("/quarantine/discard", data={**given, "record": ["crm/companies/1"]}).status_code == 409


def test_errors_say_which_partner_lacks_what_and_lead_to_its_page(hub, ops):
    ((organization_id,),) = hub.query(ALDER)
    page = ops.get("/errors")
    assert "Alder lacks 1 company of crm" in text_of(page)
    assert f'href="/partners/{organization_id}"' in page.text
    assert 'href="/records/crm/companies/2"' in page.text


def test_a_problem_is_acknowledged_and_opened_again_with_a_reason(hub, ops):
    ((mark,),) = hub.query("SELECT fingerprint FROM sync_error")
    ops.post("/errors/decide", data={"act": "acknowledge", "fingerprint": mark, "reason": "Asked the vendor"})
    assert "Nothing is wrong" in text_of(ops.get("/errors"))
    said = text_of(ops.get("/errors?state=acknowledged"))
    assert "ana@hub.example marked it acknowledged: “Asked the vendor”" in said
    ops.post("/errors/decide", data={"act": "reopen", "fingerprint": mark, "reason": "Came again"})
    assert "The mapping failed" in text_of(ops.get("/errors"))
    unknown = {"act": "discard", "fingerprint": "0", "reason": "x"}
    assert ops.post("/errors/decide", data=unknown).status_code == 404


def test_more_problems_than_a_page_holds_are_each_shown_once(hub, ops):
    words = {
        "severity": "warning",
        "stage": "land",
        "source": "crm",
        "stream": "deals",
        "to_do": "-",
        "happened": "-",
    }
    times = {"first_seen_at": "2026-10-01T09:00:00.000000Z", "last_seen_at": "2026-10-01T09:00:00.000000Z"}
    for number in range(40):
        runs = {"first_run_id": "run-1", "last_run_id": "run-1"}
        put(hub, "sync_error", fingerprint=f"f{number:02}", code=f"c{number:02}", **words, **times, **runs)
    page = ops.get("/errors").text
    following = unescape(re.findall(r'rel="next" href="([^"]+)"', page)[0])
    shown = re.findall(r"\bc\d\d\b", page + ops.get(following).text)
    assert sorted(set(shown)) == [f"c{number:02}" for number in range(40)]
    assert len(shown) == 40


def test_from_a_red_badge_to_what_arrived_takes_two_clicks(small, site):
    ended(
        small, "needs_person", error_code="x", error_happened="The token was revoked.", error_do="Renew it."
    )
    source = re.findall(r'<h2><a href="([^"]+)"', site.get("/sync").text)[0]
    record = re.findall(r'href="(/records/[^"]+)"', site.get(source).text)[0]
    assert "Alder Group" in text_of(site.get(record))


def test_a_record_shows_its_versions_and_what_the_hub_made_of_it(hub, ops):
    said = text_of(ops.get("/records/crm/companies/2"))
    assert "2 versions" in said
    assert "name Alder" in said
    older = min(row[0] for row in hub.query("SELECT raw_id FROM raw_record WHERE source_id = '2'"))
    payload = ops.get(f"/records/crm/companies/2?version={older}").text.partition("<pre")[2]
    assert "Alder" in payload
    assert "Alder Group" not in payload
    assert ops.get("/records/crm/companies/77").status_code == 404
    assert ops.get("/records/crm/companies/1?version=999").status_code == 404


def test_a_payload_is_for_whoever_may_read_raw_records_and_never_has_a_secret(small, site):
    assert "t0psecret" not in site.get("/records/crm/companies/1").text
    assert payloads.HIDDEN in unescape(site.get("/records/crm/companies/1").text)
    with signed_in(small.database.url, "manager", login="m@hub.example") as manager:
        page = manager.get("/records/crm/companies/1").text
    assert "<pre" not in page
    assert "Who may read raw records sees it here" in page


@pytest.mark.parametrize("role", ["ops", "admin"])
def test_of_a_mail_nobody_reads_a_word_here(small, role):
    with signed_in(small.database.url, role, login="r@hub.example") as browser:
        page = browser.get("/records/crm/emails/9").text
    assert "(15 characters)" in page
    assert "secret plan" not in page
    assert "Do not tell" not in page


def test_who_may_know_of_one_partner_sees_nothing_of_others(hub):
    ((kestrel,),) = hub.query(
        "SELECT organization_id FROM organization_link WHERE record = 'crm/companies/1'"
    )
    with client(hub.database.url) as browser:
        browser.post(f"/sign-in/{link_for(hub.database.url, 's@hub.example', 'ops', only=[kestrel])}")
        assert "Nothing is wrong" in text_of(browser.get("/errors"))
        assert "Nothing is set aside" in text_of(browser.get("/quarantine"))
        assert browser.get("/records/crm/companies/2").status_code == 404
        assert "Kestrel" in text_of(browser.get("/records/crm/companies/1"))


def test_rules_stand_with_the_partners_they_declare_and_fields_with_how_often_they_say_something(hub, ops):
    ((organization_id,),) = hub.query(ALDER)
    put(hub, "partnership", organization_id=organization_id, program="default", rule="crm: every record")
    put(hub, "partnership", organization_id=organization_id, program="old", rule="sheet: every record")
    said = text_of(ops.get("/rules"))
    assert "crm: every record 1 An organization" in said
    assert "crm: tier is Gold 0 Nobody." in said
    assert "sheet: every record 1 No longer in the settings" in said
    assert "properties.name name line 100 %" in said
    assert "properties.city city line 0 %" in said


def test_the_pages_need_nothing_but_the_warehouse(hub):
    with signed_in(hub.database.url, "ops") as browser:
        for address in ("/sync", "/sync/crm", "/runs", "/runs/run-2", "/quarantine", "/errors", "/rules"):
            assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/sync/%00", "/runs/%00", "/records/a/b/%00", "/errors?source=%00", "/quarantine?rule=%00"]
)
def test_an_address_no_database_could_take_is_refused(ops, address):
    assert ops.get(address).status_code in {404, 422}


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ({"note": "Bearer abcdefghijklmnop"}, "abcdefghijklmnop"),
        ({"client_secret": "hush"}, "hush"),
        ({"link": "https://ana:hush@crm.example/"}, "hush"),
        ({"TaskSubtype": "Email", "Description": "hush"}, "hush"),
        ({"deep": [{"hs_email_subject": "hush"}]}, "hush"),
    ],
)
def test_secrets_and_words_of_mails_do_not_get_onto_a_page(content, kept):
    assert kept not in payloads.printed(json.dumps(content).encode(), is_mail=False)[0]


def test_what_is_no_secret_is_shown_as_it_came():
    content = {"name": "Token Ltd", "tasks": [1, None, "Basic plan"]}
    assert json.loads(payloads.printed(json.dumps(content).encode(), is_mail=False)[0]) == content
