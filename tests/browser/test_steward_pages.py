"""Journeys: answers from the keyboard, what follows a merge, taking it back; what nobody knew the partner of."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def open_question(page):
    """The first question of the queue, its page open, and the pages of the two organizations it is about."""
    page.goto("/review")
    address = page.locator("a.review-item").first.get_attribute("href")
    page.goto(address)
    found = page.locator(".pair-name a").evaluate_all("(all) => all.map((each) => each.pathname)")
    return address, found


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def undo(page):
    """Take back what was done last, whatever came since."""
    page.goto("/review/acts")
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_load_state()
    if (anyhow := page.get_by_role("button", name="Take it back all the same")).count():
        anyhow.click()
    expect(page.get_by_role("status")).to_contain_text("taken back")


def test_unsure_from_the_keyboard_keeps_the_question_for_later(visit):
    page = visit("steward")
    address, _ = open_question(page)
    press(page, "4")
    page.goto("/review?unsure=true")
    assert page.locator(f"a[href='{address}']").count()
    page.goto(address)
    assert "somebody was unsure" in page.get_by_role("main").inner_text()


def test_different_from_the_keyboard_ends_the_question_and_z_brings_it_back(visit):
    page = visit("steward")
    address, _ = open_question(page)
    press(page, "2")
    press(page, "z")
    page.goto(address)
    assert page.get_by_role("heading", name="Your answer").is_visible()


def test_the_survivor_is_shown_before_anything_is_merged(visit):
    page = visit("steward")
    _, sides = open_question(page)
    page.keyboard.press("p")
    expect(page.locator("#preview")).not_to_be_empty()
    for each in sides:
        page.goto(each)
        assert page.url.endswith(each)


def test_a_merged_id_leads_to_its_survivor_until_the_merge_is_taken_back(visit):
    page = visit("steward")
    _, sides = open_question(page)
    press(page, "1")
    led = []
    for each in sides:
        page.goto(each)
        led.append(page.url)
    assert led[0] == led[1]
    undo(page)
    for each in sides:
        page.goto(each)
        assert page.url.endswith(each)


def test_taking_a_merge_back_names_what_came_since_and_asks(visit):
    page = visit("steward")
    _, sides = open_question(page)
    press(page, "1")
    page.goto(sides[0])
    page.locator("details.property summary").first.click()
    page.locator("details.property[open] input[name=value]").fill("A name a person chose")
    page.locator("details.property[open]").get_by_role("button", name="Pin", exact=True).click()
    page.goto("/review/acts")
    page.get_by_role("button", name=re.compile("^Undo (?!pin)")).first.click()
    expect(page.get_by_role("alert")).to_contain_text("this came")
    page.get_by_role("button", name="Take it back all the same").click()
    expect(page.get_by_role("status")).to_contain_text("taken back")


def test_what_nobody_knew_the_partner_of_is_put_on_a_timeline_in_place(visit):
    page = visit("steward")
    page.goto("/review/unmatched")
    row = page.locator("li.review-row").first
    title = row.locator("strong").inner_text()
    row.get_by_placeholder("Whose is it?").fill("brightwater")
    row.get_by_role("button", name="Find").click()
    page.locator(".review-found button").first.click()
    page.get_by_role("link", name="that partner’s timeline").click()
    page.wait_for_load_state()
    page.goto(page.url + "/timeline")
    assert title in page.get_by_role("main").inner_text()


def test_who_may_not_decide_has_no_way_to_the_queue(visit):
    page = visit("manager")
    assert page.get_by_role("navigation", name="Pages").get_by_role("link", name="Review").count() == 0
    assert page.goto("/review").status == 403


def test_whoever_adds_a_partner_that_is_there_is_warned_and_can_open_it(visit):
    page = visit("manager")
    page.goto("/partners")
    page.get_by_role("link", name="Add a partner").click()
    page.get_by_label("Name").fill("Brightwater Energy Inc")
    page.get_by_label("Website").fill("https://www.brightwaterenergy.com")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("one of these is meant")
    page.get_by_role("main").get_by_role("link", name=re.compile("brightwater", re.IGNORECASE)).first.click()
    page.wait_for_url(re.compile(r"/partners/[0-9a-f-]{36}"))
