"""Who gets in, how long, and who does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.record import utc_text
from partnerhub.access import passwords, secrets
from partnerhub.access.roles import ALLOWED, Permission, Role, permissions_of
from partnerhub.access.sign_in import (
    IDLE,
    LINK_LASTS,
    LONGEST,
    account_behind,
    caller_by_key,
    choose_password,
    enter_by_link,
    enter_by_password,
    make_key,
    make_link,
)
from partnerhub.access.throttle import Throttle
from warehouse.commands.accounts import By, LoginTaken, add_account, disable_account, end_key, set_roles
from warehouse.database import Connection, Database
from warehouse.queries.accounts import keys

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
    with hub.transaction():
        cookie = enter_by_link(hub, secret, at(after))
    assert cookie
    return cookie


def test_a_link_signs_in_once(hub):
    secret = link(hub)
    with hub.transaction():
        assert enter_by_link(hub, secret, at())
    with hub.transaction():
        assert enter_by_link(hub, secret, at()) is None


def test_a_link_is_worth_nothing_after_a_day(hub):
    secret = link(hub)
    with hub.transaction():
        assert enter_by_link(hub, secret, at(LINK_LASTS)) is None


def test_a_newer_link_ends_an_older_one(hub):
    older = link(hub)
    link(hub)
    with hub.transaction():
        assert enter_by_link(hub, older, at()) is None


def test_a_session_ends_after_a_rest_and_after_its_longest_time(hub):
    cookie = entered(hub)
    assert account_behind(hub, cookie, at(IDLE)) is not None
    assert account_behind(hub, cookie, at(2 * IDLE + timedelta(minutes=1))) is None
    kept_busy = entered(hub)
    for hours in range(0, int(LONGEST.total_seconds() // 3600) + 1, 11):
        assert account_behind(hub, kept_busy, at(timedelta(hours=hours))) is not None
    assert account_behind(hub, kept_busy, at(LONGEST + timedelta(minutes=1))) is None


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(hub):
    cookie, secret = entered(hub), link(hub)
    with hub.transaction():
        disable_account(hub, LOGIN, by())
    assert account_behind(hub, cookie, at()) is None
    with hub.transaction():
        assert enter_by_link(hub, secret, at()) is None


def test_other_roles_end_every_session(hub):
    cookie = entered(hub)
    with hub.transaction():
        set_roles(hub, LOGIN, ["auditor"], by())
    assert account_behind(hub, cookie, at()) is None


def test_a_chosen_password_signs_in_and_ends_other_sessions(hub):
    cookie = entered(hub)
    account = account_behind(hub, cookie, at())
    with hub.transaction():
        renewed = choose_password(hub, account, PASSWORD, at())
    assert account_behind(hub, cookie, at()) is None
    assert account_behind(hub, renewed, at()) is not None
    with hub.transaction():
        assert enter_by_password(hub, LOGIN.upper(), PASSWORD, at())


@pytest.mark.parametrize(
    ("login", "password"), [(LOGIN, "another one altogether"), ("nobody@hub.example", PASSWORD)]
)
def test_a_wrong_login_or_password_opens_nothing_and_is_in_the_log(hub, login, password):
    account = account_behind(hub, entered(hub), at())
    with hub.transaction():
        choose_password(hub, account, PASSWORD, at())
    with hub.transaction():
        assert enter_by_password(hub, login, password, at()) is None
    (last,) = hub.query("SELECT verb, subject FROM audit_entry ORDER BY number DESC LIMIT 1")
    assert last == ("session.refuse", f"account:{login}")


def test_an_account_without_a_password_cannot_sign_in_by_one(hub):
    with hub.transaction():
        assert enter_by_password(hub, LOGIN, "nobody has this password", at()) is None


def test_no_secret_is_in_the_warehouse(hub):
    secret, cookie = link(hub), entered(hub)
    account = account_behind(hub, cookie, at())
    with hub.transaction():
        choose_password(hub, account, PASSWORD, at())
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


def test_hashes_are_compared_whole():
    assert secrets.same(secrets.kept("a"), secrets.kept("a"))
    assert not secrets.same(secrets.kept("a"), secrets.kept("b"))
