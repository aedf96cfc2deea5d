"""Sessions in a browser: who ends them, who is slowed down, and who is not."""

from __future__ import annotations

import re

import pytest

from partnerhub.access.throttle import Throttle
from partnerhub.web.app import SIGN_IN_TRIES
from partnerhub.web.guard import COOKIE
from partnerhub.web.open_streams import LASTS, OpenStreams
from tests.web.browsing import client, link_for, signed_in

ANA, PASSWORD = "ana@hub.example", "seven quiet herons walk"
WRONG = {"login": ANA, "password": "another sentence altogether"}
RIGHT = {"login": ANA, "password": PASSWORD}


@pytest.fixture
def anas(sqlite_url):
    """Her browser, with a password chosen; the clock of tries stands still."""
    with signed_in(sqlite_url) as browser:
        browser.post("/password", data={"password": PASSWORD})
        browser.app.state.sign_in_tries = Throttle(*SIGN_IN_TRIES, clock=lambda: 0.0)
        yield browser


def stranger(anas, address: str = "203.0.113.9"):
    """Another browser at the same server."""
    from fastapi.testclient import TestClient

    told = {"sec-fetch-site": "same-origin"}
    return TestClient(anas.app, base_url="http://127.0.0.1", headers=told, client=(address, 50000))


def statuses(browser, form, times: int) -> list[int]:
    return [browser.post("/sign-in", data=form, follow_redirects=False).status_code for _ in range(times)]


def test_a_stranger_who_tries_a_login_locks_nobody_out_of_their_own_browser(anas):
    tried = statuses(stranger(anas), WRONG, 12)
    assert tried == [401] * 10 + [429] * 2
    anas.post("/sign-out")
    assert statuses(anas, RIGHT, 1) == [303]


def test_the_cookie_of_a_known_browser_opens_nothing_and_counts_for_its_login_only(anas):
    known = {f"{COOKIE.removesuffix('session')}known": anas.cookies[f"{COOKIE.removesuffix('session')}known"]}
    other = stranger(anas)
    other.cookies.update(known)
    assert other.get("/partners", follow_redirects=False).status_code == 303
    assert statuses(other, WRONG, 11)[-1] == 429
    assert statuses(other, {**WRONG, "login": "bo@hub.example"}, 11)[-1] == 429


def test_who_must_wait_takes_no_tries_from_others(anas):
    blocked = stranger(anas)
    statuses(blocked, {**WRONG, "login": "bo@hub.example"}, 11)
    statuses(blocked, WRONG, 11)
    assert statuses(stranger(anas, "203.0.113.10"), RIGHT, 1) == [303]


def test_a_whole_network_of_ipv6_counts_as_one(anas):
    tried = [
        statuses(stranger(anas, f"2001:db8::{n}"), {**WRONG, "login": f"x{n}@hub.example"}, 1)[0]
        for n in range(11)
    ]
    assert tried == [401] * 10 + [429]


def test_an_unknown_login_is_answered_as_a_wrong_password_is(anas):
    told = [
        stranger(anas).post("/sign-in", data={**WRONG, "login": login})
        for login in (ANA, "nobody@hub.example")
    ]
    pages = [each.text.replace(ANA, "").replace("nobody@hub.example", "") for each in told]
    assert pages[0] == pages[1]
    assert told[0].headers.keys() == told[1].headers.keys()


def test_the_current_password_cannot_be_guessed_with_a_session_alone(anas):
    form = {"current": "another sentence altogether", "password": "a new and longer sentence"}
    assert [anas.post("/password", data=form).status_code for _ in range(11)] == [422] * 10 + [429]


def test_signing_in_again_ends_the_session_the_browser_had(anas):
    before = anas.cookies[COOKIE]
    assert statuses(anas, RIGHT, 1) == [303]
    assert anas.cookies[COOKIE] != before
    old = anas.get("/partners", headers={"cookie": f"{COOKIE}={before}"}, follow_redirects=False)
    assert old.status_code == 303


def test_signing_out_everywhere_reaches_other_browsers(anas):
    other = stranger(anas)
    assert statuses(other, RIGHT, 1) == [303]
    assert "/sign-out/everywhere" in other.get("/password").text
    assert other.post("/sign-out/everywhere", follow_redirects=False).headers["clear-site-data"] == '"cache"'
    assert anas.get("/partners", follow_redirects=False).status_code == 303


def test_an_administrator_ends_the_sessions_of_somebody(anas, sqlite_url):
    with signed_in(sqlite_url, "manager", login="bo@hub.example") as bos:
        assert anas.post("/accounts/bo@hub.example/sign-out", follow_redirects=False).status_code == 303
        assert bos.get("/partners", follow_redirects=False).status_code == 303


def test_a_sign_in_link_is_in_no_header_and_no_link_of_its_page(sqlite_url):
    with client(sqlite_url) as browser:
        secret = link_for(sqlite_url, ANA)
        page = browser.get(f"/sign-in/{secret}")
        assert re.findall(rf'(?:href|src)="[^"]*{secret}', page.text) == []
        assert secret not in str(page.headers)
        answer = browser.post(f"/sign-in/{secret}", follow_redirects=False)
        assert secret not in str(answer.headers)


def test_a_key_made_on_the_page_ends_by_itself(anas):
    anas.post("/keys", data={"name": "dashboards", "allow": ["partners:read"]})
    days = anas.post("/keys", data={"name": "short", "allow": ["partners:read"], "days": "30"})
    assert "no end" not in days.text
    assert anas.post("/keys", data={"name": "x", "allow": ["partners:read"], "days": "0"}).status_code == 422


def test_nobody_follows_more_runs_at_once_than_there_is_room_for():
    now = [0.0]
    streams = OpenStreams(each=2, all=3, clock=lambda: now[0])
    first = streams.opened("ana")
    assert [streams.opened(who) for who in ("ana", "ana", "bo", "eve")] == [2, None, 3, None]
    with streams.until_closed(first):
        pass
    assert streams.opened("eve") is not None
    now[0] = LASTS + 1
    assert streams.opened("ana") is not None


def test_processes_of_one_server_count_tries_and_live_pages_together(tmp_path):
    one, other = (Throttle(3, 6, clock=lambda: 0.0, file=tmp_path / "tries.db") for _ in range(2))
    assert [each.wait_for("ana") for each in (one, other, one, other)] == [0, 0, 0, 10]
    here, there = (OpenStreams(each=2, all=9, file=tmp_path / "streams.db") for _ in range(2))
    first = here.opened("ana")
    assert there.opened("ana") is not None
    assert here.opened("ana") is None
    with here.until_closed(first):
        pass
    assert there.opened("ana") is not None


def test_who_tried_to_sign_in_is_not_written_down_in_words(tmp_path):
    Throttle(3, 6, file=tmp_path / "tries.db").wait_for(f"login:{ANA}")
    assert ANA.encode() not in (tmp_path / "tries.db").read_bytes()
