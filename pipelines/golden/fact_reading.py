"""What facts are made of: the staged copies, and every anchor those copies, relations and people give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.golden.attach import Link, is_own, participant_links
from pipelines.golden.copies import KINDS
from pipelines.golden.copies import fact_id as founded_by
from pipelines.golden.stated import anchors_stated
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

UNDATED = "1970-01-01T00:00:00.000000Z"
"""For records whose source gives no time at all: they sort last, and are told by it."""

MIDNIGHT = "T00:00:00.000000Z"
PARTICIPATING = frozenset({"touchpoint"})

COLUMNS = {
    "touchpoint": "t.kind, t.happened_at, NULL, t.subject, t.nature, t.direction, t.thread",
    "deal": "'deal', coalesce(t.created_at, t.modified_at), t.close_date, t.name, 'person', NULL, NULL",
    "agreement": "'agreement', t.created_at, t.starts_on, t.title, 'person', NULL, NULL, t.organization_record",
    "commitment": "'commitment', t.created_at,"
    " coalesce(t.promised_on, CASE WHEN t.created_at IS NULL THEN t.due_on END),"
    " t.title, 'person', NULL, NULL, t.organization_record, t.agreement_record",
    "work_item": "t.kind, coalesce(t.created_at, t.due_at, t.modified_at), NULL, t.title, 'person', NULL, NULL",
    "document": "'document', coalesce(t.created_at, p.happened_at, t.modified_at), NULL, t.title, 'person', NULL, NULL,"
    " t.parent_record",
}
"""kind, time, day, title, nature, direction, thread, records it hangs on in the order of `PARENTS`; per staged kind."""

JOINED = {
    "document": " LEFT JOIN fact_source ps ON ps.record = t.parent_record LEFT JOIN fact p ON p.fact_id = ps.fact_id",
}
PARENTS = {"agreement": ("party",), "commitment": ("party", "agreement"), "document": ("parent",)}
"""How a link to each record is called that a fact hangs on or belongs to."""
DATED_BY_DAY = frozenset({"agreement", "commitment"})
"""What dates from the day it says rather than from when it was written down."""

REVISION = {"touchpoint": "coalesce(t.revision, '')"}
"""What orders the copies of one fact: of a meeting that was moved, the latest invitation counts."""
NO_REVISION = "''"


class Copy(NamedTuple):
    """One staged record as a copy of a fact. parents: (role, record) it hangs on or belongs to; revision: its age."""

    record: str
    entity: str
    kind: str
    happened_at: str
    title: str | None
    nature: str
    direction: str | None
    thread: str | None
    parents: tuple[tuple[str, str], ...]
    deleted_at: str | None
    revision: str = ""


class Anchors(NamedTuple):
    """What ties facts to organizations: links by fact, and the facts in which any address takes part."""

    links: Mapping[str, list[Link]]
    met: set[str]


def read_copies(connection: Connection, phase: str, span: Span) -> dict[str, list[Copy]]:
    """The staged copies of some facts, deleted ones included."""
    found: dict[str, list[Copy]] = {}
    for kind in KINDS:
        if kind.work != phase:
            continue
        rows = connection.query(
            f"SELECT w.fact_id, t.record, t.deleted_at, {REVISION.get(kind.name, NO_REVISION)}, {COLUMNS[kind.name]}"
            f" FROM {phase} w CROSS JOIN fact_source s CROSS JOIN {kind.table} t{JOINED.get(kind.name, '')}"
            " WHERE w.fact_id BETWEEN ? AND ? AND s.fact_id = w.fact_id AND t.record = s.record",
            span,
        )
        for row in rows:
            found.setdefault(row[0], []).append(copy_of(kind.name, row))
    return found


def copy_of(entity: str, row: tuple[Any, ...]) -> Copy:
    """One row of `read_copies`: agreements and commitments date from their day, everything else from its time."""
    _, record, deleted_at, revision, kind, time, day, title, nature, direction, thread, *hangs_on = row
    at_day = f"{day}{MIDNIGHT}" if day else None
    happened_at = (at_day or time) if entity in DATED_BY_DAY else (time or at_day)
    roles = PARENTS.get(entity, ())
    parents = tuple((role, parent) for role, parent in zip(roles, hangs_on, strict=True) if parent)
    moment = happened_at or UNDATED
    return Copy(record, entity, kind, moment, title, nature, direction, thread, parents, deleted_at, revision)


def read_anchors(
    connection: Connection,
    phase: str,
    span: Span,
    copies: Mapping[str, list[Copy]],
    settings: PublishSettings,
) -> Anchors:
    """Every anchor of some facts, each (anchor, role) once, in fixed order. Deleted copies say nothing any more."""
    living = {copy.record for each in copies.values() for copy in each if copy.deleted_at is None}
    found: dict[str, dict[tuple[str, str], Link]] = {}
    met: set[str] = set()

    def add(fact_id: str, links: Iterable[Link]) -> None:
        known = found.setdefault(fact_id, {})
        for link in links:
            key = link.anchor, link.role
            if key not in known or is_before(link, known[key]):
                known[key] = link

    for fact_id, each in copies.items():
        add(fact_id, parent_links(each))
    if any(kind.work == phase and kind.name in PARTICIPATING for kind in KINDS):
        for fact_id, record, role, address, person in read_participants(connection, phase, span):
            if record in living:
                met.add(fact_id)
                add(fact_id, links_of_participant(role, address, person, settings))
    for fact_id, record, link in read_relations(connection, phase, span):
        if record in living:
            add(fact_id, [link])
    for fact_id, link in read_decisions(connection, phase, span, copies):
        add(fact_id, [link])
    return Anchors({fact_id: [known[key] for key in sorted(known)] for fact_id, known in found.items()}, met)


def is_before(one: Link, other: Link) -> bool:
    """Whether a link is shown rather than another one for the same anchor and role: the first relation by key."""
    return (one.method, one.stated_by or "") < (other.method, other.stated_by or "")


def parent_links(copies: Iterable[Copy]) -> list[Link]:
    """Links to what a document hangs on, or an agreement or commitment belongs to."""
    return [
        Link(f"record:{parent}", role, "crm_id")
        for copy in copies
        if copy.deleted_at is None
        for role, parent in copy.parents
    ]


def links_of_participant(
    role: str, address: str | None, person: str | None, settings: PublishSettings
) -> list[Link]:
    """Links of one participant: the person the source names, and the address unless it is ours."""
    links = [Link(f"record:{person}", role, "crm_id")] if person else []
    if address and not is_own(address, settings.own_domains, settings.own_addresses):
        links += participant_links(address, role)
    return links


def read_participants(
    connection: Connection, phase: str, span: Span
) -> list[tuple[str, str, str, str | None, str | None]]:
    """(fact, record, role, address, person record) of everybody who takes part."""
    rows = connection.query(
        f"SELECT w.fact_id, p.record, p.role, p.address, p.person_record"
        f" FROM {phase} w CROSS JOIN fact_source s CROSS JOIN participant p"
        " WHERE w.fact_id BETWEEN ? AND ? AND s.fact_id = w.fact_id AND p.record = s.record",
        span,
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def read_relations(connection: Connection, phase: str, span: Span) -> list[tuple[str, str, Link]]:
    """(fact, record, link) a source states: the record is about, or has as a party, another record."""
    rows = connection.query(
        "SELECT w.fact_id, s.record, r.to_record, coalesce(r.role, r.kind), r.since, r.until, r.record"
        f" FROM {phase} w CROSS JOIN fact_source s CROSS JOIN staged_relation r"
        " WHERE w.fact_id BETWEEN ? AND ? AND s.fact_id = w.fact_id AND r.from_record = s.record"
        " AND r.kind IN ('about', 'party') AND r.deleted_at IS NULL",
        span,
    )
    return [
        (fact_id, record, Link(anchor, role, method, 1.0, since, until, stated_by))
        for fact_id, record, target, role, since, until, stated_by in rows
        for method, anchor in anchors_stated(target)
    ]


def read_decisions(
    connection: Connection, phase: str, span: Span, copies: Mapping[str, list[Copy]]
) -> list[tuple[str, Link]]:
    """(fact, link) of what people attached or detached; of several verdicts on one record the last one counts.

    A verdict on a fact that has since become a copy of another one holds for that one.
    """
    own = (
        f"SELECT w.fact_id, d.anchor, d.verdict, d.decided_at FROM {phase} w CROSS JOIN attachment_decision d"
        " WHERE w.fact_id BETWEEN ? AND ? AND d.fact_id = w.fact_id"
    )
    rows = connection.query(own, span)
    former = [
        (each, founded_by(copy.record)) for each, known in copies.items() if known[1:] for copy in known
    ]
    if bulk.load_keys(connection, "wanted_fact", ("fact_id", "former_id"), former):
        rows += connection.query(
            "SELECT w.fact_id, d.anchor, d.verdict, d.decided_at FROM wanted_fact w CROSS JOIN attachment_decision d"
            " WHERE d.fact_id = w.former_id"
        )
    last = {
        (each, anchor): verdict for each, anchor, verdict, _ in sorted(rows, key=lambda row: (row[3], row))
    }
    return [(each, Link(anchor, verdict, "decision")) for (each, anchor), verdict in last.items()]
