"""Write a chunk's staged output: rows, keys, participants, what is pending, and the staged pointer, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mappings.canonical import record_key
from pipelines.stage.compared import compared_before
from pipelines.stage.packed import TABLES, staged_columns
from pipelines.stage.past import Rows, keep_past
from pipelines.uncompared import note_uncompared
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.stage.packed import Batch
    from pipelines.stage.transform import Place
    from warehouse.database import Connection, RowTuple

KEY_COLUMNS = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
KEY_OF_KEYS = KEY_COLUMNS[:4]
BLOCK = "block"
"""The kind of the keys that `pipelines.resolve.blocks` writes."""
PARTICIPANT_COLUMNS = ("record", "position", "role", "address", "name", "person_record")
IDS_AT_ONCE = 500


class Stood(NamedTuple):
    """What there was of records staged before. rows: deleted by now. keys: still there."""

    rows: Rows
    keys: set[RowTuple]


def write_chunk(connection: Connection, place: Place, done: Batch) -> dict[str, int]:
    """Replace the staged rows of every record in the chunk, in the caller's transaction; returns rows per kind.

    A quarantined record's output is that of its last readable version, so that staging anew gives the same rows.
    """
    stood = forget(connection, place, done.restaged)
    keep_past(connection, (place.source, place.stream), done.restaged, stood.rows, done.rows)
    written = write_rows(connection, done)
    write_keys(connection, done, stood.keys)
    point(connection, place, done)
    return written


def forget(connection: Connection, place: Place, before: Sequence[str]) -> Stood:
    """Delete the staged rows of records staged before; what they were stays pending, so that absence is published.

    Returns what there was. The keys still stand: few changes touch any, and each lies at a random place of two indexes.
    """
    stood = Stood({}, set())
    if not before:
        return stood
    bulk.load_keys(
        connection,
        "restaged",
        ("base", "lower_end", "upper_end"),
        [key_range(place, source_id) for source_id in before],
    )
    for kind, name in TABLES.items():
        listed = ", ".join(f"s.{column}" for column in staged_columns(kind))
        rows = connection.query(
            f"SELECT {listed} FROM restaged r JOIN {name} s ON s.record = r.base UNION ALL"
            f" SELECT {listed} FROM restaged r JOIN {name} s ON s.record >= r.lower_end AND s.record < r.upper_end"
        )
        if not rows:
            continue
        stood.rows[kind] = {row[0]: row for row in rows}
        found = [(row[0],) for row in rows]
        add_pending(connection, [(row[0], kind) for row in found])
        add_pending(connection, compared_before(connection, kind, found))
        stood.keys.update(keys_of(connection, [row[0] for row in found]))
        for owned in (name, "participant"):
            bulk.delete(connection, owned, ("record",), found)
    return stood


def keys_of(connection: Connection, records: Sequence[str]) -> set[RowTuple]:
    """The key rows of staged records."""
    found: set[RowTuple] = set()
    for start in range(0, len(records), IDS_AT_ONCE):
        some = records[start : start + IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        found.update(
            connection.query(f"SELECT {', '.join(KEY_COLUMNS)} FROM key WHERE record IN ({marks})", some)
        )
    return found


def write_keys(connection: Connection, done: Batch, standing: set[RowTuple]) -> None:
    """Let the chunk's keys stand, and of those that stood no others but what proposing writes.

    That is left to proposing while the record waits for it: most changes move none of twenty blocking values.
    """
    proposed = done.rows.get("organization", {}).keys()
    over = {row for row in standing.difference(done.keys) if row[1] != BLOCK or row[0] not in proposed}
    bulk.delete(connection, "key", KEY_OF_KEYS, sorted(row[: len(KEY_OF_KEYS)] for row in over))
    fresh = [row for row in done.keys if row not in standing] if standing else done.keys
    bulk.insert(connection, "key", KEY_COLUMNS, fresh)


def key_range(place: Place, source_id: str) -> tuple[str, str, str]:
    """The record's own key, and the range its parts (`#…`) lie in."""
    base = record_key(place.source, place.stream, source_id)
    return base, f"{base}#", f"{base}$"


def write_rows(connection: Connection, done: Batch) -> dict[str, int]:
    """Insert the staged rows and participants of a chunk, and note them as pending; returns rows per kind."""
    for kind, records in done.rows.items():
        bulk.insert(connection, TABLES[kind], staged_columns(kind), list(records.values()))
        add_pending(connection, [(record, kind) for record in records])
    bulk.insert(connection, "participant", PARTICIPANT_COLUMNS, list(done.participants.values()))
    return {kind: len(records) for kind, records in done.rows.items()}


def add_pending(connection: Connection, rows: Sequence[tuple[str, str]]) -> None:
    """Note staged records whose change is not published yet."""
    bulk.upsert(connection, "pending", ("record", "kind"), rows)
    if any(kind == "organization" for _, kind in rows):
        note_uncompared(connection)


def point(connection: Connection, place: Place, done: Batch) -> None:
    """Mark the chunk's versions staged, unless a newer one landed meanwhile.

    Arrival numbers follow commits, so whatever landed after the chunk was read has a number beyond all of the chunk's.
    """
    for quarantine, ids in done.verdicts.items():
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ids[start : start + IDS_AT_ONCE]
            connection.execute(
                "UPDATE raw_current SET staged_raw_id = raw_id, staged_rules = ?, quarantine = ?"
                " WHERE source = ? AND stream = ? AND raw_id <= ?"
                f" AND source_id IN ({', '.join('?' * len(some))})",
                (place.rules.fingerprint, quarantine, place.source, place.stream, done.newest, *some),
            )
