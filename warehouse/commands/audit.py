"""The audit log: entries are appended, each carries the hash of the one before, and nothing here changes one.

A hash is SHA-256 over the JSON list [previous hash, number, time, actor, verb, subject, detail]. Whoever changes or
removes an entry has to change every later hash. The hub remembers the newest number and hash beside the log, so that a
cut end is noticed; who can write to the database can change that, too, so the newest hash belongs elsewhere as well.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from warehouse.hub_state import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

BEGINNING: Final = "0" * 64
"""What stands in place of a hash before the first entry."""
NEWEST_NAME: Final = "audit_newest"
"""Under which the hub remembers the newest entry, as `<number> <hash>`."""
ONE_AT_A_TIME: Final = 7_283_001
"""The number of the lock under which entries are counted on PostgreSQL; SQLite has one writer anyhow."""
NEWEST: Final = "SELECT number, entry_hash FROM audit_entry ORDER BY number DESC LIMIT 1"
APPEND: Final = """
INSERT INTO audit_entry (number, happened_at, actor, verb, subject, detail, previous_hash, entry_hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class Deed(NamedTuple):
    """What somebody did or saw. verb: `partner.merge`. subject: `organization:<id>`. detail: ids, fields, counts."""

    verb: str
    subject: str
    detail: Mapping[str, Any] = {}


class ByCommand(str):
    """Whoever a command says it is of, and the user of the machine who ran it: of the two the audit log names this one.

    Everywhere else it is the text it is made from. user: the name of the machine's account.
    """

    __slots__ = ("user",)
    user: str

    def __new__(cls, actor: str, user: str) -> Self:
        """Keep both."""
        made = super().__new__(cls, actor)
        made.user = user
        return made


def did(connection: Connection, now: str, actor: str, deed: Deed) -> int:
    """Write an entry about an act as `append` does; of one by a command `cli:<user>`, with who they say they are."""
    if not isinstance(actor, ByCommand):
        return append(connection, now, actor, deed)
    said_by = {} if actor == actor.user else {"said_by": str(actor)}
    return append(connection, now, f"cli:{actor.user}", deed._replace(detail={**deed.detail, **said_by}))


def hash_of(previous: str, number: int, said: tuple[str, str, str, str, str]) -> str:
    """The hash of an entry. said: time, actor, verb, subject, detail as they are stored."""
    return hashlib.sha256(json.dumps([previous, number, *said], ensure_ascii=False).encode()).hexdigest()


def append(connection: Connection, now: str, actor: str, deed: Deed) -> int:
    """Write an entry; returns its number. Expects a transaction, with which it commits or not."""
    if connection.dialect == "postgresql":
        connection.query("SELECT pg_advisory_xact_lock(?)", (ONE_AT_A_TIME,))
    newest, previous = max(stored_end(connection), remembered_end(connection))
    number = newest + 1
    detail = json.dumps(deed.detail, ensure_ascii=False, sort_keys=True)
    said = (now, actor, deed.verb, deed.subject, detail)
    entry_hash = hash_of(previous, number, said)
    connection.execute(APPEND, (number, *said, previous, entry_hash))
    remember(connection, NEWEST_NAME, f"{number} {entry_hash}")
    return number


def stored_end(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry there is."""
    found = connection.one(NEWEST)
    return (int(found[0]), str(found[1])) if found else (0, BEGINNING)


def remembered_end(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry there was: after a cut the log goes on behind the gap, which stays."""
    number, _, entry_hash = (remembered(connection, NEWEST_NAME) or f"0 {BEGINNING}").partition(" ")
    return int(number), entry_hash
