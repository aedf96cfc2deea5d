"""Accounts, sign-in links, sessions and keys as rows. Secrets come and stay hashed; each act is in the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4

from warehouse import bulk
from warehouse.commands.audit import Deed, append
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Collection

    from warehouse.database import Connection

ACCOUNT: Final = (
    "account_id", "login", "name", "roles_json", "organizations_json", "created_at", "created_by"
)  # fmt: skip
LINK: Final = ("token_hash", "account_id", "created_at", "expires_at")
SESSION: Final = ("session_hash", "account_id", "started_at", "seen_at")
KEY: Final = (
    "key_id", "name", "secret_hash", "permissions_json", "created_at", "created_by", "expires_at"
)  # fmt: skip
END_SESSIONS: Final = "UPDATE web_session SET ended_at = ? WHERE account_id = ? AND ended_at IS NULL"
END_LINKS: Final = "UPDATE sign_in_link SET used_at = ? WHERE account_id = ? AND used_at IS NULL"
SPEND_LINK: Final = """
UPDATE sign_in_link SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?
"""
LINKED: Final = """
SELECT a.account_id, a.login FROM sign_in_link k JOIN user_account a ON a.account_id = k.account_id
WHERE k.token_hash = ? AND a.disabled_at IS NULL
"""


class By(NamedTuple):
    """Who does it, as the audit log names them, and when (UTC text)."""

    actor: str
    now: str


class LoginTaken(WarehouseError):
    """Somebody has this login already."""

    def __init__(self, login: str) -> None:
        """Name it."""
        super().__init__(
            f"{login} has an account already.", f"`partnerhub user link {login}` makes a new sign-in link."
        )


def add_account(
    connection: Connection, login: str, name: str, roles: Collection[str],
    organizations: Collection[str] | None, by: By,
) -> str:  # fmt: skip
    """Open an account without a password; returns its id. Raises LoginTaken. Expects a transaction."""
    if connection.one("SELECT 1 FROM user_account WHERE login = ?", (login,)):
        raise LoginTaken(login)
    account_id = str(uuid4())
    scope = None if organizations is None else json.dumps(sorted(organizations))
    row = (account_id, login, name, json.dumps(sorted(roles)), scope, by.now, by.actor)
    bulk.insert(connection, "user_account", ACCOUNT, [row])
    append(connection, by.now, by.actor, Deed("account.add", f"account:{login}", {"roles": sorted(roles)}))
    return account_id


def set_roles(connection: Connection, login: str, roles: Collection[str], by: By) -> None:
    """Give other roles; every session of theirs ends, so that no old right outlives it. Raises NotFound."""
    account_id = account_of(connection, login)
    connection.execute(
        "UPDATE user_account SET roles_json = ? WHERE account_id = ?",
        (json.dumps(sorted(roles)), account_id),
    )
    connection.execute(END_SESSIONS, (by.now, account_id))
    append(connection, by.now, by.actor, Deed("account.roles", f"account:{login}", {"roles": sorted(roles)}))


def disable_account(connection: Connection, login: str, by: By) -> None:
    """Nobody signs in with it any more; its sessions and links end at once. Again: nothing changes. Raises NotFound."""
    account_id = account_of(connection, login)
    connection.execute(
        "UPDATE user_account SET disabled_at = ? WHERE account_id = ? AND disabled_at IS NULL",
        (by.now, account_id),
    )
    connection.execute(END_SESSIONS, (by.now, account_id))
    connection.execute(END_LINKS, (by.now, account_id))
    append(connection, by.now, by.actor, Deed("account.disable", f"account:{login}"))


def enable_account(connection: Connection, login: str, by: By) -> None:
    """The account may be signed in with again. Raises NotFound."""
    account_id = account_of(connection, login)
    connection.execute("UPDATE user_account SET disabled_at = NULL WHERE account_id = ?", (account_id,))
    append(connection, by.now, by.actor, Deed("account.enable", f"account:{login}"))


def add_link(connection: Connection, login: str, token_hash: str, expires_at: str, by: By) -> None:
    """Keep a new sign-in link; older ones that nobody used are worth nothing from now on. Raises NotFound."""
    account_id = account_of(connection, login)
    connection.execute(END_LINKS, (by.now, account_id))
    bulk.insert(connection, "sign_in_link", LINK, [(token_hash, account_id, by.now, expires_at)])
    append(connection, by.now, by.actor, Deed("account.link", f"account:{login}", {"expires_at": expires_at}))


def spend_link(connection: Connection, token_hash: str, now: str) -> tuple[str, str] | None:
    """Use a sign-in link up: the account and its login; None for one that is unknown, used, too old or disabled."""
    found = connection.one(LINKED, (token_hash,))
    if found is None or connection.execute(SPEND_LINK, (now, token_hash, now)) != 1:
        return None
    return str(found[0]), str(found[1])


def set_password(connection: Connection, account_id: str, password_hash: str, now: str) -> None:
    """Keep a new password; every session that the old one opened ends, and every link nobody used."""
    connection.execute(
        "UPDATE user_account SET password_hash = ? WHERE account_id = ?", (password_hash, account_id)
    )
    connection.execute(END_SESSIONS, (now, account_id))
    connection.execute(END_LINKS, (now, account_id))


def open_session(
    connection: Connection, whose: tuple[str, str], session_hash: str, way: str, now: str
) -> None:
    """Somebody signed in. whose: account id and login. way: by what, as the audit log has it."""
    account_id, login = whose
    bulk.insert(connection, "web_session", SESSION, [(session_hash, account_id, now, now)])
    append(connection, now, login, Deed("session.start", f"account:{login}", {"by": way}))


def end_sessions(connection: Connection, login: str, by: By) -> int:
    """End every session of an account, and links nobody used; how many sessions. Raises NotFound."""
    account_id = account_of(connection, login)
    ended = connection.execute(END_SESSIONS, (by.now, account_id))
    connection.execute(END_LINKS, (by.now, account_id))
    append(connection, by.now, by.actor, Deed("session.end_all", f"account:{login}", {"sessions": ended}))
    return ended


def end_session(connection: Connection, session_hash: str, login: str, now: str) -> None:
    """Somebody signed out. Again: nothing changes."""
    ended = connection.execute(
        "UPDATE web_session SET ended_at = ? WHERE session_hash = ? AND ended_at IS NULL", (now, session_hash)
    )
    if ended:
        append(connection, now, login, Deed("session.end", f"account:{login}"))


def add_key(
    connection: Connection, name: str, secret: tuple[str, str], permissions: Collection[str],
    expires_at: str | None, by: By,
) -> None:  # fmt: skip
    """Keep a new key. secret: its id and the hash of its secret part."""
    key_id, secret_hash = secret
    row = (key_id, name, secret_hash, json.dumps(sorted(permissions)), by.now, by.actor, expires_at)
    bulk.insert(connection, "api_key", KEY, [row])
    detail = {"name": name, "permissions": sorted(permissions)}
    append(connection, by.now, by.actor, Deed("key.add", f"key:{key_id}", detail))


def end_key(connection: Connection, key_id: str, by: By) -> None:
    """A key opens nothing any more. Raises NotFound."""
    ended = connection.execute(
        "UPDATE api_key SET ended_at = ? WHERE key_id = ? AND ended_at IS NULL", (by.now, key_id)
    )
    if not ended:
        raise NotFound("No live key has this id.", "`partnerhub keys ls` lists them.")
    append(connection, by.now, by.actor, Deed("key.end", f"key:{key_id}"))


def account_of(connection: Connection, login: str) -> str:
    """The id of the account with this login. Raises NotFound."""
    found = connection.one("SELECT account_id FROM user_account WHERE login = ?", (login,))
    if found is None:
        raise NotFound(f"Nobody signs in as {login}.", "`partnerhub user ls` lists the accounts.")
    return str(found[0])
