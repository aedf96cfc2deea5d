"""Journeys: who may come in, and what is written down about it."""

from __future__ import annotations

import re

import pytest

from tests.browser.browsers import enter

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def row_of(page, text):
    return page.get_by_role("row").filter(has_text=text)


def test_a_manager_sees_no_way_to_the_accounts_and_is_refused_there(visit):
    page = visit("manager")
    assert page.get_by_role("navigation", name="Pages").get_by_role("link", name="People").count() == 0
    answer = page.goto("/accounts")
    assert answer is not None
    assert answer.status == 403
    assert page.get_by_role("heading", level=1).count() == 1


def test_somebody_new_gets_a_link_that_lets_them_in(visit, hub):
    admin = visit("admin")
    admin.goto("/accounts")
    admin.get_by_label("E-mail address").fill("mira@hub.example")
    admin.get_by_role("group", name="Roles").last.get_by_label("steward").check()
    admin.get_by_role("button", name="Open an account").click()
    link = admin.locator(".hub-secret").inner_text()
    guest = visit()
    enter(guest, link[link.index("/sign-in/") :])


def test_a_disabled_account_is_out_at_its_next_click(visit, hub):
    login, link = hub.account("manager")
    guest, admin = visit(), visit("admin")
    enter(guest, link)
    admin.goto("/accounts")
    row_of(admin, login).locator("summary").click()
    row_of(admin, login).get_by_role("button", name="Disable").click()
    assert "disabled" in row_of(admin, login).inner_text()
    guest.goto("/partners")
    assert "/sign-in" in guest.url


def test_other_roles_ask_for_a_new_sign_in_and_open_other_pages(visit, hub):
    login, link = hub.account("manager")
    guest, admin = visit(), visit("admin")
    enter(guest, link)
    admin.goto("/accounts")
    row_of(admin, login).locator("summary").click()
    row_of(admin, login).get_by_label("auditor").check()
    row_of(admin, login).get_by_role("button", name="Give these roles").click()
    guest.goto("/audit")
    assert "/sign-in" in guest.url
    row_of(admin, login).locator("summary").click()
    row_of(admin, login).get_by_role("button", name="New sign-in link").click()
    again = admin.locator(".hub-secret").inner_text()
    enter(guest, again[again.index("/sign-in/") :])
    guest.goto("/audit")
    assert guest.get_by_role("heading", level=1).inner_text() == "Audit log"


def test_a_key_is_shown_once_and_can_be_ended(visit):
    page = visit("admin")
    page.goto("/accounts")
    page.get_by_label("What it is for").fill("Dashboards")
    page.get_by_role("group", name="It may").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator(".hub-secret").inner_text()
    page.goto("/accounts")
    assert secret not in page.content()
    row_of(page, "Dashboards").get_by_role("button", name="End").click()
    assert re.search(r"\bended\b", row_of(page, "Dashboards").inner_text())


def test_the_audit_log_tells_who_came_in(visit, hub):
    login, link = hub.account("auditor")
    page = visit()
    enter(page, link)
    page.goto("/audit")
    assert login in page.get_by_role("main").inner_text()


def test_a_form_on_another_site_signs_nobody_out(visit):
    page = visit("admin")
    page.goto("/accounts")
    answer = page.request.post("/sign-out", headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    page.reload()
    assert page.get_by_role("heading", level=1).inner_text() == "People and keys"
