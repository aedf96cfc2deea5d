"""Signing in: what proves who somebody is, and the session it opens. What a session and a key are worth now.

Every way in is a `Proof`: a link that works once, a password; an identity provider is one more. `enter` is the only
place where a proof becomes a session. Lifetimes are those OWASP ASVS 7.3 asks to be set and written down: a link 24
hours, a session 12 hours without a request and 14 days at most.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from connectors.record import utc_text
from partnerhub.access import passwords, secrets
from partnerhub.access.roles import WHOLE_HUB, Permission, permissions_of
from warehouse.commands.accounts import (
    By,
    add_key,
    add_link,
    end_session,
    open_session,
    set_password,
    spend_link,
)
from warehouse.commands.audit import Deed, append
from warehouse.queries.accounts import account_by_login, account_in_session, live_key, login_of_session
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


class Proven(NamedTuple):
    """Whose session may be opened: an account that is not disabled."""

    account_id: str
    login: str


class Proof(Protocol):
    """Proof of who somebody is, of one way in.

    OpenID Connect attaches here: its route checks the provider's answer (state, nonce, PKCE, issuer, signature) and
    hands `enter` a proof whose account has the address the provider vouches for. Sessions, roles and the audit log stay
    as they are. See docs/operate/security.md.
    """

    @property
    def way(self) -> str:
        """What the audit log calls it: `link`, `password`."""
        ...

    @property
    def claimed(self) -> str:
        """The login it claims, for the audit log of a refusal; empty where it names nobody."""
        ...

    def account(self, connection: Connection, now: str) -> Proven | None:
        """Whom it proves; called in the transaction that opens the session. None: it opens nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ByLink:
    """A sign-in link's secret, used up by the session it opens."""

    secret: str
    way: str = "link"
    claimed: str = ""

    def account(self, connection: Connection, now: str) -> Proven | None:
        """Use the link up."""
        found = spend_link(connection, secrets.kept(self.secret), now)
        return Proven(*found) if found else None


@dataclass(frozen=True, slots=True)
class ByPassword:
    """A login and whether the password given with it fits. Made by `checked`."""

    claimed: str
    password_hash: str | None
    way: str = "password"

    @classmethod
    def checked(cls, connection: Connection, login: str, password: str) -> ByPassword:
        """Compare a password; takes as long for an unknown login. Before a transaction, which would hold up writers."""
        claimed = login.strip().casefold()
        account = account_by_login(connection, claimed)
        kept = account.password_hash if account else None
        return cls(claimed, kept if passwords.fits(password, kept) else None)

    def account(self, connection: Connection, now: str) -> Proven | None:
        """The account, if it is not disabled and has that password still."""
        del now
        found = account_by_login(connection, self.claimed)
        if self.password_hash is None or found is None or found.disabled_at:
            return None
        return Proven(found.account_id, found.login) if found.password_hash == self.password_hash else None


def enter(connection: Connection, proof: Proof, now: str, leaving: str = "") -> str | None:
    """Open a session for whom a proof proves; its cookie, or None. Opens a transaction.

    leaving: the cookie the browser brought along; its session ends, so that nobody keeps one they planted.
    """
    with connection.transaction():
        found = proof.account(connection, now)
        if found is None:
            refuse(connection, proof, now)
            return None
        if leaving:
            end_session(connection, secrets.kept(leaving), found.login, now)
        return opened(connection, found, proof.way, now)


def refuse(connection: Connection, proof: Proof, now: str) -> None:
    """Write down that somebody was not let in, where it is known as whom."""
    if proof.claimed:
        subject = f"account:{proof.claimed[:200]}"
        append(connection, now, NOBODY, Deed("session.refuse", subject, {"by": proof.way}))


def opened(connection: Connection, whose: Proven, way: str, now: str) -> str:
    """A new session's cookie: never one that a browser brought along."""
    cookie = secrets.new_secret()
    open_session(connection, whose, secrets.kept(cookie), way, now)
    return cookie


def choose_password(connection: Connection, account: Account, password: str, now: str) -> str:
    """Keep a new password and open a new session in place of all others; its cookie. Opens a transaction."""
    made = passwords.hashed(password)
    with connection.transaction():
        set_password(connection, account.account_id, made, now)
        append(connection, now, account.login, Deed("account.password", f"account:{account.login}"))
        return opened(connection, Proven(account.account_id, account.login), "password", now)


def was_theirs(connection: Connection, session_hash: str, login: str) -> bool:
    """Whether a session of this account, ended or not, has this hash: so a browser shows it was signed in before."""
    return bool(session_hash) and login_of_session(connection, session_hash) == login


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
        note(connection, SEEN, now, kept)
    return account


def note(connection: Connection, statement: str, now: str, key: str) -> None:
    """Write down that something is used; later, where a sync is writing: reading a page must not wait for its end."""
    if connection.dialect != "sqlite":
        connection.execute(statement, (now, key))
        return
    waits = connection.query("PRAGMA busy_timeout")[0][0]
    connection.query("PRAGMA busy_timeout = 0")
    try:
        with suppress(sqlite3.OperationalError):
            connection.execute(statement, (now, key))
    finally:
        connection.query(f"PRAGMA busy_timeout = {waits}")


def caller_of(account: Account) -> Caller:
    """What an account may do and see."""
    viewer = Viewer(account.login, account.organizations, frozenset((account.login,)))
    allowed = permissions_of(account.roles)
    return Caller(viewer, account.name, allowed if account.organizations is None else allowed - WHOLE_HUB)


def caller_by_key(connection: Connection, shown: str, now: str) -> Caller | None:
    """Who asks with this API key; None for one that opens nothing."""
    parts = secrets.parts_of_key(shown)
    key = live_key(connection, parts[0], now) if parts else None
    if parts is None or key is None or not secrets.same(secrets.kept(parts[1]), key.secret_hash):
        return None
    if key.seen_at is None or moment(now) - moment(key.seen_at) > SEEN_EVERY:
        note(connection, KEY_SEEN, now, key.key_id)
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
