"""Write a chunk's staged output: rows, keys, participants, what is pending, and the staged pointer, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mappings.canonical import record_key
from pipelines.stage.alike import compare, made_digests, stand_under
from pipelines.stage.compared import compared_before
from pipelines.stage.packed import TABLES, staged_columns
from pipelines.stage.past import Rows, keep_past
from pipelines.uncompared import note_uncompared
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pipelines.stage.alike import Digests
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
    """Let the staged rows of every record in the chunk be what it made, in the caller's transaction.

    Returns rows per kind, those included that stood so already. A quarantined record's output is that of its last
    readable version, so that staging anew gives the same rows.
    """
    made = made_digests(done)
    alike, over = compare(connection, [key_range(place, source_id) for source_id in done.restaged], made)
    stood = forget(connection, over)
    fresh = without(done.rows, alike) if alike else done.rows
    keep_past(connection, (place.source, place.stream), done.restaged, stood.rows, fresh)
    write_rows(connection, fresh, made)
    write_participants(connection, done, alike)
    write_keys(connection, done, stood.keys, alike)
    stand_under(connection, done, alike, place.rules.fingerprint)
    point(connection, place, done)
    return {kind: len(rows) for kind, rows in done.rows.items()}


def without(rows: Rows, records: AbstractSet[str]) -> Rows:
    """All rows but those of some records."""
    return {
        kind: {key: row for key, row in each.items() if key not in records} for kind, each in rows.items()
    }


def forget(connection: Connection, over: Mapping[str, Sequence[str]]) -> Stood:
    """Delete staged rows, told by kind; what they were stays pending, so that absence is published.

    Returns what there was. The keys still stand: few changes touch any, and each lies at a random place of two indexes.
    """
    stood = Stood({}, set())
    for kind, records in over.items():
        stood.rows[kind] = rows_of(connection, kind, records)
        rows = [(record,) for record in records]
        add_pending(connection, [(record, kind) for record in records])
        add_pending(connection, compared_before(connection, kind, rows))
        stood.keys.update(keys_of(connection, records))
        for owned in (TABLES[kind], "participant"):
            bulk.delete(connection, owned, ("record",), rows)
    return stood


def rows_of(connection: Connection, kind: str, records: Sequence[str]) -> dict[str, RowTuple]:
    """The staged rows of a kind, by record."""
    found: dict[str, RowTuple] = {}
    listed = ", ".join(staged_columns(kind))
    for start in range(0, len(records), IDS_AT_ONCE):
        condition, values = bulk.among(connection, "record", records[start : start + IDS_AT_ONCE])
        rows = connection.query(f"SELECT {listed} FROM {TABLES[kind]} WHERE {condition}", values)
        found.update((row[0], row) for row in rows)
    return found


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


def write_keys(connection: Connection, done: Batch, standing: set[RowTuple], alike: AbstractSet[str]) -> None:
    """Let the keys of rows that were written stand, and of those that stood no others but what proposing writes.

    That is left to proposing while the record waits for it: most changes move none of twenty blocking values.
    """
    proposed = done.rows.get("organization", {}).keys()
    over = {row for row in standing.difference(done.keys) if row[1] != BLOCK or row[0] not in proposed}
    bulk.delete(connection, "key", KEY_OF_KEYS, sorted(row[: len(KEY_OF_KEYS)] for row in over))
    fresh = [row for row in done.keys if row[0] not in alike] if alike else done.keys
    fresh = [row for row in fresh if row not in standing] if standing else fresh
    bulk.insert(connection, "key", KEY_COLUMNS, fresh)


def key_range(place: Place, source_id: str) -> tuple[str, str, str]:
    """The record's own key, and the range its parts (`#…`) lie in."""
    base = record_key(place.source, place.stream, source_id)
    return base, f"{base}#", f"{base}$"


def write_rows(connection: Connection, fresh: Rows, made: Digests) -> None:
    """Insert staged rows with what tells them apart from others, and note them as pending."""
    for kind, records in fresh.items():
        digests = made[kind]
        rows = [(*row, digests[record]) for record, row in records.items()]
        bulk.insert(connection, TABLES[kind], (*staged_columns(kind), "digest"), rows)
        add_pending(connection, [(record, kind) for record in records])


def write_participants(connection: Connection, done: Batch, alike: AbstractSet[str]) -> None:
    """Insert the participants of rows that were written."""
    participants = [row for row in done.participants.values() if row[0] not in alike]
    bulk.insert(connection, "participant", PARTICIPANT_COLUMNS, participants)


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
