"""One organization whole: its values with provenance, its source records, people, deals and timeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.mail_sight import Level, as_shown, levels
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

BOOKKEEPING: Final = frozenset({"custom_json", "record_count", "deleted_at"})
FIELDS: Final = tuple(name for name in OrganizationValues.model_fields if name not in BOOKKEEPING)
HISTORY: Final = ("recorded_from_at", "recorded_to_at")
EVERY_FIELD: Final = "*"
STATED_AS: Final = {"annual_value": ("annual_value_minor", "currency")}
"""What a document states as one thing → the fields it fills."""
TIMELINE_PAGE: Final = 30
EXCERPT: Final = 140
MAIL: Final = "email"


class Disagreement(NamedTuple):
    """A source record that says something else. place: where in a document, for a record that was read out of one."""

    record: str
    value: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One golden value and why it is the one.

    source, stream, source_id: the winning record; None for a value a person pinned. rule: pin, priority, recency, only
    or union. modified_at: when the source last changed that record, where it says so. raw_id: the raw version. place:
    where in a document (`slide 2 of “Review Q3”`), for a record that was read out of one.
    """

    field: str
    value: str
    record: str | None
    source: str | None
    modified_at: str | None
    raw_id: int | None
    rule: str
    others: tuple[Disagreement, ...] = ()
    place: str | None = None


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source record behind an organization, and how it came to belong to it. score: bits, where one decided."""

    record: str
    source: str
    stream: str
    source_id: str
    name: str
    modified_at: str | None
    deleted_at: str | None
    method: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Person:
    """One person at an organization. until: the day they left, for who was there before."""

    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    title: str | None
    role: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One fact on a timeline. method: how it attached (crm_id, person_address, host, domain, decision).

    title: the subject, or how the text begins where there is none and it is not sensitive; None for a mail whose
    subject the viewer may not see. thread: the conversation a mail is of, where the viewer may know of it.
    """

    fact_id: str
    entity: str
    kind: str
    happened_at: str
    title: str | None
    direction: str | None
    source: str
    method: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal of an organization; the stage as its source says it. amount_minor: integer minor units of currency."""

    fact_id: str
    name: str
    stage: str | None
    status: str | None
    amount_minor: int | None
    currency: str | None
    close_date: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement of an organization. amount_minor: integer minor units of currency."""

    fact_id: str
    record: str
    title: str
    kind: str | None
    status: str | None
    starts_on: str | None
    ends_on: str | None
    renews_on: str | None
    amount_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Commitment:
    """One thing promised, with its days."""

    fact_id: str
    record: str
    title: str
    status: str | None
    promised_on: str | None
    due_on: str | None
    done_on: str | None


def organization(viewer: Viewer, connection: Connection, organization_id: str) -> dict[str, Any] | None:
    """The golden row with its custom fields; None for an unknown id. Redirects are not followed."""
    rows = connection.records(
        "SELECT * FROM organization WHERE organization_id = ?", (viewer.only(organization_id),)
    )
    return published(rows[0]) if rows else None


def organization_as_of(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str
) -> dict[str, Any] | None:
    """The record as the hub knew it at a moment (UTC text); None when it knew none."""
    rows = connection.records(
        "SELECT * FROM organization_version WHERE organization_id = ? AND recorded_from_at <= ?"
        " AND (recorded_to_at IS NULL OR recorded_to_at > ?) ORDER BY recorded_from_at DESC LIMIT 1",
        (viewer.only(organization_id), moment, moment),
    )
    return published(rows[0]) if rows else None


def published(row: dict[str, Any]) -> dict[str, Any]:
    """The filled fields of a golden row, lists as lists, custom fields as `custom.<name>`."""
    found = {
        name.removesuffix("_json"): unpacked(name, row[name]) for name in FIELDS if row[name] is not None
    }
    custom = json.loads(row["custom_json"]) if row["custom_json"] else {}
    found |= {f"custom.{name}": value for name, value in sorted(custom.items())}
    kept = {name: row[name] for name in ("organization_id", "record_count", "deleted_at")}
    history: dict[str, Any] = {name: row[name] for name in HISTORY if name in row}
    return {**kept, **history, **found}


def unpacked(name: str, value: Any) -> Any:
    """A list from its JSON; anything else as it is."""
    return json.loads(value) if name.endswith("_json") else value


def values(viewer: Viewer, connection: Connection, organization_id: str) -> list[Value]:
    """Every golden value with its provenance, in the order of the fields."""
    rows = connection.records(
        "SELECT v.*, s.source, s.modified_at FROM golden_value v LEFT JOIN staged_organization s ON s.record = v.record"
        " WHERE v.organization_id = ?",
        (viewer.only(organization_id),),
    )
    found = {row["field"]: row for row in rows}
    golden = organization(viewer, connection, organization_id) or {}
    everything = found.get(EVERY_FIELD)
    named = [name.removesuffix("_json") for name in FIELDS]
    custom = sorted(name for name in golden if name.startswith("custom."))
    places = places_in_documents(connection, organization_id)
    return [
        value_of(name, golden[name], row, places)
        for name in (*named, *custom)
        if name in golden and (row := found.get(name) or found.get(f"{name}_json") or everything)
    ]


def places_in_documents(connection: Connection, organization_id: str) -> dict[tuple[str, str], str]:
    """Where the values of records that were read out of documents stand there, by (record, field)."""
    linked = connection.query(
        "SELECT record FROM organization_link WHERE organization_id = ? AND ended_at IS NULL",
        (organization_id,),
    )
    parts = {record: record.partition("#")[0] for (record,) in linked if "#" in record}
    wanted = sorted(set(parts.values()))
    if not wanted:
        return {}
    marks = ", ".join("?" * len(wanted))
    rows = connection.query(
        f"SELECT record, title, custom_json FROM staged_document WHERE record IN ({marks})", wanted
    )
    documents = {document: facts for document, *facts in rows}
    found = {}
    for record, (title, custom) in ((each, documents[of]) for each, of in parts.items() if of in documents):
        said = (json.loads(custom) if custom else {}).get("said") or {}
        for field, each in said.items():
            for name in STATED_AS.get(field, (field, f"custom.{each.get('label')}")):
                found[record, name] = f"slide {each['slide']} of “{title}”"
    return found


def value_of(name: str, value: Any, row: dict[str, Any], places: Mapping[tuple[str, str], str]) -> Value:
    """One value with the row that says where it is from."""
    others = json.loads(row["others_json"]) if row["others_json"] else []
    return Value(
        field=name,
        value=", ".join(map(str, value)) if isinstance(value, list) else str(value),
        record=row["record"],
        source=row["source"],
        modified_at=row["modified_at"],
        raw_id=row["raw_id"],
        rule=row["rule"],
        others=tuple(
            Disagreement(other["record"], str(other["value"]), places.get((other["record"], name)))
            for other in others
        ),
        place=places.get((row["record"], name)),
    )


def source_records(viewer: Viewer, connection: Connection, organization_id: str) -> list[SourceRecord]:
    """The source records that make up an organization now, deleted ones included, by key."""
    rows = connection.records(
        "SELECT l.record, s.source, s.stream, s.source_id, s.name, s.modified_at, s.deleted_at, l.method, l.score"
        " FROM organization_link l JOIN staged_organization s ON s.record = l.record"
        " WHERE l.organization_id = ? AND l.ended_at IS NULL ORDER BY l.record",
        (viewer.only(organization_id),),
    )
    return [SourceRecord(**row) for row in rows]


def people(viewer: Viewer, connection: Connection, organization_id: str) -> list[Person]:
    """The people who work at an organization, then those who did, by name."""
    rows = connection.records(
        "SELECT p.person_id, p.name, p.email, p.phone, p.title, w.role, w.until FROM person_organization w"
        " JOIN person p ON p.person_id = w.person_id WHERE w.organization_id = ? AND p.deleted_at IS NULL"
        " ORDER BY lower(coalesce(p.name, p.email, '')), p.person_id, CASE WHEN w.until IS NULL THEN 1 ELSE 0 END",
        (viewer.only(organization_id),),
    )
    found = {row["person_id"]: Person(**row) for row in rows}
    return sorted(found.values(), key=lambda each: each.until is not None)


def timeline(
    viewer: Viewer,
    connection: Connection,
    organization_id: str,
    *,
    before: tuple[str, str] | None = None,
    limit: int = TIMELINE_PAGE,
) -> list[Event]:
    """Facts, the newest first. `before`: (happened_at, fact_id) of the last one already seen."""
    test, seen = ("AND (t.happened_at, t.fact_id) < (?, ?)", before) if before else ("", ())
    rows = connection.records(
        "SELECT t.fact_id, t.entity, t.kind, t.happened_at, f.direction, f.record, t.method, f.title, f.thread,"
        f" CASE WHEN s.sensitivity = 'normal' THEN substr(s.text, 1, {EXCERPT}) END AS excerpt FROM timeline t"
        " JOIN fact f ON f.fact_id = t.fact_id LEFT JOIN staged_touchpoint s ON s.record = f.record"
        f" WHERE t.organization_id = ? {test}"
        " ORDER BY t.happened_at DESC, t.fact_id DESC LIMIT ?",
        (viewer.only(organization_id), *seen, limit),
    )
    sights = levels(viewer, connection, [row["fact_id"] for row in rows])
    return [
        Event(
            row["fact_id"], row["entity"], row["kind"], row["happened_at"],
            as_shown(sights[row["fact_id"]], row["title"], row["excerpt"]), row["direction"],
            source_of(row["record"]), row["method"],
            row["thread"] if row["kind"] == MAIL and sights[row["fact_id"]] >= Level.METADATA else None,
        )
        for row in rows
    ]  # fmt: skip


def source_of(record: str) -> str:
    """The source's name in a record key."""
    return record.split("/", 1)[0]


def deals(viewer: Viewer, connection: Connection, organization_id: str) -> list[Deal]:
    """The deals of an organization, the latest first."""
    rows = connection.records(
        "SELECT d.fact_id, d.name, d.stage, d.status, d.amount_minor, d.currency, d.close_date FROM timeline t"
        " JOIN deal d ON d.fact_id = t.fact_id"
        " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'deal'"
        " ORDER BY t.happened_at DESC, t.fact_id",
        (viewer.only(organization_id),),
    )
    return [Deal(**row) for row in rows]


def agreements(viewer: Viewer, connection: Connection, organization_id: str) -> list[Agreement]:
    """The agreements of an organization, the latest first."""
    rows = connection.records(
        "SELECT f.fact_id, a.record, a.title, a.kind, a.status, a.starts_on, a.ends_on, a.renews_on, a.amount_minor,"
        " a.currency FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
        " JOIN staged_agreement a ON a.record = f.record"
        " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'agreement'"
        " ORDER BY t.happened_at DESC, t.fact_id",
        (viewer.only(organization_id),),
    )
    return [Agreement(**row) for row in rows]


def commitments(viewer: Viewer, connection: Connection, organization_id: str) -> list[Commitment]:
    """What was promised, what is due first on top; what is due on no day last."""
    rows = connection.records(
        "SELECT f.fact_id, c.record, c.title, c.status, c.promised_on, c.due_on, c.done_on FROM timeline t"
        " JOIN fact f ON f.fact_id = t.fact_id JOIN staged_commitment c ON c.record = f.record"
        " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'commitment'"
        " ORDER BY CASE WHEN c.due_on IS NULL THEN 1 ELSE 0 END, c.due_on, t.fact_id",
        (viewer.only(organization_id),),
    )
    return [Commitment(**row) for row in rows]


def partnerships(viewer: Viewer, connection: Connection, organization_id: str) -> list[dict[str, Any]]:
    """The programs an organization takes part in, and why."""
    return connection.records(
        "SELECT program, rule, record, since_at FROM partnership WHERE organization_id = ? ORDER BY program",
        (viewer.only(organization_id),),
    )
