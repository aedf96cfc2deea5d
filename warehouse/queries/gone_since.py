"""Touchpoints that were deleted since a moment and that an organization's timeline held then.

A deleted fact has no links any more, so it lies on no timeline of today. What tied it still stands in what its source
staged: whom it was about, and whose addresses took part. A mail that only an unknown address at their domain tied is
not found again.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.hung_then import landed_at, marks, portions
from warehouse.queries.readings import KNOWN, LOOKED_BACK, Touch, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection
    from warehouse.queries.hung_then import Past

MOST: Final = 200
"""The newest that are looked at."""
MOST_PEOPLE: Final = 300
GONE: Final = (
    "f.entity = 'touchpoint' AND f.deleted_at > ? AND f.happened_at <= ? AND f.nature <> 'list'"
    " AND (f.direction IS NULL OR f.direction <> 'internal')"
)
FACT: Final = "f.fact_id, f.entity, f.kind, f.happened_at, f.title, f.direction, f.record, f.nature"
ABOUT: Final = (
    f"SELECT {FACT} FROM staged_relation r JOIN fact_source s ON s.record = r.from_record"
    f" JOIN fact f ON f.fact_id = s.fact_id WHERE r.to_record IN ({{marks}}) AND r.kind = 'about' AND {GONE}"
    " ORDER BY f.happened_at DESC LIMIT ?"
)
WITH: Final = (
    f"SELECT {FACT} FROM participant p JOIN fact_source s ON s.record = p.record"
    f" JOIN fact f ON f.fact_id = s.fact_id WHERE p.address IN ({{marks}}) AND {GONE}"
    " ORDER BY f.happened_at DESC LIMIT ?"
)
STAFF: Final = (
    "SELECT from_record FROM staged_relation WHERE to_record IN ({marks}) AND kind = 'works_at'"
    " UNION SELECT person_record FROM affiliation WHERE organization_record IN ({marks})"
)
ADDRESSES: Final = "SELECT DISTINCT normalized FROM key WHERE record IN ({marks}) AND kind = 'email'"
PRESENT: Final = "SELECT record, address FROM participant WHERE record IN ({marks}) AND address IS NOT NULL"
TAKEN_OFF: Final = (
    "SELECT DISTINCT fact_id FROM attachment_decision WHERE fact_id IN ({marks}) AND verdict = 'detach'"
)


def gone_since(connection: Connection, past: Past) -> list[dict[str, Any]]:
    """Facts as dicts of `FACT`, the newest first.

    Only those that had arrived by the moment, and that nobody took off a timeline by hand.
    """
    own = sorted(past.records)
    staff = sorted({row[0] for row in found_by(connection, STAFF, own, twice=True)})[:MOST_PEOPLE]
    addresses = sorted({row[0] for row in found_by(connection, ADDRESSES, [*own, *staff])})
    further = (past.moment, past.moment, MOST)
    rows = [
        *records_by(connection, ABOUT, [*own, *staff], further),
        *records_by(connection, WITH, addresses, further),
    ]
    found = {row["fact_id"]: row for row in sorted(rows, key=lambda row: row["happened_at"], reverse=True)}
    arrived = landed_at(connection, list(found))
    taken_off = {row[0] for row in found_by(connection, TAKEN_OFF, list(found))}
    return [
        row
        for fact_id, row in found.items()
        if arrived.get(fact_id, past.moment) <= past.moment and fact_id not in taken_off
    ][:MOST]


def touches_gone(connection: Connection, past: Past) -> list[Touch]:
    """What counted of the 360 days before the moment and was deleted since; `hung_then.touches_then` has the rest."""
    since = text_of(datetime.fromisoformat(past.moment) - LOOKED_BACK)
    rows = [
        row
        for row in gone_since(connection, past)
        if row["nature"] == "person" and since < row["happened_at"]
    ]
    persons = {
        anchor: person_id
        for person_id, written in connection.query(KNOWN, (past.organization_id,))
        for anchor in json.loads(written or "[]")
    }
    met: dict[str, set[str]] = {}
    for record, address in found_by(connection, PRESENT, [row["record"] for row in rows]):
        if person_id := persons.get(f"email:{address}"):
            met.setdefault(record, set()).add(person_id)
    return [
        Touch(row["happened_at"], row["direction"], frozenset(met.get(row["record"], ()))) for row in rows
    ]


def found_by(
    connection: Connection, statement: str, keys: Sequence[str], *, twice: bool = False
) -> list[tuple[Any, ...]]:
    """The rows of a statement over many keys. twice: the keys stand in it two times."""
    return [
        row
        for some in portions(keys)
        for row in connection.query(statement.format(marks=marks(some)), [*some, *some] if twice else some)
    ]


def records_by(
    connection: Connection, statement: str, keys: Sequence[str], further: tuple[Any, ...]
) -> list[dict[str, Any]]:
    """The same as dicts, with further parameters behind the keys."""
    return [
        row
        for some in portions(keys)
        for row in connection.records(statement.format(marks=marks(some)), (*some, *further))
    ]
