"""Who may sign in, who is signed in, and which keys are live."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

MANY: Final = """
SELECT a.account_id, a.login, a.name, a.roles_json, a.organizations_json, a.password_hash, a.disabled_at,
       (SELECT max(s.seen_at) FROM web_session s WHERE s.account_id = a.account_id)
FROM user_account a
"""
IN_SESSION: Final = """
SELECT a.account_id, a.login, a.name, a.roles_json, a.organizations_json, a.password_hash, a.disabled_at,
       s.seen_at, s.started_at
FROM web_session s JOIN user_account a ON a.account_id = s.account_id
WHERE s.session_hash = ? AND s.ended_at IS NULL AND a.disabled_at IS NULL
"""
KEYS: Final = """
SELECT key_id, name, secret_hash, permissions_json, created_at, created_by, expires_at, seen_at, ended_at
FROM api_key
"""


class Account(NamedTuple):
    """One account. organizations: the only ones they may see; None: all. seen_at: their last request, if any."""

    account_id: str
    login: str
    name: str
    roles: tuple[str, ...]
    organizations: frozenset[str] | None
    password_hash: str | None
    disabled_at: str | None
    seen_at: str | None


class Key(NamedTuple):
    """One API key, without its secret."""

    key_id: str
    name: str
    secret_hash: str
    permissions: tuple[str, ...]
    created_at: str
    created_by: str
    expires_at: str | None
    seen_at: str | None
    ended_at: str | None


def accounts(connection: Connection) -> list[Account]:
    """Every account, by login."""
    return [read_account(row) for row in connection.query(f"{MANY} ORDER BY a.login")]


def account_by_login(connection: Connection, login: str) -> Account | None:
    """The account with this login, disabled or not."""
    row = connection.one(f"{MANY} WHERE a.login = ?", (login,))
    return read_account(row) if row else None


def account_in_session(connection: Connection, session_hash: str) -> tuple[Account, str] | None:
    """Whose session this is, and when it began; None for one that ended and for a disabled account."""
    row = connection.one(IN_SESSION, (session_hash,))
    return (read_account(row[:8]), str(row[8])) if row else None


def login_of_session(connection: Connection, session_hash: str) -> str | None:
    """Whose session this is or was; None for none of this hub."""
    statement = (
        "SELECT a.login FROM web_session s JOIN user_account a ON a.account_id = s.account_id"
        " WHERE s.session_hash = ?"
    )
    row = connection.one(statement, (session_hash,))
    return str(row[0]) if row else None


def keys(connection: Connection) -> list[Key]:
    """Every key, the newest first."""
    return [read_key(row) for row in connection.query(f"{KEYS} ORDER BY created_at DESC, key_id")]


def live_key(connection: Connection, key_id: str, now: str) -> Key | None:
    """A key that opens something now."""
    alive = f"{KEYS} WHERE key_id = ? AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"
    row = connection.one(alive, (key_id, now))
    return read_key(row) if row else None


def read_account(row: tuple[object, ...]) -> Account:
    """A row of MANY or IN_SESSION."""
    account_id, login, name, roles, organizations, *rest = row
    scope = None if organizations is None else frozenset(json.loads(str(organizations)))
    said: tuple[str, ...] = tuple(json.loads(str(roles)))
    password, disabled, seen = (None if each is None else str(each) for each in rest)
    return Account(str(account_id), str(login), str(name), said, scope, password, disabled, seen)


def read_key(row: tuple[object, ...]) -> Key:
    """A row of KEYS."""
    key_id, name, secret_hash, permissions, created_at, created_by, *rest = row
    allowed: tuple[str, ...] = tuple(json.loads(str(permissions)))
    expires, seen, ended = (None if each is None else str(each) for each in rest)
    return Key(
        str(key_id), str(name), str(secret_hash), allowed, str(created_at), str(created_by),
        expires, seen, ended,
    )  # fmt: skip
