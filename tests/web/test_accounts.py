"""An administrator lets people and programs in and out; the audit log says whether it is whole."""

from __future__ import annotations

import re

import pytest

from partnerhub.web.connected import now_text
from tests.web.browsing import client, signed_in
from warehouse.database import Database

NORA = "nora@hub.example"


def link_on(page: str) -> str:
    return re.search(r"/sign-in/([\w-]{43})", page).group(1)


@pytest.fixture
def admin(sqlite_url):
    with signed_in(sqlite_url) as browser:
        yield browser


def test_a_new_person_gets_in_by_the_link_that_is_shown_once(admin, sqlite_url):
    page = admin.post("/accounts", data={"login": NORA.title(), "roles": ["manager"], "name": "Nora"}).text
    with client(sqlite_url) as hers:
        assert hers.post(f"/sign-in/{link_on(page)}").status_code == 200
        assert hers.get("/partners").status_code == 200
        assert hers.get("/accounts").status_code == 403
    assert link_on(page) not in admin.get("/accounts").text


def test_a_login_that_is_taken_is_refused_with_what_to_do(admin):
    admin.post("/accounts", data={"login": NORA, "roles": ["manager"]})
    again = admin.post("/accounts", data={"login": NORA, "roles": ["manager"]})
    assert (again.status_code, "has an account already" in again.text) == (409, True)


@pytest.mark.parametrize(
    "form", [{"login": "nora", "roles": ["manager"]}, {"login": NORA}, {"login": NORA, "roles": ["king"]}]
)
def test_a_form_that_makes_no_sense_opens_no_account(admin, form):
    assert admin.post("/accounts", data=form).status_code == 422
    assert "nora" not in admin.get("/accounts").text


def test_a_disabled_person_is_out_and_can_be_let_in_again(admin, sqlite_url):
    with signed_in(sqlite_url, "data", login=NORA) as hers:
        admin.post(f"/accounts/{NORA}/disable")
        assert hers.get("/partners", follow_redirects=False).status_code == 303
        admin.post(f"/accounts/{NORA}/enable")
        page = admin.post(f"/accounts/{NORA}/link").text
        assert hers.post(f"/sign-in/{link_on(page)}").status_code == 200


def test_nobody_takes_their_own_rights_away(admin):
    for path, form in (("disable", {}), ("roles", {"roles": ["data"]})):
        assert admin.post(f"/accounts/ana@hub.example/{path}", data=form).status_code == 422
    assert admin.get("/accounts").status_code == 200


def test_a_key_opens_the_api_until_it_is_ended(admin, sqlite_url):
    page = admin.post("/keys", data={"name": "dashboards", "allow": ["partners:read"]}).text
    key = re.search(r"hub_[0-9a-f]+_[\w-]+", page).group(0)
    with client(sqlite_url) as program:
        del program.headers["sec-fetch-site"]
        headers = {"authorization": f"Bearer {key}"}
        assert program.get("/partners", headers=headers).status_code == 200
        assert program.get("/accounts", headers=headers).status_code == 403
        admin.post(f"/keys/{key.split('_')[1]}/end")
        assert program.get("/partners", headers=headers, follow_redirects=False).status_code == 303


def test_the_log_says_who_did_what_and_that_it_is_whole(admin, sqlite_url):
    admin.post("/accounts", data={"login": NORA, "roles": ["auditor"]})
    page = admin.get("/audit").text
    assert "account.add" in page
    assert "all as they were written" in page
    with Database(sqlite_url).session() as connection, connection.transaction():
        connection.execute(
            "UPDATE audit_entry SET actor = 'eve', happened_at = ? WHERE number = 2", (now_text(),)
        )
    assert "was changed after it was written" in admin.get("/audit").text
