"""What the audit log says, and whether it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.commands.audit import BEGINNING, NEWEST_NAME, hash_of
from warehouse.hub_state import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

COLUMNS: Final = "number, happened_at, actor, verb, subject, detail, previous_hash, entry_hash"
CHUNK: Final = 5_000
FROM_HERE: Final = f"SELECT {COLUMNS} FROM audit_entry WHERE number > ? ORDER BY number LIMIT {CHUNK}"
LATEST: Final = f"SELECT {COLUMNS} FROM audit_entry WHERE number < ? ORDER BY number DESC LIMIT ?"
LATEST_OF: Final = (
    f"SELECT {COLUMNS} FROM audit_entry WHERE subject = ? AND number < ? ORDER BY number DESC LIMIT ?"
)
BEYOND: Final = 1 << 62


class Entry(NamedTuple):
    """One entry as it is stored. happened_at: UTC text. detail: JSON text."""

    number: int
    happened_at: str
    actor: str
    verb: str
    subject: str
    detail: str
    previous_hash: str
    entry_hash: str


class Chain(NamedTuple):
    """How far the log holds together. broken_at: the first number that does not fit; None where all do.

    why: what is wrong there. newest: the hash of the last entry that fits; keep it elsewhere to notice a cut end.
    """

    entries: int
    broken_at: int | None
    why: str
    newest: str


def latest(
    connection: Connection, *, subject: str = "", before: int | None = None, limit: int = 100
) -> list[Entry]:
    """Entries from the newest on, of one subject or of all. before: only older ones, for the next page."""
    first: tuple[Any, ...] = (subject,) if subject else ()
    rows = connection.query(LATEST_OF if subject else LATEST, (*first, before or BEYOND, limit))
    return [Entry(*row) for row in rows]


def everything(connection: Connection) -> Iterator[Entry]:
    """Every entry in order, in chunks."""
    last = 0
    while rows := connection.query(FROM_HERE, (last,)):
        yield from (Entry(*row) for row in rows)
        last = int(rows[-1][0])


def verified(connection: Connection, *, expected: str = "") -> Chain:
    """Compute every hash again, and look for the entry the hub remembers as the newest.

    expected: a hash kept elsewhere, which must be one of them. What is appended meanwhile breaks nothing.
    """
    known = remembered(connection, NEWEST_NAME)
    number, previous, met, ends = 0, BEGINNING, not expected, known is None
    for entry in everything(connection):
        why = flaw(entry, number + 1, previous)
        if why:
            return Chain(number, number + 1, why, previous)
        number, previous = entry.number, entry.entry_hash
        met = met or previous == expected
        ends = ends or known == f"{number} {previous}"
    if not ends:
        return Chain(number, number + 1, "the end was cut off: the hub remembers a later entry", previous)
    if not met:
        return Chain(number, number + 1, "the hash that was kept elsewhere is in no entry", previous)
    return Chain(number, None, "", previous)


def flaw(entry: Entry, number: int, previous: str) -> str:
    """What is wrong with an entry at this place of the chain; empty where nothing is."""
    if entry.number != number:
        return f"entry {number} is missing"
    if entry.previous_hash != previous:
        return "it does not follow the entry before it"
    if hash_of(previous, number, entry[1:6]) != entry.entry_hash:
        return "it was changed after it was written"
    return ""
