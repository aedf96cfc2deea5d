"""A vendor that refuses its token: what the pages of syncs say of it is so, and said once."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from connectors.record import utc_text
from tests.conftest import NOW
from tests.web.browsing import signed_in
from tests.web.sync_rig import Carrying, SettingsOf
from warehouse import bulk
from warehouse.database import Database
from warehouse.queries.watching import HEALTH

STREAMS = ("issues", "projects", "users", "worklogs")
LOGINS = count()
HAPPENED, DO = "Jira answered with HTTP status 401.", "Create a new access token."


def at(hours_ago: float) -> str:
    return utc_text(NOW - timedelta(hours=hours_ago))


def write(url: str, table: str, *rows: dict[str, Any]) -> None:
    with Database(url).session() as connection, connection.transaction():
        bulk.insert(connection, table, tuple(rows[0]), [tuple(row.values()) for row in rows])


def ran(url: str, run_id: str, hours_ago: float, state: str, streams: tuple[str, ...] = STREAMS) -> None:
    """A run that read streams of Jira with this outcome."""
    begun, wrong = at(hours_ago), state in {"needs_person", "failed"}
    times = {"started_at": begun, "finished_at": begun}
    write(url, "sync_run", {"run_id": run_id, "trigger": "cli", "state": state, **times})
    numbers = dict.fromkeys(
        ("pages", "read", "landed", "unchanged", "superseded", "quarantined", "removed"), 0
    )
    said = {"error_code": "unauthorized", "error_happened": HAPPENED, "error_do": DO} if wrong else {}
    row = {"run_id": run_id, "source": "jira", "state": state, **times}
    write(url, "stream_run", *(row | {"stream": each} | numbers | said for each in streams))


@pytest.fixture
def jira(sqlite_url, frozen_clock):
    """It was read in the morning, and has refused its token since."""
    write(sqlite_url, "source", {"source": "jira", "connector": "jira", "title": "Jira", "account": "a"})
    ran(sqlite_url, "run-good", 3, "complete")
    ran(sqlite_url, "run-bad", 1, "needs_person")
    row = {
        "severity": "error",
        "stage": "pull",
        "state": "open",
        "source": "jira",
        "source_id": "",
        "count": 1,
    }
    row |= {
        "code": "unauthorized",
        "happened": HAPPENED,
        "to_do": DO,
        "first_run_id": "run-bad",
        "last_run_id": "run-bad",
    }
    write(sqlite_url, "sync_error", *(
        row | {"fingerprint": f"f-{each}", "stream": each, "first_seen_at": at(1), "last_seen_at": at(1 - n / 3600)}
        for n, each in enumerate(STREAMS)
    ))  # fmt: skip
    return sqlite_url


def page(url: str, path: str, **wiring: Any) -> str:
    with signed_in(url, "ops", login=f"ops{next(LOGINS)}@hub.example", acts=Carrying(), **wiring) as browser:
        return " ".join(browser.get(path).text.split())


def test_a_day_that_began_well_and_ended_badly_is_no_complete_day(jira):
    assert "Last 14 days: 13 no run, 1 failed (1 Oct)." in page(jira, "/sync/jira")
    ran(jira, "run-part", 0.5, "complete", STREAMS[:1])
    assert "1 partly read (1 Oct)" in page(jira, "/sync/jira")
    ran(jira, "run-mended", 0.2, "complete")
    assert "13 no run, 1 complete" in page(jira, "/sync/jira")


def test_a_trouble_of_all_streams_is_one_line_with_what_is_missing_since_when(jira):
    text = page(jira, "/errors")
    assert text.count(HAPPENED) == 1
    assert "Jira 4 streams</a>" in text
    assert "What Jira says of 4 streams since 1 Oct, 06:00 UTC is not here yet." in text


def test_what_comes_next_with_a_partner_stands_beside_what_is_missing_of_it(jira):
    write(
        jira,
        "organization",
        {"organization_id": "o", "name": "Acme", "rules": "x", "renews_on": "2026-11-12"},
    )
    link = {
        "record": "jira/issues/7",
        "organization_id": "o",
        "started_at": at(9),
        "method": "founding",
        "run_id": "r",
    }
    write(jira, "organization_link", link)
    with Database(jira).session() as connection:
        connection.execute("UPDATE sync_error SET source_id = '7' WHERE stream = 'issues'")
    text = page(jira, "/errors")
    assert text.count("The renewal of Acme on 12 Nov 2026 is affected.") == 2


def test_one_decision_marks_all_streams_of_a_trouble(jira):
    with signed_in(jira, "ops", acts=Carrying()) as browser:
        marks = [f"f-{each}" for each in STREAMS]
        browser.post(
            "/errors/decide", data={"act": "acknowledge", "reason": "token asked for", "fingerprint": marks}
        )
        assert HAPPENED not in browser.get("/errors").text
        assert browser.get("/errors?state=acknowledged").text.count(HAPPENED) == 1
        assert browser.post("/errors/decide", data={"act": "acknowledge", "reason": "x"}).status_code == 422


def test_a_run_tells_a_trouble_once_with_the_next_commands(jira):
    text = page(jira, "/runs/run-bad")
    assert text.count(HAPPENED) == 1
    assert "partnerhub check jira" in text


class Scheduled(SettingsOf):
    def next_runs(self) -> dict[str, str]:
        return {"jira": utc_text(NOW + timedelta(seconds=20))}


def test_the_next_try_is_promised_only_where_something_runs_the_schedule(jira):
    due = {"jira": at(1)}
    told = {"settings": Scheduled(), "due": lambda: due}
    assert "once the scheduler runs</time>" in page(jira, "/sync", **told)
    write(jira, "heartbeat", {"name": HEALTH, "beat_at": at(0), "since_at": at(1), "said": ""})
    text = page(jira, "/sync/jira", **told)
    assert "once the scheduler runs" not in text
    assert ">in a moment</time>" in text
