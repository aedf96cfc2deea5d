"""Journeys: in, out, and as whom."""

from __future__ import annotations

import pytest

from tests.browser.browsers import enter

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PASSWORD = "seven quiet herons wait"


def sign_in(page, login, password=PASSWORD):
    page.get_by_label("E-mail address").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def choose_password(page):
    page.goto("/password")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_url("**/partners")


def test_a_sign_in_link_leads_to_the_partners_and_works_once(visit, hub):
    link = hub.account("manager")[1]
    enter(visit(), link)
    again = visit()
    again.goto(link)
    again.get_by_role("button", name="Sign in").click()
    assert "This link was used" in again.get_by_role("main").inner_text()


def test_a_link_that_a_mail_program_opens_is_not_used_up(visit, hub):
    link = hub.account("manager")[1]
    visit().goto(link)
    enter(visit(), link)


def test_a_password_once_chosen_lets_one_in_again(visit, hub):
    login, link = hub.account("manager")
    page = visit()
    enter(page, link)
    choose_password(page)
    elsewhere = visit()
    elsewhere.goto("/sign-in")
    sign_in(elsewhere, login)
    elsewhere.wait_for_url("**/partners")


def test_a_new_password_signs_the_other_browsers_out(visit, hub):
    login, link = hub.account("manager")
    here, there = visit(), visit()
    enter(here, link)
    choose_password(here)
    there.goto("/sign-in")
    sign_in(there, login)
    there.wait_for_url("**/partners")
    here.goto("/password")
    here.get_by_label("Current password").fill(PASSWORD)
    here.get_by_label("New password").fill(PASSWORD + " longer")
    here.get_by_role("button", name="Keep it").click()
    here.wait_for_url("**/partners")
    there.goto("/partners")
    assert "/sign-in" in there.url


def test_a_wrong_password_is_refused_in_words_and_keeps_the_address(visit, hub):
    login, _ = hub.account("manager")
    page = visit()
    page.goto("/sign-in")
    sign_in(page, login, "not the password at all")
    assert "do not fit together" in page.get_by_role("main").inner_text()
    assert page.get_by_label("E-mail address").input_value() == login


def test_whoever_signs_out_is_out_and_back_shows_nothing(visit):
    page = visit("manager")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.reload()
    assert "/sign-in" in page.url


def test_a_page_opened_signed_out_is_shown_after_signing_in(visit, hub):
    login, link = hub.account("manager")
    first = visit()
    enter(first, link)
    choose_password(first)
    page = visit()
    page.goto("/search?q=bright")
    sign_in(page, login)
    page.wait_for_url("**/search?q=bright")


def test_without_scripts_one_signs_in_and_reads_a_partner(visit):
    page = visit("manager", java_script_enabled=False)
    page.locator("tbody a[href^='/partners/']").first.click()
    page.wait_for_url("**/partners/*")
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("heading", name="About").is_visible()


def test_the_first_tab_stop_skips_to_the_content(visit):
    page = visit("manager")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("(each) => each === document.activeElement")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
