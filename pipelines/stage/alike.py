"""Which staged rows other rules make anew as they stand: they are left alone, and nothing of them is published again.

A changed mapping has every record of its stream staged again, of which it changes a few. What staging made of a record
is told by a digest that stands in its row (`warehouse.row_digests`), so the others are neither written nor resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.stage.packed import TABLES, staged_columns
from warehouse import bulk
from warehouse.row_digests import digests_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from pipelines.stage.packed import Batch
    from warehouse.database import Connection, RowTuple

Digests = dict[str, dict[str, bytes]]
"""Staged kind → record key → digest."""

RULES: Final = "rules"
IDS_AT_ONCE: Final = 500
PARTS_OF_ONE: Final = 4
"""Staged rows of one kind that a record may have, on average, for its neighbors to be read at once."""
STANDING: Final = (
    "SELECT s.record FROM restaged r JOIN {name} s ON s.record = r.base UNION ALL"
    " SELECT s.record FROM restaged r JOIN {name} s ON s.record >= r.lower_end AND s.record < r.upper_end"
)

Range = tuple[str, str, str]
"""The key of a source record's own staged row, and the range in which those of its parts lie."""


class Compared(NamedTuple):
    """alike: records whose rows stand as they are made now. over: staged kind → records whose rows have to go."""

    alike: frozenset[str]
    over: dict[str, list[str]]


NONE_STAND: Final = Compared(frozenset(), {})


def made_digests(done: Batch) -> Digests:
    """Of each row of a chunk: the row without its rules, and the keys and participants of its record.

    Arrival numbers take part: what another version says alike is another version's word.
    """
    owned: dict[str, list[Any]] = {}
    for key in done.keys:
        owned.setdefault(key[0], []).extend(key[1:])
    for participant in done.participants.values():  # begins with a number, as no key does
        owned.setdefault(participant[0], []).extend(participant[1:])
    made: Digests = {}
    for kind, rows in done.rows.items():
        at = staged_columns(kind).index(RULES)
        said = [(*row[:at], *row[at + 1 :], *owned.get(record, ())) for record, row in rows.items()]
        made[kind] = dict(zip(rows, digests_of(said), strict=True))
    return made


def compare(connection: Connection, ranges: Sequence[Range], made: Digests) -> Compared:
    """Hold what a chunk made against what stands of its records."""
    if not ranges:
        return NONE_STAND
    stood = standing(connection, ranges)
    changed = {record for kind in stood for record in differing(connection, kind, stood[kind], made)}
    alike = frozenset(record for records in stood.values() for record in records if record not in changed)
    over = {kind: [record for record in records if record in changed] for kind, records in stood.items()}
    return Compared(alike, {kind: records for kind, records in over.items() if records})


def differing(connection: Connection, kind: str, stood: Sequence[str], made: Digests) -> set[str]:
    """The records of one kind whose row comes, goes or changes. A digest tells its record, too: it is nobody else's."""
    rows = made.get(kind, {})
    held = bulk.standing_digests(connection, TABLES[kind], "record", list(rows)) if stood else set[bytes]()
    stands = {record for record, digest in rows.items() if digest in held}
    return rows.keys() - stands | set(stood) - stands


def standing(connection: Connection, ranges: Sequence[Range]) -> dict[str, list[str]]:
    """Per staged kind the rows of these records.

    A stream that is walked has its records side by side, and a kind is one stretch of its table; others are looked up.
    """
    bases = {base for base, _, _ in ranges}
    stretch = bulk.Stretch.of(("record",), (min(bases),), (max(upper for _, _, upper in ranges),))
    found = {kind: in_stretch(connection, name, stretch, bases) for kind, name in TABLES.items()}
    if None in found.values():
        bulk.load_keys(connection, "restaged", ("base", "lower_end", "upper_end"), ranges)
    return {
        kind: [row[0] for row in connection.query(STANDING.format(name=TABLES[kind]))]
        if rows is None
        else rows
        for kind, rows in found.items()
    }


def in_stretch(
    connection: Connection, name: str, stretch: bulk.Stretch, bases: AbstractSet[str]
) -> list[str] | None:
    """The rows of these records among those between the first and the last; None where too many others lie there."""
    most = bulk.LOOK_ROWS
    found = stretch.rows(connection, name, ("record",), most)
    if len(found) == most and 2 * len(of_records(found, bases)) >= most:
        most = PARTS_OF_ONE * len(bases) + most
        found = stretch.rows(connection, name, ("record",), most)
    return of_records(found, bases) if len(found) < most else None


def of_records(rows: Sequence[RowTuple], bases: AbstractSet[str]) -> list[str]:
    """The staged rows of these source records, their parts included."""
    return [record for (record,) in rows if record in bases or record.partition("#")[0] in bases]


def stand_under(connection: Connection, done: Batch, alike: frozenset[str], rules: str) -> None:
    """Rows that stand as they are made now say by which rules."""
    for kind, rows in done.rows.items():
        records = [record for record in rows if record in alike]
        for start in range(0, len(records), IDS_AT_ONCE):
            condition, values = bulk.among(connection, "record", records[start : start + IDS_AT_ONCE])
            connection.execute(
                f"UPDATE {TABLES[kind]} SET rules = ? WHERE rules <> ? AND {condition}",
                (rules, rules, *values),
            )
