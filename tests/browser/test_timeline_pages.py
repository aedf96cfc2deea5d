"""Journeys: the timeline and its mail, entries by hand, lists that are kept."""

from __future__ import annotations

import csv
import io
import json

import pytest
from playwright.sync_api import expect

from tests.browser.test_record_pages import open_partner

pytestmark = [pytest.mark.slow, pytest.mark.browser]

MAIL = (
    "SELECT f.fact_id, s.raw_id FROM organization o JOIN timeline t ON t.organization_id = o.organization_id"
    " JOIN fact f ON f.fact_id = t.fact_id JOIN staged_touchpoint s ON s.record = f.record"
    " WHERE o.name = 'Brightwater Energy' AND s.mailbox IS NOT NULL ORDER BY f.fact_id LIMIT 1"
)
PIXEL = "<p>Have you seen this?</p><img src=\"https://track.example/p.gif\"><script>alert('mail')</script>"


def open_timeline(page, hub):
    open_partner(page, hub, "Brightwater Energy")
    page.get_by_role("link", name="All, with filters").click()
    page.wait_for_url("**/timeline")


def test_a_filter_of_the_timeline_is_in_the_address_and_holds_after_loading_again(visit, hub):
    page = visit("manager")
    open_timeline(page, hub)
    page.get_by_role("group", name="Kind").get_by_label("Deals", exact=True).check()
    page.wait_for_url("**kind=deal*")
    marks = page.locator(".stop").count()
    page.reload()
    assert page.locator(".stop").count() == marks > 0
    assert page.locator(".stop:not(.is-deal, .is-ahead)").count() == 0


def test_mails_of_one_conversation_stand_together_and_silence_is_drawn(visit, hub):
    page = visit("admin")
    open_timeline(page, hub)
    earlier = page.locator(".stop-earlier").first
    earlier.locator("summary").first.click()
    assert earlier.locator("li").count() > 0
    assert page.locator(".stop-gap").count() > 0
    assert page.get_by_text("Today", exact=True).is_visible()


def test_a_mail_stands_in_a_frame_that_runs_nothing_and_loads_nothing(visit, hub):
    ((fact, raw),) = hub.query(MAIL)
    with hub.database.session() as connection, connection.transaction():
        body = json.dumps({"body": [{"type": "text/html", "text": PIXEL}]})
        connection.execute("UPDATE raw_record SET payload = ? WHERE raw_id = ?", (body, raw))
    page = visit("manager")
    page.goto(f"/touchpoints/{fact}")
    frame = page.locator("iframe.mail-frame")
    assert frame.get_attribute("sandbox") == ""
    text = page.frame_locator("iframe.mail-frame").locator("body")
    expect(text).to_contain_text("remote image withheld")
    expect(text).to_contain_text("Have you seen this?")
    assert text.locator("img, script").count() == 0


def test_an_entry_without_its_required_fields_is_refused_in_words_and_keeps_what_was_typed(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    page.get_by_role("link", name="Log something").click()
    page.get_by_label("What was said").fill("They will call back")
    page.locator(".log-foot button").click()
    assert page.locator(".log-error").count() > 0
    assert page.get_by_label("What was said").input_value() == "They will call back"


def test_a_note_logged_by_hand_stands_on_the_timeline_at_once(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    page.get_by_role("link", name="Log something").click()
    page.get_by_role("link", name="Note").click()
    page.get_by_label("When").fill("2026-11-20T10:30")
    page.get_by_label("The note").fill("A note from a journey")
    page.locator(".log-foot button").click()
    page.wait_for_url("**/timeline?logged=*")
    assert "A note from a journey" in page.locator("#stream").inner_text()


def test_a_view_that_was_saved_shows_the_same_partners_again(visit):
    page = visit("manager")
    page.goto("/partners?q=bright")
    rows = page.locator("tbody th").all_inner_texts()
    page.get_by_text("Lists", exact=True).click()
    page.get_by_label("Save this view as").fill("Bright ones")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/lists")
    page.get_by_role("link", name="Bright ones").click()
    page.wait_for_url("**q=bright*")
    assert page.locator("tbody th").all_inner_texts() == rows


def test_partners_put_on_a_list_are_the_list(visit):
    page = visit("manager")
    page.goto("/partners")
    ticked = [page.locator("tbody tr").nth(number) for number in (0, 2)]
    names = [each.locator("th a").inner_text() for each in ticked]
    for each in ticked:
        each.get_by_role("checkbox").check()
    page.get_by_label("Name of a new list").fill("To call this week")
    page.get_by_role("button", name="Add ticked").click()
    page.wait_for_url("**list=*")
    assert page.locator("tbody th a").all_inner_texts() == names


def test_the_file_holds_exactly_what_the_list_shows(visit):
    page = visit("data")
    page.goto("/partners?q=bright&columns=country")
    names = page.locator("tbody th a").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) - 1 == len(names) > 0
    assert len(rows[0]) < 6
