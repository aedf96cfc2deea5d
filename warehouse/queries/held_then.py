"""What else hung on one organization at a moment: its people, deals, work, promises and documents, as they were then.

What records said then comes from their raw versions, which `Recollection` reads by today's rules; what hung on the
organization then, from `hung_then`. Nothing here shows what was learned later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol

from warehouse.queries.holdings import WITHHELD, Document, WorkItem, unpacked
from warehouse.queries.hung_then import Hung, hung, marks, portions
from warehouse.queries.mail_sight import Level, levels
from warehouse.queries.record import Agreement, Commitment, Deal, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.queries.hung_then import Past
    from warehouse.viewer import Viewer

MOST: Final = 600
"""Facts beside touchpoints that are looked at, the newest first."""
MOST_PEOPLE: Final = 400
HELD: Final = (
    "SELECT t.fact_id, t.anchor, t.method, t.organization_id, t.entity FROM timeline t"
    " WHERE t.organization_id IN ({marks}) AND t.entity <> 'touchpoint'"
    " ORDER BY t.happened_at DESC, t.fact_id LIMIT ?"
)
DELETED_SINCE: Final = (
    "SELECT f.fact_id, 'record:' || r.to_record, 'crm_id', '' AS organization_id, f.entity FROM staged_relation r"
    " JOIN fact_source s ON s.record = r.from_record JOIN fact f ON f.fact_id = s.fact_id"
    " WHERE r.to_record IN ({marks}) AND r.kind IN ('about', 'party') AND f.deleted_at > ?"
    " AND f.entity <> 'touchpoint'"
)
"""A deleted fact has no links of its own any more; what ties it at its source still stands."""
COPIES: Final = "SELECT fact_id, record FROM fact_source WHERE fact_id IN ({marks}) ORDER BY record"
WORKED: Final = (
    "SELECT from_record FROM staged_relation WHERE to_record IN ({marks}) AND kind = 'works_at'"
    " UNION SELECT person_record FROM affiliation WHERE organization_record IN ({marks})"
)
RELATIONS: Final = "SELECT record FROM staged_relation WHERE from_record IN ({marks}) AND kind = 'works_at'"
LEFT: Final = (
    "SELECT person_record, role, until FROM affiliation"
    " WHERE organization_record IN ({marks}) AND until IS NOT NULL AND until <= ? AND noted_at <= ?"
)
ALIKE: Final = (
    "SELECT record, person_id FROM person_link WHERE person_id IN ({marks}) AND started_at <= ?"
    " AND (ended_at IS NULL OR ended_at > ?)"
)
PERSONS: Final = (
    "SELECT record, person_id FROM person_link WHERE record IN ({marks}) AND started_at <= ?"
    " AND (ended_at IS NULL OR ended_at > ?)"
)

Row = dict[str, Any]
Said = dict[str, tuple[str, Row]]
"""Record key → its kind and what it said."""


class Recollection(Protocol):
    """What reads raw versions by the rules of today."""

    def said(self, connection: Connection, records: Iterable[str], moment: str) -> Said:
        """Record key → its kind and what it said at a moment (UTC text), with all that came of the same raw records."""
        ...

    def deal(self, copies: Sequence[Mapping[str, Any]]) -> Row:
        """One deal of all its copies."""
        ...

    def person(self, copies: Sequence[Mapping[str, Any]]) -> Row:
        """One person of all their records."""
        ...


@dataclass(slots=True)
class HeldThen:
    """What hung on an organization at a moment. unread: facts that did and that nobody can read back any more.

    cut: whether there is more than was looked at.
    """

    people: list[Person] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    work: list[WorkItem] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    unread: int = 0
    cut: bool = False


def held_then(viewer: Viewer, connection: Connection, past: Past, recall: Recollection) -> HeldThen:
    """People, deals, work, promises and documents of an organization as the hub knew them at a moment."""
    rows = held_rows(connection, past)
    there = hung(connection, past, [Hung(*row[:4]) for row in rows])
    entities = {row[0]: row[4] for row in rows if row[0] in there}
    copies: dict[str, list[str]] = defaultdict(list)
    for some in portions(list(entities)):
        for fact_id, record in connection.query(COPIES.format(marks=marks(some)), some):
            copies[fact_id].append(record)
    said = recall.said(connection, chain.from_iterable(copies.values()), past.moment)
    found = HeldThen(people=people_then(connection, past, recall), cut=len(rows) >= MOST)
    sights = levels(viewer, connection, entities)
    for fact_id, entity in entities.items():
        then = [said[record][1] for record in copies[fact_id] if record in said and said[record][0] == entity]
        if not then:
            found.unread += fact_id in there and bool(copies[fact_id])
        elif any(row["deleted_at"] is None for row in then):
            add(found, entity, fact_id, then, (recall, sights[fact_id]))
    arrange(found)
    return found


def held_rows(connection: Connection, past: Past) -> list[tuple[Any, ...]]:
    """What lies on today's timelines of the organization's homes, and what was deleted since."""
    if not past.homes:
        return []
    rows = connection.query(HELD.format(marks=marks(past.homes)), (*past.homes, MOST))
    for some in portions(sorted(past.records)):
        rows += connection.query(DELETED_SINCE.format(marks=marks(some)), (*some, past.moment))
    return rows


def add(
    found: HeldThen, entity: str, fact_id: str, copies: Sequence[Row], how: tuple[Recollection, Level]
) -> None:
    """One fact where it belongs. copies: what its records said, by key; how: what fuses deals, and what may be seen."""
    recall, level = how
    row = next(copy for copy in copies if copy["deleted_at"] is None)
    facts = {"fact_id": fact_id, **row}
    if entity == "deal":
        found.deals.append(made(Deal, {**facts, **recall.deal(copies)}))
    elif entity == "work_item":
        facts |= {"owner": None, "link": unpacked(row["custom_json"]).get("link")}
        found.work.append(made(WorkItem, facts))
    elif entity == "agreement":
        found.agreements.append(made(Agreement, facts))
    elif entity == "commitment":
        found.commitments.append(made(Commitment, facts))
    elif entity == "document":
        is_shown = level >= Level.SUBJECT
        custom = unpacked(row["custom_json"]) if is_shown else {}
        facts |= {
            "title": row["title"] if is_shown else WITHHELD,
            "happened_at": row["modified_at"] or row["created_at"] or "",
            "path": (custom.get("paths") or [None])[0],
            "slides": custom.get("slides"),
            "quotes": (),
        }
        found.documents.append(made(Document, facts))


def made(kind: Any, facts: Mapping[str, Any]) -> Any:
    """A row of a page from what a record said."""
    return kind(**{name: facts.get(name) for name in kind.__dataclass_fields__})


def arrange(found: HeldThen) -> None:
    """The orders in which the page of today has them."""
    found.deals.sort(key=lambda deal: (deal.status != "open", deal.name.casefold(), deal.fact_id))
    found.work.sort(key=lambda item: (not item.is_open, item.due_at or "9", item.title))
    found.agreements.sort(key=lambda each: (each.starts_on or "", each.fact_id), reverse=True)
    found.commitments.sort(key=lambda each: (each.due_on is None, each.due_on or "", each.fact_id))
    found.documents.sort(key=lambda each: each.happened_at, reverse=True)


def people_then(connection: Connection, past: Past, recall: Recollection) -> list[Person]:
    """Who worked at the organization then, and who had left by then, as all records of theirs said it."""
    known = who_worked(connection, past)
    relations = in_portions(connection, RELATIONS, known)
    ids = dict(in_portions(connection, PERSONS, known, past.moment, past.moment))
    beside = in_portions(connection, ALIKE, sorted(set(ids.values())), past.moment, past.moment)
    ids |= dict(beside)
    said = recall.said(connection, [*known, *ids, *(row[0] for row in relations)], past.moment)
    jobs = jobs_then(connection, past, said)
    persons: dict[str, list[str]] = defaultdict(list)
    for record in sorted({*known, *ids}):
        if record in said and said[record][0] == "person":
            persons[ids.get(record, record)].append(record)
    found = [
        person_of(recall, person_id, [said[each][1] for each in copies], works)
        for person_id, copies in persons.items()
        if (works := [jobs[each] for each in copies if each in jobs])
    ]
    return sorted(
        (each for each in found if each),
        key=lambda each: (each.until is not None, each.name or each.email or ""),
    )


def who_worked(connection: Connection, past: Past) -> list[str]:
    """The records of persons who ever worked at a record of the organization."""
    found: set[str] = set()
    for some in portions(sorted(past.records)):
        found |= {row[0] for row in connection.query(WORKED.format(marks=marks(some)), (*some, *some))}
    return sorted(found)[:MOST_PEOPLE]


def in_portions(
    connection: Connection, statement: str, keys: Sequence[str], *further: str
) -> list[tuple[Any, ...]]:
    """The rows of a statement over many keys."""
    return [
        row
        for some in portions(keys)
        for row in connection.query(statement.format(marks=marks(some)), (*some, *further))
    ]


def jobs_then(connection: Connection, past: Past, said: Said) -> dict[str, tuple[str, str | None]]:
    """Person's record → role there, and the day they had left by, None for who still worked there."""
    day = past.moment[:10]
    found: dict[str, tuple[str, str | None]] = {}
    for some in portions(sorted(past.records)):
        statement = LEFT.format(marks=marks(some))
        for record, role, until in connection.query(statement, (*some, day, past.moment)):
            found[record] = (role, until)
    for kind, row in said.values():
        if kind == "relation" and row["kind"] == "works_at" and row["to_record"] in past.records:
            until = row["until"] if row["until"] and row["until"] <= day else None
            if row["deleted_at"] is None:
                found[row["from_record"]] = (row["role"] or "", until)
    return found


def person_of(
    recall: Recollection, person_id: str, copies: Sequence[Row], jobs: Sequence[tuple[str, str | None]]
) -> Person | None:
    """One person; None where every record of theirs was deleted by then."""
    if all(copy["deleted_at"] is not None for copy in copies):
        return None
    role, until = min(jobs, key=lambda job: job[1] is not None)
    return Person(person_id=person_id, role=role, until=until, **recall.person(copies))
