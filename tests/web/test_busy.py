"""Forms while somebody else writes: told who within seconds, and what was typed is kept and sent again."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from partnerhub.web import app as application
from tests.web.browsing import signed_in
from tests.web.partner_rig import ACME, browsing
from tests.web.test_asking import WHY
from warehouse.database import Database

HOLDER = "process 17 on hub-1 [4026531836.abc/98765]"
SOON = timedelta(seconds=0.3)


@pytest.fixture
def writer(small):
    """A sync that publishes, with the database of the hub in its hand."""
    hub, _ = small
    lease = "UPDATE lease SET holder = ?, acquired_at = ?, renewed_at = ? WHERE name = 'publish'"
    with hub.database.session() as connection:
        with connection.transaction():
            connection.execute(lease, (HOLDER, *["2026-11-22T12:00:00.000000Z"] * 2))
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        if connection.raw.in_transaction:
            connection.execute("ROLLBACK")


@pytest.fixture
def browser(small, monkeypatch):
    hub, url = small
    monkeypatch.setattr(application, "PAGES_WAIT", SOON)
    with browsing(url, hub) as client:
        yield client


def ask(browser, hub, words="They told me Platinum."):
    address = f"/partners/{hub.id_of(ACME)}/ask"
    return browser.post(address, data={"field": "tier", **WHY, "words": words, "to": "a@b.example"})


def test_a_form_is_answered_within_seconds_with_who_writes_and_what_was_typed(small, browser, writer):
    hub, _ = small
    began = time.monotonic()
    told = ask(browser, hub, "Ask <b>them</b> soon")
    assert (told.status_code, time.monotonic() - began < 10) == (503, True)
    assert "Process 17 on hub-1 is making the partners’ records anew since" in told.text
    assert '<input type="hidden" name="words" value="Ask &lt;b&gt;them&lt;/b&gt; soon">' in told.text
    assert told.headers["retry-after"]
    assert "4026531836" not in told.text


def test_what_was_typed_is_sent_again_and_goes_through(small, browser, writer):
    hub, _ = small
    ask(browser, hub)
    writer.execute("ROLLBACK")
    assert ask(browser, hub).status_code == 200
    assert len(hub.rows("value_question")) == 1


def test_pages_are_read_while_somebody_writes(small, browser, writer):
    hub, _ = small
    assert browser.get(f"/partners/{hub.id_of(ACME)}").status_code == 200


def test_a_program_is_told_in_data(small, browser, writer):
    hub, _ = small
    given = {"field": "tier", "wrong": "wrong", "to": "a@b.example"}
    told = browser.post(f"/api/partners/{hub.id_of(ACME)}/questions", json=given)
    assert (told.status_code, told.json()["status"]) == (503, 503)


def test_a_password_is_typed_again_and_never_shown(small, monkeypatch):
    hub, url = small
    monkeypatch.setattr(application, "PAGES_WAIT", SOON)
    with signed_in(url, "manager") as browser, hub.database.session() as connection:
        connection.execute("BEGIN IMMEDIATE")
        secret = "correct horse battery"
        told = browser.post("/password", data={"password": secret, "again": secret})
        connection.execute("ROLLBACK")
    assert told.status_code == 503
    assert secret not in told.text


def test_an_act_and_a_preview_wait_no_longer_either(hub, monkeypatch):
    monkeypatch.setattr("partnerhub.web.wiring.PAGES_WAIT", SOON)
    question = hub.one("SELECT question_id FROM question")[0]
    with hub.browser() as browser, hub.database.session() as connection:
        connection.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        tried = browser.get(f"/review/{question}/preview")
        answered = browser.post(f"/review/{question}", data={"verdict": "different", "reason": "two of them"})
        took = time.monotonic() - began
        connection.execute("ROLLBACK")
    assert (tried.status_code, answered.status_code, took < 10) == (503, 503, True)
    assert "two of them" in answered.text
    assert hub.rows("SELECT 1 FROM steward_act") == []


def test_a_hub_of_an_older_program_says_so_and_not_that_it_is_away(hub):
    with hub.browser() as browser:
        question = hub.one("SELECT question_id FROM question")[0]
        with hub.database.session() as connection, connection.transaction():
            connection.execute("UPDATE alembic_version SET version_num = '0024'")
        told = browser.get(f"/review/{question}/preview")
    assert told.status_code == 503
    assert "The warehouse is at schema 0024" in told.text


def test_who_waits_less_long_for_writers_waits_less_long_for_a_lease(small):
    from pipelines.leases import acquire, held
    from warehouse.errors import AlreadyRunning

    hub, url = small
    with hub.database.session() as connection:
        acquire(connection, "publish")
        began = time.monotonic()
        with pytest.raises(AlreadyRunning), held(Database(url, waits=SOON), "publish"):
            pass
    assert time.monotonic() - began < 5
