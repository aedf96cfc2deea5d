"""Journeys: from the list to a partner, to where a value is from, and back; by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def open_partner(page, hub, name="Brightwater"):
    """The page of a partner of the story, found on its list."""
    page.goto(f"/partners?q={name}")
    page.locator("tbody a[href^='/partners/']").filter(has_text=name).first.click()
    page.wait_for_url("**/partners/*")


def test_from_the_list_to_a_partner_to_the_source_of_a_value(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    value = page.locator("details.property").first
    value.locator("summary").click()
    assert "From " in value.locator(".property-panel").inner_text()
    value.get_by_role("link", name="History").click()
    page.wait_for_url("**/values?field=*")
    assert page.get_by_role("heading", name="What it was").is_visible()
    page.go_back()
    assert "brightwater" in page.get_by_role("heading", level=1).inner_text().casefold()


def test_links_to_vendors_open_apart_and_tell_them_nothing(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    outward = page.locator("a[target=_blank]")
    assert outward.count() > 0
    assert all("noopener" in str(each.get_attribute("rel")) for each in outward.all())


def test_how_a_reading_comes_about_is_one_click_away(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    page.locator("summary:text-is('How it is computed')").first.click()
    assert page.locator("table.formula").first.is_visible()


def test_a_pinned_value_says_so_and_can_be_let_go(visit, hub):
    page = visit("manager")
    open_partner(page, hub, "Brightwater")
    city = page.locator("details.property").filter(has_text=re.compile(r"\bCity\b")).first
    city.locator("summary").click()
    city.locator("input[name=value]").fill("Bremerhaven")
    city.get_by_role("button", name="Pin", exact=True).click()
    page.wait_for_load_state()
    pinned = page.locator("details.property").filter(has_text="Bremerhaven").first
    assert "pinned" in pinned.locator("summary").inner_text()
    if not pinned.evaluate("(each) => each.open"):
        pinned.locator("summary").click()
    pinned.get_by_role("button", name="Unpin").click()
    page.wait_for_load_state()
    assert page.locator("summary").filter(has_text="Bremerhaven").count() == 0


def test_a_value_that_holds_an_attack_is_shown_and_pinned_as_it_is_written(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    city = page.locator("details.property").filter(has_text=re.compile(r"\bCity\b")).first
    city.locator("summary").click()
    attack = "<img src=x onerror=alert(99)>"
    city.locator("input[name=value]").fill(attack)
    city.get_by_role("button", name="Pin", exact=True).click()
    page.wait_for_load_state()
    assert page.locator("summary").filter(has_text=attack).count() == 1


def test_the_record_as_it_was_known_on_a_day(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    page.get_by_label("As known on").fill("2020-01-01")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**as_of=2020-01-01*")
    assert page.get_by_role("heading", level=1).count() == 1


def test_a_slash_goes_to_the_search_and_enter_finds(visit):
    page = visit("manager")
    page.keyboard.press("/")
    page.keyboard.type("brightwater")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=brightwater")
    assert "brightwater" in page.locator(".search-hit").first.inner_text().casefold()


def test_a_slash_in_a_field_is_only_a_slash(visit):
    page = visit("manager")
    page.get_by_role("searchbox", name="Search everything").fill("a")
    page.keyboard.type("/b")
    assert page.get_by_role("searchbox", name="Search everything").input_value() == "a/b"


def test_a_search_with_a_typo_finds_and_says_why(visit):
    page = visit("manager")
    page.goto("/search?q=brigthwater")
    assert "brightwater" in page.locator(".search-hit").first.inner_text().casefold()


def test_a_search_for_nothing_says_what_to_do(visit):
    page = visit("manager")
    page.goto("/search?q=qqqzzzxxx")
    page.get_by_role("link", name="Go through the list of partners").click()
    page.wait_for_url("**/partners")


def test_an_attack_typed_into_the_search_is_only_text(visit):
    page = visit("manager")
    page.get_by_role("searchbox", name="Search everything").fill("\"><script>alert('typed')</script>{{7*7}}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert "<script>alert('typed')</script>{{7*7}}" in page.get_by_role("heading", level=1).inner_text()


def test_an_address_with_a_filter_shows_another_person_the_same(visit):
    mine, theirs = visit("manager"), visit("manager")
    mine.goto("/partners?q=brightwater")
    theirs.goto(mine.url)
    rows = [page.get_by_role("row").all_inner_texts() for page in (mine, theirs)]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 1


def test_dark_stays_dark_on_the_next_page_and_after_coming_back(visit):
    page = visit("manager")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state()
    page.goto("/search?q=a")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="As set").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


def test_a_machine_that_is_set_to_dark_gets_dark_pages(visit):
    page = visit("manager", color_scheme="dark")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_escape_closes_the_menu(visit):
    page = visit("manager")
    page.get_by_label("Your account").click()
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()


def test_on_a_phone_every_page_of_the_navigation_can_be_reached(visit):
    page = visit("admin", **PHONE)
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    addresses = [each.get_attribute("href") for each in links.all()]
    assert {"/partners", "/sync", "/audit", "/accounts"} <= set(addresses)
    for address in addresses:
        page.get_by_role("navigation", name="Pages").locator(f"a[href='{address}']").tap()
        page.wait_for_url(f"**{address}")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_partner_that_is_not_there_is_said_in_words(visit):
    page = visit("manager")
    answer = page.goto("/partners/00000000-0000-0000-0000-000000000000")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("main").get_by_role("link").first.click()
    page.wait_for_load_state()
    assert page.get_by_role("heading", level=1).count() == 1


def test_a_partner_prints_without_navigation_and_forms(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Pages").is_visible()
    assert not page.get_by_label("As known on").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()


def test_a_wrong_value_is_sent_to_its_owner_who_closes_it_with_an_answer(visit, hub):
    page = visit("manager")
    open_partner(page, hub)
    tier = page.locator("details.property").filter(has_text=re.compile(r"\bTier\b")).first
    tier.locator("summary").click()
    tier.get_by_role("link", name="Ask owner").click()
    page.get_by_label("Whom").fill("owner@partner.example")
    page.get_by_label("In your words").fill("On the phone they said Platinum")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url("**/asked/*")
    mail = page.get_by_role("link", name="Write to owner@partner.example").get_attribute("href")
    assert mail.startswith("mailto:owner@partner.example?subject=Tier%20of")
    question = page.url.partition("?")[0]
    page.get_by_role("link", name="Brightwater").first.click()
    summary = (
        page.locator("details.property").filter(has_text=re.compile(r"\bTier\b")).first.locator("summary")
    )
    assert "asked owner@partner.example" in summary.inner_text()
    page.goto("/asked")
    assert "On the phone they said Platinum" in page.locator("main").inner_text()
    page.goto(question)
    page.get_by_label("The answer").fill("Gold is right")
    page.get_by_role("button", name="It is answered").click()
    assert page.get_by_role("heading", name="Answered").is_visible()


def test_what_is_next_is_set_aside_and_brought_back_without_a_script(visit, hub):
    page = visit("manager", java_script_enabled=False)
    open_partner(page, hub)
    first = page.locator("#next").inner_text()
    page.locator(".next").get_by_role("button", name=re.compile("^Done")).click()
    page.wait_for_load_state()
    why = page.locator(".next p").first.inner_text()
    aside = page.locator(".next-aside")
    aside.locator("summary").click()
    assert first in aside.inner_text()
    aside.get_by_role("button", name=re.compile("^Bring back")).first.click()
    page.wait_for_load_state()
    assert page.locator("#next").inner_text() == first
    assert page.locator(".next p").first.inner_text() != why
    page.get_by_label("Not before").fill("2099-01-01")
    page.get_by_role("button", name="Snooze").click()
    assert "set aside" in page.locator(".next-aside summary").inner_text()
