"""What a chunk of organizations is made of: staged records, pins, identifiers, and what stands published."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from mappings.keys import anchors_of
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from pipelines.golden.work import Span
    from warehouse.database import Connection

VALUES = tuple(OrganizationValues.model_fields)
"""The golden fields in column order."""

KEY_FIELDS = ("record", "raw_id", "source", "stream", "modified_at", "created_at")
RECORD_FIELDS = (*KEY_FIELDS, *VALUES)
COMPUTED = {
    "owner": "coalesce(c.name, c.email)",
    "record_count": "CASE WHEN s.deleted_at IS NULL THEN 1 ELSE 0 END",
}
"""Golden fields that no staged column holds as such."""

GONE = "-"
"""Before an identifier that only deleted records hold: it counts where no living organization holds it."""

OWNER = (
    "LEFT JOIN colleague_record cr ON cr.record = s.owner_record"
    " LEFT JOIN colleague c ON c.colleague_id = cr.colleague_id"
)
"""The colleague behind an owner, whichever system says it."""

ANCHORED = "IN ('email', 'host', 'domain', 'name', 'crm_id', 'registry')"
"""The kinds of keys that facts can be anchored at."""

DELETED_AT = RECORD_FIELDS.index("deleted_at")

Row = tuple[Any, ...]


@dataclass(slots=True)
class Before:
    """An organization as it stands published. rules: None without a row. version_from: start of the open version."""

    rules: str | None = None
    anchors: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    values: tuple[Any, ...] | None = None
    version_from: str | None = None


@dataclass(slots=True)
class Chunk:
    """Some organizations by id, and all that decides what they look like. Ids without an entry have none.

    records: staged records in `RECORD_FIELDS` order, so that one record alone is golden values with a key in front.
    """

    ids: list[str]
    records: dict[str, list[Row]] = field(default_factory=dict)
    pins: dict[str, dict[str, str | None]] = field(default_factory=dict)
    anchors: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, Before] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Which tables hold anything yet: nothing is looked up in an empty one, which a first publication is all about."""

    versions: bool
    pins: bool
    partnerships: bool


def read_standing(connection: Connection) -> Standing:
    """Look once per publication."""
    return Standing(
        *(
            bool(connection.one(f"SELECT 1 FROM {name} LIMIT 1"))
            for name in ("organization_version", "pin", "partnership")
        )
    )


def read_chunk(connection: Connection, span: Span, standing: Standing) -> Chunk:
    """Load a span of touched organizations."""
    ids = connection.query(
        "SELECT organization_id FROM work_organization WHERE organization_id BETWEEN ? AND ? ORDER BY organization_id",
        span,
    )
    records = read_records(connection, span)
    return Chunk(
        [row[0] for row in ids],
        records,
        read_pins(connection, span) if standing.pins else {},
        read_anchors(connection, span, deleted_among(records)),
        read_before(connection, span) if standing.versions else {},
    )


def read_records(connection: Connection, span: Span) -> dict[str, list[Row]]:
    """The staged records behind each organization, by record key, with the owner's name."""
    columns = ", ".join(COMPUTED.get(name, f"s.{name}") for name in RECORD_FIELDS)
    rows = connection.query(
        f"SELECT w.organization_id, {columns}"
        " FROM work_organization w CROSS JOIN organization_link l CROSS JOIN staged_organization s"
        f" {OWNER}"
        " WHERE w.organization_id BETWEEN ? AND ? AND l.organization_id = w.organization_id AND l.ended_at IS NULL"
        " AND s.record = l.record",
        span,
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row[0] in found:
            found[row[0]].append(row[1:])
            found[row[0]].sort()
        else:
            found[row[0]] = [row[1:]]
    return found


def as_record(row: Row) -> dict[str, Any]:
    """A staged record by field name, as survivorship and partner rules read it."""
    return dict(zip(RECORD_FIELDS, row, strict=True))


def read_pins(connection: Connection, span: Span) -> dict[str, dict[str, str | None]]:
    """The pins in force, those of ids merged into it included; its own come first, then the later one."""
    rows = connection.query(
        "SELECT p.organization_id, p.field, p.value, 1, p.pinned_at FROM work_organization w CROSS JOIN pin p"
        " WHERE w.organization_id BETWEEN ? AND ? AND p.organization_id = w.organization_id AND p.lifted_at IS NULL"
        " UNION ALL SELECT r.to_id, p.field, p.value, 0, p.pinned_at FROM work_organization w CROSS JOIN redirect r"
        " CROSS JOIN pin p WHERE w.organization_id BETWEEN ? AND ? AND r.to_id = w.organization_id"
        " AND r.ended_at IS NULL AND p.organization_id = r.from_id AND p.lifted_at IS NULL"
        " ORDER BY 4, 5, 3",
        (*span, *span),
    )
    found: dict[str, dict[str, str | None]] = {}
    for organization_id, name, value, _, _ in rows:
        found.setdefault(organization_id, {})[name] = value
    return found


def deleted_among(records: dict[str, list[Row]]) -> set[str]:
    """The keys of deleted records."""
    return {row[0] for each in records.values() for row in each if row[DELETED_AT] is not None}


def read_anchors(connection: Connection, span: Span, deleted: Container[str]) -> dict[str, list[str]]:
    """What each organization can be found by, sorted; identifiers of deleted records alone are marked."""
    rows = connection.query(
        "SELECT w.organization_id, k.record, k.kind, k.scheme, k.normalized"
        " FROM work_organization w CROSS JOIN organization_link l CROSS JOIN key k"
        " WHERE w.organization_id BETWEEN ? AND ? AND l.organization_id = w.organization_id AND l.ended_at IS NULL"
        f" AND k.record = l.record AND k.kind {ANCHORED}",
        span,
    )
    held: dict[str, set[str]] = {}
    for organization_id, record, *key in rows:
        mark = GONE if record in deleted else ""
        held.setdefault(organization_id, set()).update(mark + anchor for anchor in anchors_of(*key))
    return {
        organization_id: sorted(each for each in anchors if each[0] != GONE or each[1:] not in anchors)
        for organization_id, anchors in held.items()
    }


def read_before(connection: Connection, span: Span) -> dict[str, Before]:
    """What stands published of each organization: its row, and its open version."""
    found: dict[str, Before] = {}
    for organization_id, rules, anchors in connection.query(
        "SELECT o.organization_id, o.rules, o.anchors_json"
        " FROM work_organization w CROSS JOIN organization o"
        " WHERE w.organization_id BETWEEN ? AND ? AND o.organization_id = w.organization_id",
        span,
    ):
        found[organization_id] = Before(rules, orjson.loads(anchors) if anchors else [])
    columns = ", ".join(f"v.{name}" for name in VALUES)
    for organization_id, since, records, *values in connection.query(
        f"SELECT v.organization_id, v.recorded_from_at, v.records_json, {columns}"
        " FROM work_organization w CROSS JOIN organization_version v"
        " WHERE w.organization_id BETWEEN ? AND ? AND v.organization_id = w.organization_id"
        " AND v.recorded_to_at IS NULL",
        span,
    ):
        before = found.setdefault(organization_id, Before())
        before.version_from, before.records, before.values = since, orjson.loads(records), tuple(values)
    return found
