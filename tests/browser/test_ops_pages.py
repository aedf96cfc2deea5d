"""Journeys: a run that is watched, a hub whose scheduler is down, from a bad state to the record behind it; keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from partnerhub.web.connected import now_text
from pipelines.land.runs import finish_run, start_run, start_stream

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RUN = "11111111-aaaa-4bbb-8ccc-222222222222"


@pytest.fixture
def running(hub):
    """A run of this process that has just begun with one stream; it is ended when the test ends."""
    with hub.database.session() as connection:
        start_run(connection, RUN, "cli", now_text())
        start_stream(connection, RUN, "hubspot", "deals", now_text())
    yield RUN
    with hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM stream_run WHERE run_id = ?", (RUN,))
        connection.execute("DELETE FROM sync_run WHERE run_id = ?", (RUN,))


def test_a_run_at_work_is_followed_without_loading_the_page_again(visit, hub, running):
    page = visit("ops")
    page.goto(f"/runs/{running}")
    page.evaluate("() => { window.stayed = true; }")
    expect(page.locator("#live")).to_be_visible()
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "UPDATE stream_run SET pages = 1, read = 70, landed = 30, unchanged = 40 WHERE run_id = ?",
            (running,),
        )
    expect(page.locator("#rows tr").first).to_contain_text("70")
    assert page.evaluate("() => window.stayed")
    with hub.database.session() as connection:
        finish_run(connection, running, "complete", now_text())
    expect(page.locator("#sums")).to_contain_text("Complete")
    expect(page.locator("#live")).to_have_count(0)


def test_sync_now_is_asked_for_once_and_leads_to_its_run_by_itself(visit, hub):
    page = visit("ops")
    page.goto("/sync/jira")
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("main")).to_contain_text("Nobody is at work who takes it")
    with hub.database.session() as connection:
        start_run(connection, RUN, "asked", now_text())
        with connection.transaction():
            connection.execute("UPDATE job SET state = 'running', run_id = ? WHERE state = 'waiting'", (RUN,))
    page.wait_for_url(f"**/runs/{RUN}")
    assert page.get_by_role("button", name="Cancel it").is_visible()
    with hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM sync_run WHERE run_id = ?", (RUN,))
        connection.execute("DELETE FROM job")


def test_with_the_scheduler_down_the_pages_are_right_and_say_that_nobody_watches(visit):
    page = visit("ops")
    for address in ("/sync", "/sync/hubspot", "/runs", "/errors", "/quarantine", "/rules"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
    page.goto("/sync")
    assert "right all the same" in page.get_by_role("main").inner_text()


def test_from_a_problem_to_what_arrived_is_two_clicks(visit):
    page = visit("ops")
    page.goto("/sync")
    page.get_by_role("link", name="Errors").click()
    page.locator("main a[href^='/records/']").first.click()
    assert page.get_by_label("What arrived, as JSON").is_visible()


def test_two_keys_lead_to_a_page_and_a_question_mark_lists_them(visit):
    page = visit("ops")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    assert "Sync" in keys.inner_text()
    page.keyboard.press("Escape")
    assert not keys.is_visible()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sync")


def test_a_paused_source_says_so_until_it_goes_on(visit):
    page = visit("ops")
    page.goto("/sync/jira")
    page.get_by_text("Pause this source").click()
    page.get_by_label("Why").fill("Their upgrade")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.goto("/sync")
    assert "Their upgrade" in page.get_by_role("main").inner_text()
    page.goto("/sync/jira")
    page.get_by_role("button", name="Read it again").click()
    page.goto("/sync")
    assert "Their upgrade" not in page.get_by_role("main").inner_text()
