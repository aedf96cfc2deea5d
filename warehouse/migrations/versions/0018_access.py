"""Accounts, sign-in links, sessions, keys, and the audit log.

Revision ID: 0018
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0018"
down_revision = "0017"

LAYER: Final = "access"
ACCOUNT: Final = Table(
    "user_account",
    "One person who may sign in. A disabled one stays, so that the audit log keeps its names.",
    (
        Field("account_id", "text key"),
        Field("login", "text", "the e-mail address, in lower case"),
        Field("name", "text"),
        Field("roles_json", "json", "roles, sorted"),
        Field("organizations_json", "json null", "the organizations this person may see; null: all"),
        Field("password_hash", "text null", "argon2id; null until a password was chosen"),
        Field("created_at", "time"),
        Field("created_by", "text"),
        Field("disabled_at", "time null"),
    ),
    (Index("user_account_login", ("login",), unique=True),),
)
LINK: Final = Table(
    "sign_in_link",
    "One link that signs somebody in once. The link itself is not kept, only its hash.",
    (
        Field("token_hash", "text key", "SHA-256 of what stands in the link"),
        Field("account_id", "text"),
        Field("created_at", "time"),
        Field("expires_at", "time"),
        Field("used_at", "time null"),
    ),
)
SESSION: Final = Table(
    "web_session",
    "One browser that is signed in. The cookie itself is not kept, only its hash.",
    (
        Field("session_hash", "text key", "SHA-256 of the cookie"),
        Field("account_id", "text"),
        Field("started_at", "time"),
        Field("seen_at", "time", "the last request, to the minute"),
        Field("ended_at", "time null", "signed out, or ended by an administrator"),
    ),
    (Index("web_session_account", ("account_id",)),),
)
KEY: Final = Table(
    "api_key",
    "One key by which a program asks. The key itself is shown once and not kept.",
    (
        Field("key_id", "text key"),
        Field("name", "text"),
        Field("secret_hash", "text", "SHA-256 of 32 random bytes"),
        Field("permissions_json", "json", "what it may do, sorted"),
        Field("created_at", "time"),
        Field("created_by", "text"),
        Field("expires_at", "time null"),
        Field("seen_at", "time null", "the last use, to the minute"),
        Field("ended_at", "time null"),
    ),
)
AUDIT: Final = Table(
    "audit_entry",
    "One thing somebody did or saw. Append-only: each entry carries the hash of the one before it.",
    (
        Field("number", "int key", "1, 2, 3, … without a gap"),
        Field("happened_at", "time"),
        Field("actor", "text", "login, `key:<id>`, `cli:<user of the machine>` or nobody"),
        Field("verb", "text", "what was done, as `partner.merge` or `session.start`"),
        Field("subject", "text", "what it was done to, as `organization:<id>`"),
        Field("detail", "text", "JSON with sorted keys, as it was hashed; never a text of a mail"),
        Field("previous_hash", "text"),
        Field("entry_hash", "text", "SHA-256 over the hash before, the number and what stands in the entry"),
    ),
    (Index("audit_entry_subject", ("subject", "number")),),
)
TABLES: Final = (ACCOUNT, LINK, SESSION, KEY, AUDIT)


def upgrade() -> None:
    """Nobody may sign in yet."""
    for table in TABLES:
        create(LAYER, table)


def downgrade() -> None:
    """Drop all five, and with them what the audit log says."""
    for table in reversed(TABLES):
        drop(LAYER, table)
