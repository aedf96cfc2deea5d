"""What is meant by a record's key or a partner's name, and what hangs on it: records, people, facts, deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

LINKS: Final = {"organization": "organization_link", "person": "person_link"}
HELD: Final = {
    "records": "SELECT k.id, count(*) FROM asked_id k CROSS JOIN {links} l WHERE l.{entity}_id = k.id"
    " AND l.ended_at IS NULL GROUP BY k.id",
    "people": "SELECT k.id, count(DISTINCT w.person_id) FROM asked_id k CROSS JOIN person_organization w"
    " WHERE w.organization_id = k.id GROUP BY k.id",
    "facts": "SELECT k.id, count(*) FROM asked_id k CROSS JOIN timeline t WHERE t.organization_id = k.id GROUP BY k.id",
    "deals": "SELECT k.id, count(*) FROM asked_id k CROSS JOIN timeline t WHERE t.organization_id = k.id"
    " AND t.entity = 'deal' GROUP BY k.id",
}  # fmt: skip
"""What hangs on an organization → how many of it, by id. The join order is spelled out: some ids, large tables."""


class Side(NamedTuple):
    """One of two things a person speaks about.

    id: None for a record that waits and has no id yet. record: the key, where a record was named. records: those behind
    the id, founding one first; the record alone where it waits.
    """

    entity: str
    id: str | None
    name: str
    record: str | None
    records: tuple[str, ...]


def side_of_record(connection: Connection, record: str) -> Side | None:
    """The side a record key names; None for what is no staged record."""
    for entity in LINKS:
        found = connection.one(f"SELECT name FROM staged_{entity} WHERE record = ?", (record,))
        if found is None:
            continue
        held = connection.one(
            f"SELECT {entity}_id FROM {LINKS[entity]} WHERE record = ? AND ended_at IS NULL", (record,)
        )
        if held is None:
            return Side(entity, None, str(found[0] or record), record, (record,))
        golden = connection.one(f"SELECT name FROM {entity} WHERE {entity}_id = ?", held)
        name = (golden[0] if golden else None) or found[0] or record
        return Side(entity, held[0], str(name), record, records_behind(connection, entity, held[0]))
    return None


def side_of_id(connection: Connection, organization_id: str, name: str) -> Side:
    """The side an organization is."""
    records = records_behind(connection, "organization", organization_id)
    return Side("organization", organization_id, name, None, records)


def side_of_person(connection: Connection, person_id: str) -> Side | None:
    """The side a person's id names, also a former one; None for what is no person's."""
    answers = connection.one(
        "SELECT to_id FROM redirect WHERE from_id = ? AND ended_at IS NULL", (person_id,)
    )
    now = str(answers[0]) if answers else person_id
    found = connection.one("SELECT coalesce(name, email, person_id) FROM person WHERE person_id = ?", (now,))
    return (
        Side("person", now, str(found[0]), None, records_behind(connection, "person", now)) if found else None
    )


def records_behind(connection: Connection, entity: str, entity_id: str) -> tuple[str, ...]:
    """The records of an organization or person, the one that came first in front."""
    rows = connection.query(
        f"SELECT record FROM {LINKS[entity]} WHERE {entity}_id = ? AND ended_at IS NULL ORDER BY started_at, record",
        (entity_id,),
    )
    return tuple(row[0] for row in rows)


def ids_of(connection: Connection, entity: str, records: Iterable[str]) -> dict[str, str]:
    """Record → the id it belongs to now; a record without one is absent."""
    bulk.load_keys(connection, "asked_record", ("record",), ((record,) for record in set(records)))
    return dict(
        connection.query(
            f"SELECT l.record, l.{entity}_id FROM asked_record a JOIN {LINKS[entity]} l ON l.record = a.record"
            " WHERE l.ended_at IS NULL"
        )
    )


def holdings(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """Organization id → how many records, people, facts and deals hang on it."""
    wanted = sorted(set(ids))
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in wanted))
    counted: dict[str, dict[str, int]] = {
        name: dict(connection.query(select.format(links=LINKS["organization"], entity="organization")))
        for name, select in HELD.items()
    }
    return {each: {name: int(counts.get(each, 0)) for name, counts in counted.items()} for each in wanted}


def facts_of(connection: Connection, ids: Iterable[str]) -> set[str]:
    """The facts on the timelines of these organizations."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    return {
        row[0]
        for row in connection.query(
            "SELECT DISTINCT t.fact_id FROM asked_id k CROSS JOIN timeline t WHERE t.organization_id = k.id"
        )
    }


def organization_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Organization id → its name."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    return dict(
        connection.query(
            "SELECT o.organization_id, o.name FROM asked_id k CROSS JOIN organization o WHERE o.organization_id = k.id"
        )
    )
