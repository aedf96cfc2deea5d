"""Signing in and out: by a link that works once, or by a password. What a session and a key are worth now.

Lifetimes are those OWASP ASVS 7.3 asks to be set and written down: a link 24 hours, a session 12 hours without a
request and 14 days at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.record import utc_text
from partnerhub.access import passwords, secrets
from partnerhub.access.roles import Permission, permissions_of
from warehouse.commands.accounts import (
    By,
    add_key,
    add_link,
    open_session,
    set_password,
    spend_link,
)
from warehouse.commands.audit import Deed, append
from warehouse.queries.accounts import account_by_login, account_in_session, live_key
from warehouse.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Collection

    from warehouse.database import Connection
    from warehouse.queries.accounts import Account

LINK_LASTS: Final = timedelta(hours=24)
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=14)
SEEN_EVERY: Final = timedelta(minutes=1)
"""A session notes that it is used at most so often: a page of twenty requests is one write."""
SEEN: Final = "UPDATE web_session SET seen_at = ? WHERE session_hash = ?"
KEY_SEEN: Final = "UPDATE api_key SET seen_at = ? WHERE key_id = ?"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, and what they may do. by_key: a program with an API key, no browser."""

    viewer: Viewer
    title: str
    permissions: frozenset[Permission]
    by_key: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether they may."""
        return permission in self.permissions


def make_link(connection: Connection, login: str, by: By) -> str:
    """A new link's secret for an account; the link works once, for a day. Expects a transaction. Raises NotFound."""
    secret = secrets.new_secret()
    ends = utc_text(moment(by.now) + LINK_LASTS)
    add_link(connection, login, secrets.kept(secret), ends, by)
    return secret


def enter_by_link(connection: Connection, secret: str, now: str) -> str | None:
    """Use a link up and open a session; the cookie, or None for a link that opens nothing. Expects a transaction."""
    found = spend_link(connection, secrets.kept(secret), now)
    return None if found is None else opened(connection, *found, now)


def enter_by_password(connection: Connection, login: str, password: str, now: str) -> str | None:
    """Open a session; the cookie, or None. Takes as long for an unknown login. Expects a transaction."""
    account = account_by_login(connection, login.strip().casefold())
    fits = passwords.fits(password, account.password_hash if account else None)
    if account is None or account.disabled_at or not fits:
        append(connection, now, NOBODY, Deed("session.refuse", f"account:{login[:200].casefold()}"))
        return None
    return opened(connection, account.account_id, account.login, now)


def opened(connection: Connection, account_id: str, login: str, now: str) -> str:
    """A new session's cookie: never one that a browser brought along."""
    cookie = secrets.new_secret()
    open_session(connection, account_id, login, secrets.kept(cookie), now)
    return cookie


def choose_password(connection: Connection, account: Account, password: str, now: str) -> str:
    """Keep a new password and open a new session in place of all others; its cookie. Expects a transaction."""
    set_password(connection, account.account_id, passwords.hashed(password), now)
    append(connection, now, account.login, Deed("account.password", f"account:{account.login}"))
    return opened(connection, account.account_id, account.login, now)


def account_behind(connection: Connection, cookie: str, now: str) -> Account | None:
    """The account whose session this is, unless it ended, rested or lasted too long. Notes that it is used."""
    kept = secrets.kept(cookie)
    found = account_in_session(connection, kept)
    if found is None:
        return None
    account, started = found
    at, seen = moment(now), moment(account.seen_at or started)
    if at - seen > IDLE or at - moment(started) > LONGEST:
        return None
    if at - seen > SEEN_EVERY:
        connection.execute(SEEN, (now, kept))
    return account


def caller_of(account: Account) -> Caller:
    """What an account may do and see."""
    viewer = Viewer(account.login, account.organizations, frozenset((account.login,)))
    return Caller(viewer, account.name, permissions_of(account.roles))


def caller_by_key(connection: Connection, shown: str, now: str) -> Caller | None:
    """Who asks with this API key; None for one that opens nothing."""
    parts = secrets.parts_of_key(shown)
    key = live_key(connection, parts[0], now) if parts else None
    if parts is None or key is None or not secrets.same(secrets.kept(parts[1]), key.secret_hash):
        return None
    if key.seen_at is None or moment(now) - moment(key.seen_at) > SEEN_EVERY:
        connection.execute(KEY_SEEN, (now, key.key_id))
    allowed = frozenset(Permission(name) for name in key.permissions if name in set(Permission))
    return Caller(Viewer(f"key:{key.key_id}"), key.name, allowed, by_key=True)


def make_key(
    connection: Connection, name: str, permissions: Collection[Permission], expires_at: str | None, by: By
) -> str:
    """A new API key as it is shown once. Expects a transaction."""
    made = secrets.new_key()
    add_key(connection, name, (made.key_id, made.secret_hash), permissions, expires_at, by)
    return made.shown


def moment(text: str) -> datetime:
    """The hub's UTC text as a time."""
    return datetime.fromisoformat(text).astimezone(UTC)
