"""Persons who move: a source that only says where somebody works now forgets where they worked; the hub does not.

When a person's employer is replaced by another one, the day is kept in the ledger for both, on their records: so the
former affiliation stays with its end, mails of that time stay with the former employer, and splits carry them along.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.golden.work import Span
    from warehouse.database import Connection

COLUMNS: Final = ("person_record", "organization_record", "role", "since", "until", "noted_at")
PERSON, ORGANIZATION, ROLE, RELATION, SINCE, UNTIL = range(6)
"""Places in a row of `person_organization`."""

FORMER: Final = (
    "SELECT l.person_id, o.organization_id, a.role, a.person_record, a.since, a.until FROM work_person w"
    " CROSS JOIN person_link l CROSS JOIN affiliation a CROSS JOIN organization_link o"
    " WHERE w.person_id BETWEEN ? AND ? AND l.person_id = w.person_id AND l.ended_at IS NULL"
    " AND a.person_record = l.record AND a.until IS NOT NULL"
    " AND o.record = a.organization_record AND o.ended_at IS NULL"
)
STILL_THERE: Final = (
    "SELECT 1 FROM staged_relation r JOIN organization_link o ON o.record = r.to_record"
    " WHERE r.record = ? AND o.organization_id = ?"
)
"""The relation still leads to a record that is, or was, of the organization: it moved, not the person."""

FOUNDER: Final = (
    "SELECT record FROM {name}_link WHERE {name}_id = ? AND ended_at IS NULL"
    " ORDER BY started_at, record LIMIT 1"
)

Row = tuple[Any, ...]


def former_affiliations(connection: Connection, span: Span) -> list[Row]:
    """Where the persons of a span worked before, as rows of `person_organization`."""
    return connection.query(FORMER, span)


def note_moves(connection: Connection, before: Sequence[Row], after: Sequence[Row], now: str) -> bool:
    """Keep the day for every person who works somewhere new and no longer where they did; says whether anybody did."""
    worked, works = by_person(before), by_person(after)
    rows: list[Row] = []
    for person_id in sorted(worked.keys() & works.keys()):
        ended = [
            row
            for key, row in worked[person_id].items()
            if key not in works[person_id] and has_ended(connection, row)
        ]
        begun = [row for key, row in works[person_id].items() if key not in worked[person_id]]
        if ended and begun:
            rows += [affiliation(connection, row, row[SINCE], now[:10], now) for row in ended]
            # Who comes back has been there before: the first day stays.
            rows += [
                affiliation(connection, row, row[SINCE] if was_there(before, row) else now[:10], None, now)
                for row in begun
            ]
    known = [row for row in rows if row[0] is not None and row[1] is not None]
    bulk.upsert(connection, "affiliation", COLUMNS, known)
    return bool(known)


def by_person(rows: Iterable[Row]) -> dict[str, dict[tuple[str, str], Row]]:
    """Person → (organization, role) → the row, for places where they still work."""
    found: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in rows:
        if row[UNTIL] is None:
            found[row[PERSON]][row[ORGANIZATION], row[ROLE]] = row
    return found


def was_there(before: Iterable[Row], row: Row) -> bool:
    """Whether somebody worked at an organization earlier, in that role."""
    return any(former[:3] == row[:3] and former[UNTIL] is not None for former in before)


def has_ended(connection: Connection, row: Row) -> bool:
    """Whether the organization is still there and no record of it moved elsewhere: then it is the person who moved."""
    redirected = connection.one(
        "SELECT 1 FROM redirect WHERE from_id = ? AND ended_at IS NULL", (row[ORGANIZATION],)
    )
    return redirected is None and connection.one(STILL_THERE, (row[RELATION], row[ORGANIZATION])) is None


def affiliation(connection: Connection, row: Row, since: str | None, until: str | None, now: str) -> Row:
    """A row of the ledger: on the records that say so, else on the founding ones."""
    stated = connection.one(
        "SELECT r.from_record, r.to_record FROM staged_relation r JOIN organization_link o ON o.record = r.to_record"
        " WHERE r.record = ? AND o.organization_id = ? AND o.ended_at IS NULL",
        (row[RELATION], row[ORGANIZATION]),
    )
    if stated is not None:
        return (*stated, row[ROLE], since, until, now)
    said = connection.one("SELECT from_record FROM staged_relation WHERE record = ?", (row[RELATION],))
    person = said or connection.one(FOUNDER.format(name="person"), (row[PERSON],))
    organization = connection.one(FOUNDER.format(name="organization"), (row[ORGANIZATION],))
    return (person and person[0], organization and organization[0], row[ROLE], since, until, now)
