"""Starting, resuming and ending runs from the pages and by the API: who may, what is said, where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from partnerhub.web.connected import now_text
from pipelines.land.runs import start_run, start_stream
from tests.pipelines.engine import Engine
from tests.web.browsing import signed_in
from tests.web.sync_rig import FAILING, Carrying, SettingsOf, synced_hub
from tests.web.test_sync_pages import ended, put, text_of

TAKER = "process 17 on web-1 [4/5]"


@pytest.fixture
def hub(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    return synced_hub(sqlite_url, monkeypatch)


@pytest.fixture
def site(hub: Engine) -> Iterator[TestClient]:
    with opened(hub, taker=lambda _: TAKER) as browser:
        yield browser


def opened(hub: Engine, *roles: str, **wiring: Any) -> TestClient:
    browser = signed_in(
        hub.database.url, *roles or ("ops",), acts=Carrying(), settings=SettingsOf(), **wiring
    )
    browser.follow_redirects = False
    return browser


def asked(site: TestClient, address: str) -> str:
    """Where a button leads."""
    answer = site.post(address)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def at_work(hub: Engine, run_id: str = "run-live", trigger: str = "cli") -> None:
    with hub.database.session() as connection:
        start_run(connection, run_id, trigger, now_text())
        start_stream(connection, run_id, "crm", "companies", now_text())


def incomplete(hub: Engine) -> None:
    put(hub, "sync_run", run_id="run-9", started_at=now_text(), trigger="schedule", state="incomplete")
    ended(hub, "incomplete")


def changed(hub: Engine, statement: str, *values: Any) -> None:
    with hub.database.session() as connection, connection.transaction():
        connection.execute(statement, values)


def test_sync_now_is_a_button_for_operators_and_leads_to_what_was_asked_for(site):
    assert '<form action="/sync/crm/now" method="post"' in site.get("/sync/crm").text
    assert '<form action="/sync/sheet/now" method="post"' in site.get("/sync").text
    said = text_of(site.get(asked(site, "/sync/crm/now")))
    assert "Waiting asked for by ana@hub.example just now" in said
    assert "It begins within seconds" in said
    assert "Taken by process 17 on web-1." in said


def test_who_may_only_read_has_no_button(hub):
    with opened(hub, "manager") as browser:
        assert "/now" not in browser.get("/sync/crm").text + browser.get("/sync").text
        assert browser.post("/sync/crm/now").status_code == 403


def test_with_nobody_at_work_the_pages_say_so_and_show_the_command(hub):
    with opened(hub) as browser:
        assert "Nobody takes what is asked for here" in text_of(browser.get("/sync"))
        said = text_of(browser.get(asked(browser, "/sync/crm/now")))
    assert "Nobody is at work who takes it" in said
    assert "partnerhub sync crm" in said


def test_a_second_sync_of_a_source_is_refused_in_words_and_leads_to_the_first(site):
    first = asked(site, "/sync/crm/now")
    page = site.get(asked(site, "/sync/crm/now"))
    assert "Refused" in text_of(page)
    assert "ana@hub.example asked for the same" in text_of(page)
    assert f'href="{first}"' in page.text


def test_a_source_that_is_being_read_is_watched_and_a_second_sync_leads_to_its_run(hub, site):
    at_work(hub)
    assert '<a class="btn btn-sm" href="/runs/run-live">' in site.get("/sync").text
    page = site.get(asked(site, "/sync/crm/now"))
    assert "crm is being read already" in text_of(page)
    assert 'href="/runs/run-live">Watch the run at work' in page.text


def test_what_was_asked_for_leads_to_its_run_as_soon_as_it_has_begun(hub, site):
    place = asked(site, "/sync/crm/now")
    changed(
        hub,
        "UPDATE job SET state = 'running', taken_at = ?, taken_by = ?, run_id = 'run-live'",
        now_text(),
        TAKER,
    )
    assert "Its program is starting" in text_of(site.get(place))
    at_work(hub, trigger="asked")
    assert site.get(place).headers["location"] == "/runs/run-live"
    assert site.get(place, headers={"hx-request": "true"}).headers["hx-redirect"] == "/runs/run-live"
    assert "started from a page by ana@hub.example" in text_of(site.get("/runs/run-live"))


def test_a_page_that_waits_asks_again_for_its_part_alone_and_stops_when_it_is_over(hub, site):
    place = asked(site, "/sync/crm/now")
    part = site.get(place, headers={"hx-request": "true"}).text
    assert 'hx-trigger="every 1s"' in part
    assert "<h1" not in part
    changed(hub, "UPDATE job SET state = 'failed', outcome = 'It cannot be started.'")
    part = site.get(place, headers={"hx-request": "true"}).text
    assert "It cannot be started." in part
    assert "hx-trigger" not in part


def test_a_run_refused_after_it_was_taken_says_why(hub, site):
    place = asked(site, "/sync/crm/now")
    changed(hub, "UPDATE job SET state = 'refused', outcome = 'A sync of crm is already running.'")
    assert "A sync of crm is already running." in text_of(site.get(place))


def test_what_was_cut_short_is_resumed_by_a_button_and_who_asked_stands_on_its_page(hub, site):
    incomplete(hub)
    assert '<form action="/runs/run-9/resume" method="post"' in site.get("/runs/run-9").text
    assert "Resuming run run-9" in text_of(site.get(asked(site, "/runs/run-9/resume")))
    assert "ana@hub.example asked that it be resumed just now" in text_of(site.get("/runs/run-9"))


def test_a_run_at_work_is_ended_by_a_button(hub, site):
    at_work(hub)
    assert '<form action="/runs/run-live/cancel" method="post"' in site.get("/runs/run-live").text
    place = asked(site, "/runs/run-live/cancel")
    assert site.get(place).headers["location"] == "/runs/run-live"
    assert "asked to end it just now" in text_of(site.get("/runs/run-live"))


def test_a_run_that_is_over_has_no_button_and_cannot_be_ended(site):
    assert "/cancel" not in site.get("/runs/run-2").text
    assert "It is not at work." in text_of(site.get(asked(site, "/runs/run-2/cancel")))


def test_what_was_asked_for_stands_in_the_history_of_its_source(site):
    asked(site, "/sync/crm/now")
    assert "ana@hub.example asked for a sync" in text_of(site.get("/sync/crm"))


def test_programs_start_follow_and_pause_by_the_api(hub, site):
    made = site.post("/api/sources/crm/sync")
    assert (made.status_code, made.json()["state"]) == (202, "waiting")
    again = site.post("/api/sources/crm/sync")
    assert (again.status_code, "asked for the same" in again.json()["title"]) == (409, True)
    followed = site.get(f"/api/asked-runs/{made.json()['asked']}").json()
    assert (followed["asked"]["target"], followed["taker"]) == ("crm", "process 17 on web-1")
    assert site.post("/api/sources/crm/pause", json={"reason": "moving", "hours": 2}).json()["paused_until"]
    assert site.post("/api/sources/crm/unpause", json={}).status_code == 200
    assert site.post("/api/sources/nobody/sync").status_code == 404


def test_programs_read_runs_with_their_phases(hub, site):
    put(
        hub,
        "run_phase",
        run_id="run-2",
        phase="stage",
        state="complete",
        started_at=now_text(),
        unit="records",
    )
    page = site.get("/api/runs?limit=1").json()
    assert [row["run_id"] for row in page["runs"]] == ["run-2"]
    older = site.get("/api/runs", params={"after": page["next"]}).json()
    assert [row["run_id"] for row in older["runs"]] == ["run-1"]
    one = site.get("/api/runs/last").json()
    assert [row["phase"] for row in one["phases"]] == ["stage"]
    assert {row["stream"] for row in one["streams"]} == {"companies", "emails"}


def test_programs_resume_and_end_runs(hub, site):
    incomplete(hub)
    at_work(hub)
    assert site.post("/api/runs/run-9/resume").status_code == 409  # crm is being read
    assert site.post("/api/runs/run-live/cancel").status_code == 202
    assert site.post("/api/runs/run-2/cancel").json()["title"] == "It is not at work."


def test_a_stream_that_is_new_is_pending_until_a_sync_has_read_it(site, monkeypatch):
    monkeypatch.setattr(SettingsOf, "streams", lambda *_: ["companies", "emails", "deals"])
    said = text_of(site.get("/sync/crm"))
    assert "deals Pending new: the next sync reads it for the first time" in said
    assert "All 2 streams read completely, but for 1 new one." in said


def test_what_failed_and_is_tried_again_says_so(hub, site):
    ended(hub, "needs_person", error_code="x", error_happened="The token was revoked.", error_do="Renew it.")
    at_work(hub)
    for address in ("/sync", "/sync/crm"):
        assert "It is being tried again right now: 1 of 2 streams being read." in text_of(site.get(address))


def test_after_records_are_let_through_again_the_source_is_read_by_a_button(site):
    page = site.get("/quarantine?source=crm&tried=1")
    assert "1 record will be tried again by the next sync." in text_of(page)
    assert '<form action="/sync/crm/now" method="post"' in page.text


def test_an_error_says_who_acts(hub, site):
    assert "Who acts: you ." in said_by(site.get("/sync/nobody"))
    with opened(hub, "auditor", login="eve@hub.example") as browser:
        assert "Who acts: an administrator of this hub ." in said_by(browser.post("/sync/crm/now"))


def said_by(answer: Any) -> str:
    """What an error page says."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_programs_see_what_is_wrong_and_decide_on_it(site):
    assert {row["stream"] for row in site.get("/api/sources").json()["streams"]} == {"companies", "emails"}
    (problem,) = site.get("/api/problems?severity=error").json()["problems"]
    (group,) = site.get("/api/quarantine").json()["groups"]
    chosen = {"source": group["source"], "rule": group["rule"]}
    (record,) = site.get("/api/quarantine", params=chosen).json()["records"]
    assert record["record"] == FAILING
    assert site.post("/api/quarantine/replay", json={**chosen, "records": [FAILING]}).json() == {
        "tried": 1,
        "left": 0,
    }
    said = {"act": "acknowledge", "fingerprints": [problem["fingerprint"]], "reason": "mending it"}
    assert site.post("/api/problems/decide", json=said).json()["state"] == "acknowledged"
    let_be = site.post("/api/quarantine/discard", json={**chosen, "everything": True, "reason": "old"})
    assert let_be.json() == {"discarded": 1}
    assert site.post("/api/quarantine/replay", json={**chosen, "records": []}).status_code == 409
