"""Who gets in, how long, and who does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from connectors.record import utc_text
from partnerhub.access import passwords, secrets
from partnerhub.access.roles import ALLOWED, WHOLE_HUB, Permission, Role, permissions_of
from partnerhub.access.sign_in import (
    IDLE,
    LINK_LASTS,
    LONGEST,
    ByLink,
    ByPassword,
    Proven,
    account_behind,
    caller_by_key,
    caller_of,
    choose_password,
    enter,
    make_key,
    make_link,
    was_theirs,
)
from partnerhub.access.throttle import Throttle
from warehouse.commands.accounts import (
    By,
    LoginTaken,
    add_account,
    disable_account,
    enable_account,
    end_key,
    end_sessions,
    set_roles,
)
from warehouse.database import BUSY_TIMEOUT_SECONDS, Connection, Database
from warehouse.queries.accounts import account_by_login, keys

LOGIN = "ana@hub.example"
PASSWORD = "seven quiet herons walk"
START = datetime(2026, 10, 1, 9, tzinfo=UTC)


def at(after: timedelta = timedelta()) -> str:
    return utc_text(START + after)


def by(after: timedelta = timedelta()) -> By:
    return By("test", at(after))


@pytest.fixture
def hub(database_url):
    with Database(database_url).session() as connection:
        with connection.transaction():
            add_account(connection, LOGIN, "Ana Lind", ["manager"], None, by())
        yield connection


def link(hub: Connection) -> str:
    with hub.transaction():
        return make_link(hub, LOGIN, by())


def entered(hub: Connection, after: timedelta = timedelta()) -> str:
    secret = link(hub)
    cookie = enter(hub, ByLink(secret), at(after))
    assert cookie
    return cookie


def by_password(hub: Connection, login: str, password: str) -> str | None:
    return enter(hub, ByPassword.checked(hub, login, password), at())


def test_a_link_signs_in_once(hub):
    secret = link(hub)
    assert enter(hub, ByLink(secret), at())
    assert enter(hub, ByLink(secret), at()) is None


def test_a_link_is_worth_nothing_after_a_day(hub):
    secret = link(hub)
    assert enter(hub, ByLink(secret), at(LINK_LASTS)) is None


def test_a_newer_link_ends_an_older_one(hub):
    older = link(hub)
    link(hub)
    assert enter(hub, ByLink(older), at()) is None


def test_a_session_ends_after_a_rest_and_after_its_longest_time(hub):
    cookie = entered(hub)
    assert account_behind(hub, cookie, at(IDLE)) is not None
    assert account_behind(hub, cookie, at(2 * IDLE + timedelta(minutes=1))) is None
    kept_busy = entered(hub)
    for hours in range(0, int(LONGEST.total_seconds() // 3600) + 1, 11):
        assert account_behind(hub, kept_busy, at(timedelta(hours=hours))) is not None
    assert account_behind(hub, kept_busy, at(LONGEST + timedelta(minutes=1))) is None


def test_a_page_does_not_wait_for_a_sync_that_writes(sqlite_url):
    with Database(sqlite_url).session() as hub, Database(sqlite_url).session() as sync:
        with hub.transaction():
            add_account(hub, LOGIN, "Ana Lind", ["manager"], None, by())
        cookie, later = entered(hub), at(timedelta(minutes=5))
        with sync.transaction():
            began = time.monotonic()
            assert account_behind(hub, cookie, later) is not None
            assert time.monotonic() - began < 5
        assert account_behind(hub, cookie, later).seen_at == at()
        assert account_behind(hub, cookie, later).seen_at == later
        assert hub.one("PRAGMA busy_timeout") == (BUSY_TIMEOUT_SECONDS * 1000,)


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(hub):
    cookie, secret = entered(hub), link(hub)
    with hub.transaction():
        disable_account(hub, LOGIN, by())
    assert account_behind(hub, cookie, at()) is None
    assert enter(hub, ByLink(secret), at()) is None


def test_other_roles_end_every_session(hub):
    cookie = entered(hub)
    with hub.transaction():
        set_roles(hub, LOGIN, ["auditor"], by())
    assert account_behind(hub, cookie, at()) is None


def test_a_chosen_password_signs_in_and_ends_other_sessions(hub):
    cookie = entered(hub)
    account = account_behind(hub, cookie, at())
    renewed = choose_password(hub, account, PASSWORD, at())
    assert account_behind(hub, cookie, at()) is None
    assert account_behind(hub, renewed, at()) is not None
    assert by_password(hub, LOGIN.upper(), PASSWORD)


@pytest.mark.parametrize(
    ("login", "password"), [(LOGIN, "another one altogether"), ("nobody@hub.example", PASSWORD)]
)
def test_a_wrong_login_or_password_opens_nothing_and_is_in_the_log(hub, login, password):
    account = account_behind(hub, entered(hub), at())
    choose_password(hub, account, PASSWORD, at())
    assert by_password(hub, login, password) is None
    (last,) = hub.query("SELECT verb, subject FROM audit_entry ORDER BY number DESC LIMIT 1")
    assert last == ("session.refuse", f"account:{login}")


def test_signing_in_ends_the_session_a_browser_brought_along(hub):
    planted = entered(hub)
    renewed = enter(hub, ByLink(link(hub)), at(), leaving=planted)
    assert account_behind(hub, planted, at()) is None
    assert account_behind(hub, renewed, at()) is not None


def test_signing_out_everywhere_ends_sessions_and_links(hub):
    cookies, secret = [entered(hub), entered(hub)], link(hub)
    with hub.transaction():
        assert end_sessions(hub, LOGIN, by()) == 2
    assert [account_behind(hub, cookie, at()) for cookie in cookies] == [None, None]
    assert enter(hub, ByLink(secret), at()) is None


def test_a_link_from_before_is_worth_nothing_after_a_disabled_account_is_let_in_again(hub):
    secret = link(hub)
    with hub.transaction():
        disable_account(hub, LOGIN, by())
        enable_account(hub, LOGIN, by())
    assert enter(hub, ByLink(secret), at()) is None


def test_a_link_from_before_is_worth_nothing_after_a_password_was_chosen(hub):
    account = account_behind(hub, entered(hub), at())
    secret = link(hub)
    choose_password(hub, account, PASSWORD, at())
    assert enter(hub, ByLink(secret), at()) is None


def test_another_way_in_needs_nothing_but_a_proof(hub):
    class ByProvider(NamedTuple):
        claimed: str
        way: str = "provider"

        def account(self, connection: Connection, now: str) -> Proven | None:
            del now
            found = account_by_login(connection, self.claimed)
            return Proven(found.account_id, found.login) if found and not found.disabled_at else None

    assert account_behind(hub, enter(hub, ByProvider(LOGIN), at()), at()).login == LOGIN
    assert enter(hub, ByProvider("eve@hub.example"), at()) is None
    told = hub.query("SELECT verb, detail FROM audit_entry ORDER BY number DESC LIMIT 2")
    assert told == [("session.refuse", '{"by": "provider"}'), ("session.start", '{"by": "provider"}')]


def test_a_password_is_compared_before_any_writer_is_held_up(hub, monkeypatch):
    busy = []
    monkeypatch.setattr(passwords, "fits", lambda *_: busy.append(hub.in_transaction) or False)
    by_password(hub, LOGIN, PASSWORD)
    assert busy == [False]


def test_a_browser_shows_by_a_sessions_hash_whose_it_was(hub):
    cookie = entered(hub)
    assert was_theirs(hub, secrets.kept(cookie), LOGIN)
    assert not was_theirs(hub, secrets.kept(cookie), "eve@hub.example")
    assert not was_theirs(hub, cookie, LOGIN)
    assert account_behind(hub, secrets.kept(cookie), at()) is None


@pytest.mark.parametrize("role", list(Role))
def test_who_knows_some_organizations_only_has_nothing_that_reaches_across_them(hub, role):
    with hub.transaction():
        add_account(hub, "pia@partner.example", "Pia", [role], ["some id"], by())
    caller = caller_of(account_by_login(hub, "pia@partner.example"))
    assert not caller.permissions & WHOLE_HUB
    assert Permission.READ_PARTNERS in caller.permissions


def test_an_account_without_a_password_cannot_sign_in_by_one(hub):
    assert by_password(hub, LOGIN, "nobody has this password") is None


def test_no_secret_is_in_the_warehouse(hub):
    secret, cookie = link(hub), entered(hub)
    account = account_behind(hub, cookie, at())
    choose_password(hub, account, PASSWORD, at())
    with hub.transaction():
        key = make_key(hub, "dashboards", [Permission.READ_PARTNERS], None, by())
    tables = ("user_account", "sign_in_link", "web_session", "api_key", "audit_entry")
    everything = str([hub.query(f"SELECT * FROM {name}") for name in tables])
    for secret_text in (secret, cookie, PASSWORD, key.rpartition("_")[2]):
        assert secret_text not in everything


def test_one_login_is_one_account(hub):
    with pytest.raises(LoginTaken, match="has an account already"), hub.transaction():
        add_account(hub, LOGIN, "Other", ["data"], None, by())


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 characters"),
        ("x" * 300, "at most"),
        ("Ana Lind's own", "name"),
        ("ababababababab", "different"),
        ("1q2w3e4r5t6y", "guessed"),
        ("Password2026!", "guessed"),
        ("PartnerHub#2026", "guessed"),
        ("123456789123456", "guessed"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, why):
    assert why in passwords.objection(password, LOGIN, "Ana Lind")
    assert passwords.objection(PASSWORD, LOGIN, "Ana Lind") == ""


def test_a_key_does_what_it_may_until_it_ends(hub):
    with hub.transaction():
        shown = make_key(hub, "dashboards", [Permission.EXPORT], at(timedelta(days=1)), by())
    caller = caller_by_key(hub, shown, at())
    assert (caller.permissions, caller.by_key) == ({Permission.EXPORT}, True)
    assert caller_by_key(hub, shown, at(timedelta(days=1))) is None
    assert caller_by_key(hub, f"{shown}x", at()) is None
    with hub.transaction():
        end_key(hub, keys(hub)[0].key_id, by())
    assert caller_by_key(hub, shown, at()) is None


@pytest.mark.parametrize("shown", ["", "hub_", "hub_x", "hub__y", "other_x_y", "hub_ö_ü"])
def test_what_is_no_key_opens_nothing(hub, shown):
    assert caller_by_key(hub, shown, at()) is None


def test_every_permission_belongs_to_a_role_besides_administrators():
    others = permissions_of(role for role in Role if role is not Role.ADMIN)
    assert set(Permission) - others == {Permission.MANAGE_ACCESS}
    assert permissions_of(["king"]) == frozenset()
    assert ALLOWED[Role.ADMIN] == set(Permission)


def test_tries_run_out_for_one_caller_and_come_back():
    now = [0.0]
    throttle = Throttle(burst=3, per_minute=6, clock=lambda: now[0])
    assert [throttle.wait_for("a") for _ in range(4)] == [0, 0, 0, 10]
    assert throttle.wait_for("b") == 0
    now[0] = 10.0
    assert throttle.wait_for("a") == 0


def test_processes_that_answer_share_the_memory_for_hashes():
    room = passwords.Room(4)
    room.share_among(2)
    assert [room.places.acquire(blocking=False) for _ in range(3)] == [True, True, False]
    room.share_among(8)
    assert [room.places.acquire(blocking=False) for _ in range(2)] == [True, False]


def test_hashes_are_compared_whole():
    assert secrets.same(secrets.kept("a"), secrets.kept("a"))
    assert not secrets.same(secrets.kept("a"), secrets.kept("b"))
