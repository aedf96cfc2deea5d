"""The pages of runs: numbers that add up, what to run next, and a run that is watched while it is at work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from partnerhub.web import sync_words
from partnerhub.web.connected import now_text
from partnerhub.web.routes import runs
from pipelines.land.runs import finish_run, start_run, start_stream
from tests.pipelines.engine import Engine
from tests.web.browsing import signed_in
from tests.web.sync_rig import synced_hub
from tests.web.test_sync_pages import ended, put, text_of


@pytest.fixture
def hub(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    return synced_hub(database_url, monkeypatch)


@pytest.fixture
def site(hub: Engine) -> Iterator[TestClient]:
    with signed_in(hub.database.url, "ops") as browser:
        yield browser


def begun(hub: Engine) -> None:
    """A run of this process that reads the companies right now."""
    with hub.database.session() as connection:
        start_run(connection, "run-live", "cli", now_text())
        start_stream(connection, "run-live", "crm", "companies", now_text())


def read_on(hub: Engine, **counts: int) -> None:
    """What landing writes with every page."""
    sets = ", ".join(f"{name} = {count}" for name, count in counts.items())
    with hub.database.session() as connection, connection.transaction():
        connection.execute(f"UPDATE stream_run SET {sets} WHERE run_id = 'run-live'")


def ended_well(hub: Engine) -> None:
    with hub.database.session() as connection:
        finish_run(connection, "run-live", "complete", now_text())


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Server-sent events by name."""
    blocks = [block.split("\n", 1) for block in text.split("\n\n") if block.startswith("event: ")]
    return [(head.removeprefix("event: "), json.loads(body.removeprefix("data: "))) for head, body in blocks]


def test_runs_are_listed_the_newest_first_with_numbers_that_add_up(site):
    said = text_of(site.get("/runs"))
    page = site.get("/runs").text
    assert page.index("/runs/run-2") < page.index("/runs/run-1")
    assert "3 1 2 0 1" in said  # read = landed + unchanged + superseded, and one of them set aside
    assert "Complete" in said


def test_runs_are_narrowed_to_a_source_and_a_state(site):
    assert "No run is like this" in text_of(site.get("/runs?source=nobody"))
    assert "No run is like this" in text_of(site.get("/runs?state=failed"))
    assert "/runs/run-1" in site.get("/runs?source=crm&state=complete").text


def test_a_run_shows_each_stream_and_the_record_it_set_aside(site):
    page = site.get("/runs/run-2")
    said = text_of(page)
    assert "crm companies Complete landed: 1 unchanged: 1 2 1 1 0 1 1" in said
    assert "= landed 1 + unchanged 2 + superseded 0" in said
    assert 'href="/records/crm/companies/2"' in page.text
    assert "do not add up" not in said


def test_a_run_is_found_by_the_beginning_of_its_id_and_as_the_last_one(site):
    assert site.get("/runs/last", follow_redirects=False).headers["location"] == "/runs/run-2"
    assert site.get("/runs/run-", follow_redirects=False).status_code == 404  # two begin so
    assert site.get("/runs/nothing").status_code == 404


def test_a_failed_stream_comes_with_the_exact_next_commands(hub, site):
    put(hub, "sync_run", run_id="run-9", started_at=now_text(), trigger="schedule", state="needs_person")
    ended(hub, "needs_person", error_code="x", error_happened="The token was revoked.", error_do="Renew it.")
    said = text_of(site.get("/runs/run-9"))
    assert (
        "The token was revoked. Renew it. partnerhub check crm partnerhub sync crm Mend it and read it again"
        in said
    )


def test_a_run_whose_process_was_killed_says_so(hub, site):
    begun(hub)
    assert "Its process is gone" not in text_of(site.get("/runs/run-live"))
    ((holder,),) = hub.query("SELECT holder FROM sync_run WHERE run_id = 'run-live'")
    gone = f"process 4194303{holder[holder.index(' on ') :]}"
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE sync_run SET holder = ? WHERE run_id = 'run-live'", (gone,))
    assert "Its process is gone" in text_of(site.get("/runs/run-live"))


def test_a_run_that_has_ended_sends_its_parts_and_the_end(site):
    answer = site.get("/runs/run-2/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events_of(answer.text)
    assert [data["id"] for name, data in found if name == "part"] == [
        "sums",
        "phases",
        "crm/companies",
        "crm/emails",
    ]
    assert found[-1] == ("end", {"state": "complete"})
    assert site.get("/runs/nothing/events").status_code == 404


def test_a_run_at_work_is_seen_to_go_on_and_to_end(hub, site, monkeypatch):
    monkeypatch.setattr(runs, "LOOK_EVERY_SECONDS", 0.01)
    begun(hub)
    page = site.get("/runs/run-live").text
    assert 'data-events="/runs/run-live/events"' in page
    assert 'id="crm/companies"' in page

    async def watch() -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        async for text in runs.watched(SimpleNamespace(app=site.app), "run-live"):  # type: ignore[arg-type]
            found += events_of(text)
            if len(found) == 3:
                read_on(hub, pages=1, read=70, landed=30, unchanged=40)
            elif any("30 landed, 40 unchanged" in data.get("html", "") for _, data in found):
                ended_well(hub)
        return found

    found = asyncio.run(watch())
    assert "It is about to begin" in found[1][1]["html"]
    assert "0 read" in found[2][1]["html"]
    assert found[-1] == ("end", {"state": "complete"})


def test_who_may_not_read_syncs_gets_no_event(hub):
    with signed_in(hub.database.url, "ops", login="x@hub.example") as browser:
        browser.post("/sign-out")
        assert browser.get("/runs/run-2/events", follow_redirects=False).status_code == 303


def test_shares_of_what_was_read_fill_the_bar_and_nothing_read_is_empty():
    row = {"read": 4, "landed": 1, "unchanged": 3, "superseded": 0}
    assert [(part["x"], part["width"]) for part in sync_words.parts(row)] == [
        (0.0, 25.0),
        (25.0, 75.0),
        (100.0, 0.0),
    ]
    empty = dict.fromkeys(row, 0)
    assert all(part["width"] == 0.0 for part in sync_words.parts(empty))
    assert sync_words.adds_up(row)
    assert not sync_words.adds_up({**row, "read": 5})


def test_durations_read_as_people_say_them():
    at = "2026-10-01T09:00:0{}.000000Z"
    assert sync_words.duration(at.format(0), at.format(4)) == "4.0 s"
    assert sync_words.duration(at.format(0), "2026-10-01T09:02:05.000000Z") == "2 min 5 s"
    assert sync_words.duration(at.format(0), "2026-10-01T10:03:00.000000Z") == "1 h 3 min"
    assert sync_words.duration(at.format(0), None) == ""


def test_a_run_that_did_not_come_through_says_how_it_is_resumed(hub, site):
    put(hub, "sync_run", run_id="run-9", started_at=now_text(), trigger="schedule", state="incomplete")
    ended(hub, "incomplete", resumes_at="2031-01-01T00:00:00.000000Z")
    said = text_of(site.get("/runs/run-9"))
    assert "partnerhub resume run-9 on the hub’s machine" in said
    assert "goes on by itself in" in said


def test_what_came_through_since_is_not_resumed(hub, site):
    put(
        hub,
        "sync_run",
        run_id="run-9",
        started_at="2020-01-01T00:00:00.000000Z",
        trigger="schedule",
        state="failed",
    )
    ended(hub, "failed")
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE stream_run SET started_at = ?, finished_at = ? WHERE run_id = 'run-9'",
                           ("2020-01-01T00:00:00.000000Z", "2020-01-01T00:01:00.000000Z"))  # fmt: skip
    assert "partnerhub resume" not in text_of(site.get("/runs/run-9"))


def test_some_requests_of_a_run_are_shown_and_what_did_not_go_well_is_marked(hub, site):
    put(hub, "sync_run", run_id="run-9", started_at=now_text(), trigger="schedule", state="complete")
    kept = [[now_text(), "200", 120, 4096], [now_text(), "429", 15, 20]]
    ended(hub, "complete", requests=7, requests_json=json.dumps(kept))
    said = text_of(site.get("/runs/run-9"))
    assert "crm companies 7 requests, 1 of these did not go well" in said or "7 requests, 1 of these" in said
    assert "120 ms 4,096" in said
    assert '<span class="badge bg-orange-lt">429</span>' in site.get("/runs/run-9").text


def test_a_run_that_sent_no_request_shows_none(site):
    assert "Some of its requests" not in text_of(site.get("/runs/run-1"))


def test_the_phases_of_a_run_are_bars_within_its_time_with_what_became_of_what_came_in(hub, site):
    counts = {
        "unit": "records",
        "entered": 2,
        "changed": 1,
        "rejected": 1,
        "counts_json": '{"rows written": 3}',
    }
    times = {"started_at": now_text(), "finished_at": now_text()}
    put(hub, "run_phase", run_id="run-2", phase="stage", state="complete", **times, **counts)
    page = site.get("/runs/run-2")
    assert "Staging puts records into one shape Complete" in text_of(page)
    assert "3 rows written" in text_of(page)
    assert "2 records 1 0 1" in text_of(page)
    assert '<rect class="phase-complete"' in page.text


def test_a_run_from_before_they_were_kept_says_that_its_phases_were_not_recorded(site):
    assert "They were not recorded: this run is from before the hub kept them." in text_of(
        site.get("/runs/run-1")
    )


def test_a_run_that_broke_by_itself_says_in_which_phase_and_who_acts(hub, site):
    at = {"started_at": now_text(), "finished_at": now_text()}
    put(hub, "sync_run", run_id="run-9", trigger="schedule", state="failed", **at)
    put(hub, "run_phase", run_id="run-9", phase="publish", state="failed", unit="records", **at)
    said = text_of(site.get("/runs/run-9"))
    assert "It broke in publishing." in said
    assert "An operator of this hub runs partnerhub --debug sync" in said
    assert "It broke" not in text_of(site.get("/runs/run-2"))


def test_who_stopped_a_run_by_a_command_stands_on_its_page(hub, site):
    act = {"acted_at": now_text(), "actor": "ben", "act": "cancel", "target": "run-2", "reason": "too big"}
    put(hub, "operator_act", act_id="a", **act)
    assert "ben stopped a run just now : “too big”" in text_of(site.get("/runs/run-2"))
