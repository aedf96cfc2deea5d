"""Journeys over what comes later on a partner's page, the map of a list, one value for many, and commands by words."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

QUOTING = (
    "SELECT t.organization_id FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
    ' JOIN staged_document d ON d.record = f.record WHERE d.custom_json LIKE \'%"said":{"%\' ORDER BY t.fact_id'
)


def test_a_quoted_slide_is_drawn_when_one_comes_to_it_and_leads_to_the_whole_slide(visit, hub):
    page = visit("manager")
    page.goto(f"/partners/{hub.query(QUOTING)[0][0]}")
    page.locator(".slide-face").first.scroll_into_view_if_needed()
    page.locator(".slide-face svg.slide-drawing").first.click()
    page.wait_for_url("**/slides/*")
    assert page.locator("svg .is-quoted, svg .slide-mark").count() > 0
    assert "Read as facts" in page.locator("main").inner_text()


def test_a_dot_of_the_map_leads_to_the_partners_of_its_town(visit):
    page = visit("manager")
    page.goto("/partners")
    page.get_by_role("link", name="Map").click()
    page.wait_for_url("**/partners/map")
    town = page.locator("tbody th a").first
    address, count = town.get_attribute("href"), page.locator("tbody td").first.inner_text()
    assert page.locator(f'svg a[href="{address}"]').count() == 1
    town.click()
    page.wait_for_url("**city=*")
    assert f"{count} partner" in page.locator(".hub-head").inner_text()


def test_one_owner_for_two_partners_is_seen_before_done_and_taken_back(visit):
    page = visit("manager")
    page.goto("/partners?columns=owner")
    for number in (1, 3):
        page.locator("tbody tr").nth(number).get_by_role("checkbox").check()
    page.get_by_label("Value", exact=True).fill("Ilse Assigned")
    page.get_by_role("button", name="See what changes").click()
    assert "2 change" in page.locator("main").inner_text()
    page.get_by_role("button", name="Assign to 2").click()
    page.wait_for_url("**/assigned/*")
    back = page.url
    page.goto("/partners?columns=owner&owner=Ilse+Assigned")
    assert page.locator("tbody tr").count() == 2
    page.goto(back)
    page.keyboard.press("z")
    page.get_by_role("heading", name="Taken back").wait_for()


def test_commands_are_found_by_their_words_and_partners_by_their_names(visit):
    page = visit("manager")
    page.goto("/partners")
    page.keyboard.press("Control+k")
    page.keyboard.type("bright")
    page.get_by_role("option", name="Search everything for").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/partners/*")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "value"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/partners")
