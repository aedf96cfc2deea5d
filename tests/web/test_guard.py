"""Who may open which address, derived from the addresses themselves; and where a form may come from."""

from __future__ import annotations

import pytest
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from partnerhub.access.roles import Permission, Role, permissions_of
from partnerhub.access.throttle import Throttle
from partnerhub.web.app import SIGN_IN_TRIES
from partnerhub.web.guard import COOKIE, Needs, Open, Undeclared, declared, require_declared
from tests.web.browsing import client, link_for, signed_in

NOBODY = "00000000-0000-0000-0000-000000000000"
FILL = {
    "organization_id": NOBODY,
    "secret": "x",
    "mark": "x",
    "name": "x",
    "login": "x@y.example",
    "key_id": "x",
    "fact_id": "x",
    "number": "1",
    "act": "1",
}


def addresses(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def filled(path: str) -> str:
    for name, value in FILL.items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:path}}", value)
    return path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_may_and_nothing_else(sqlite_url, role):
    with signed_in(sqlite_url, role) as browser:
        browser.follow_redirects = False
        for route in addresses(browser.app):
            demand = declared(route)
            if not isinstance(demand, Needs):
                continue
            for method in route.methods:
                status = browser.request(method, filled(route.path)).status_code
                assert (status == 403) == (demand.permission not in permissions_of([role])), route.path


def test_nobody_opens_anything_that_is_not_said_to_be_open(sqlite_url):
    with client(sqlite_url) as browser:
        browser.follow_redirects = False
        for route in addresses(browser.app):
            if isinstance(declared(route), Open):
                continue
            for method in route.methods:
                answer = browser.request(method, filled(route.path))
                assert answer.status_code in {303, 401}, route.path
                assert "/sign-in" in answer.headers.get("location", "/sign-in")


def test_an_address_that_declares_nothing_keeps_the_application_from_starting():
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/forgotten")(lambda: "x")
    with pytest.raises(Undeclared, match="/forgotten declares neither"):
        require_declared(app)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/open", dependencies=[Depends(Open("nothing in it"))])(lambda: "x")
    require_declared(app)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(sqlite_url, headers):
    with client(sqlite_url) as browser:
        del browser.headers["sec-fetch-site"]
        secret = link_for(sqlite_url, "ana@hub.example")
        assert browser.post(f"/sign-in/{secret}", headers=headers).status_code == 403
        ours = {"origin": "http://127.0.0.1"}
        assert browser.post(f"/sign-in/{secret}", headers=ours, follow_redirects=False).status_code == 303


def test_signing_in_leads_back_to_the_page_and_never_to_another_site(sqlite_url):
    with signed_in(sqlite_url) as browser:
        browser.post("/password", data={"password": "seven quiet herons walk"})
        for wanted, reached in (
            ("/partners?q=a", "/partners?q=a"),
            ("https://evil.example", "/partners"),
            ("//evil.example", "/partners"),
            ("/\\evil.example", "/partners"),
        ):
            given = {"login": "ana@hub.example", "password": "seven quiet herons walk", "next": wanted}
            answer = browser.post("/sign-in", data=given, follow_redirects=False)
            assert answer.headers["location"] == reached


def test_guessing_is_slowed_down_and_said(sqlite_url):
    with client(sqlite_url) as browser:
        browser.app.state.sign_in_tries = Throttle(*SIGN_IN_TRIES, clock=lambda: 0.0)
        given = {"login": "ana@hub.example", "password": "x"}
        statuses = [browser.post("/sign-in", data=given).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_signing_out_ends_the_session_for_good(sqlite_url):
    with signed_in(sqlite_url) as browser:
        cookie = browser.cookies[COOKIE]
        browser.post("/sign-out")
        again = browser.get("/partners", headers={"cookie": f"{COOKIE}={cookie}"}, follow_redirects=False)
    assert again.status_code == 303


def test_a_session_cookie_is_out_of_reach_for_scripts_and_other_sites(sqlite_url):
    for public, name, wanted in (("", COOKIE, False), ("https://hub.example", f"__Host-{COOKIE}", True)):
        with client(sqlite_url, public_url=public) as browser:
            secret = link_for(sqlite_url, f"{name.lower()}@hub.example")
            said = browser.post(f"/sign-in/{secret}", follow_redirects=False).headers["set-cookie"]
        assert said.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(said.split("; "))
        assert ("Secure" in said) is wanted


def test_an_opened_link_is_used_up_by_its_button_only(sqlite_url):
    with client(sqlite_url) as browser:
        secret = link_for(sqlite_url, "ana@hub.example")
        assert browser.get(f"/sign-in/{secret}").status_code == 200
        assert browser.post(f"/sign-in/{secret}", follow_redirects=False).status_code == 303
        assert browser.post(f"/sign-in/{secret}").status_code == 401


def test_who_lacks_a_permission_is_told_which(sqlite_url):
    with signed_in(sqlite_url, login="key@hub.example") as browser:
        assert Permission.READ_PARTNERS in permissions_of(["auditor"])
        assert browser.get("/partners").status_code == 200


def test_who_asks_for_what_they_may_not_is_logged(sqlite_url):
    with signed_in(sqlite_url, "data", login="dan@hub.example") as browser, capture_logs() as said:
        browser.get("/audit?of=account:secret")
    told = {"event": "not allowed", "who": "dan@hub.example", "path": "/audit", "lacking": "audit:read"}
    assert told.items() <= said[0].items()
    assert "secret" not in str(said)
