"""Which records wait for staging: a current version not staged yet, or one staged under other rules."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

CHUNK = 2_000
"""Records per transaction: large enough for bulk writes, small enough to keep memory flat and locks short."""

PENDING = {
    "sqlite": "raw_current c INDEXED BY raw_current_pending",
    "postgresql": "raw_current c",
}
"""The current versions, to be asked for those not staged yet: along the index that holds no others.

It begins as the key does, so SQLite takes the two for equally good and walks the whole stream unless it is told.
"""
HELD = " AND (c.staged_raw_id IN (-1, 0, c.raw_id) OR c.raw_id <= {held_beyond})"
"""What may be staged while changes wait for a person: what is new, what only other rules read, what was approved."""


class Waiting(NamedTuple):
    """One record to stage. staged_before: whether staged rows of it may exist."""

    source_id: str
    raw_id: int
    op: str
    quarantine: str | None
    payload: bytes | None
    version: str | None
    winner_id: str | None
    landed_at: str
    staged_before: bool


def streams_landed(connection: Connection) -> list[tuple[str, str]]:
    """Every (source, stream) that holds records, sorted. Skips from one to the next along the key index."""
    found: list[tuple[str, str]] = []
    last: tuple[str, str] = ("", "")
    # Two questions, because one that says `or` reads and sorts every record.
    while row := (
        connection.one(
            "SELECT source, stream FROM raw_current WHERE source = ? AND stream > ? ORDER BY stream LIMIT 1",
            last,
        )
        or connection.one(
            "SELECT source, stream FROM raw_current WHERE source > ? ORDER BY source, stream LIMIT 1",
            last[:1],
        )
    ):
        last = (row[0], row[1])
        found.append(last)
    return found


def rules_changed(connection: Connection, source: str, stream: str, fingerprint: str) -> bool:
    """Whether the stream was last staged whole under other rules."""
    return staged_rules(connection, source, stream) != fingerprint


def staged_rules(connection: Connection, source: str, stream: str) -> str | None:
    """The fingerprint of the rules a stream was last staged whole under; None before its first time."""
    found = connection.one("SELECT rules FROM stage_rules WHERE source = ? AND stream = ?", (source, stream))
    return str(found[0]) if found else None


def next_waiting(
    connection: Connection,
    source: str,
    stream: str,
    rules: str | None,
    after: str,
    held_beyond: int | None = None,
) -> list[Waiting]:
    """The next chunk of records to stage; empty when all is done.

    rules: also those staged under other rules than these, past the id `after`: as no index knows them, the stream is
    walked once, by id. None: only versions not staged yet. held_beyond: newer versions than this replace nothing that
    is staged (`pipelines.stage.mass_change`); None: all may.
    """
    test, current = "c.staged_raw_id <> c.raw_id", PENDING[connection.dialect]
    held = "" if held_beyond is None else HELD.format(held_beyond=held_beyond)
    if rules is not None:
        current = "raw_current c"
        test = f"c.source_id > ? AND ({test} OR c.staged_rules <> ?) ORDER BY c.source_id"
    rows = connection.query(
        # The landing's verdict stands in raw_record; a quarantine set by an earlier staging may pass under new rules.
        "SELECT c.source_id, c.raw_id, c.op, r.quarantine, r.payload, r.version, r.winner_id, r.landed_at,"
        f" c.staged_raw_id <> 0 FROM {current} JOIN raw_record r ON r.raw_id = c.raw_id"
        f" WHERE c.source = ? AND c.stream = ?{held} AND {test} LIMIT {CHUNK}",
        (source, stream) if rules is None else (source, stream, after, rules),
    )
    return list(starmap(Waiting, rows))


def count_waiting(connection: Connection, source: str, stream: str, rules: str | None = None) -> int:
    """How many records `next_waiting` will give, those held back included. Without rules it reads only what waits."""
    test, current = "c.staged_raw_id <> c.raw_id", PENDING[connection.dialect]
    if rules is not None:
        test, current = f"({test} OR c.staged_rules <> ?)", "raw_current c"
    found = connection.one(
        f"SELECT count(*) FROM {current} WHERE c.source = ? AND c.stream = ? AND {test}",
        (source, stream) if rules is None else (source, stream, rules),
    )
    return int(found[0]) if found else 0


def last_payload(
    connection: Connection, source: str, stream: str, source_id: str
) -> tuple[bytes, str | None] | None:
    """The newest readable payload of a record, and its version: what a bodiless deletion refers to."""
    found = connection.one(
        "SELECT payload, version FROM raw_record WHERE source = ? AND stream = ? AND source_id = ?"
        " AND payload IS NOT NULL AND quarantine IS NULL ORDER BY raw_id DESC LIMIT 1",
        (source, stream, source_id),
    )
    return (found[0], found[1]) if found else None


def earlier_versions(
    connection: Connection, source: str, stream: str, waiting: Waiting
) -> Iterator[tuple[int, bytes, str | None]]:
    """The versions of a record before the waiting one that landed well, newest first: raw id, payload, version."""
    last = waiting.raw_id
    while found := connection.one(
        "SELECT raw_id, payload, version FROM raw_record WHERE source = ? AND stream = ? AND source_id = ?"
        " AND payload IS NOT NULL AND quarantine IS NULL AND raw_id < ? ORDER BY raw_id DESC LIMIT 1",
        (source, stream, waiting.source_id, last),
    ):
        last = found[0]
        yield last, found[1], found[2]
