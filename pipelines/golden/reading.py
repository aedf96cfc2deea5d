"""What a chunk of organizations is made of: staged records, pins, identifiers, and what stands published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from mappings.canonical import Organization
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from pipelines.golden.work import Span
    from warehouse.database import Connection

VALUES = tuple(OrganizationValues.model_fields)
"""The golden fields in column order."""
STAGED_FIELDS = tuple(name for name in Organization.model_fields if name not in {"rules", "source_id"})
RECORD_FIELDS = (*STAGED_FIELDS, "owner")
GONE = "-"
"""Before an identifier that only deleted records hold: it counts where no living organization holds it."""

LINKED = (
    " FROM work_organization w CROSS JOIN organization_link l CROSS JOIN {table}"
    " WHERE w.organization_id BETWEEN ? AND ? AND l.organization_id = w.organization_id AND l.ended_at IS NULL"
)


@dataclass(slots=True)
class Before:
    """An organization as it stands published. `version_from`: since when, by the open version."""

    content_hash: str | None = None
    rules: str | None = None
    anchors: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    values: tuple[Any, ...] | None = None
    version_from: str | None = None


@dataclass(slots=True)
class Chunk:
    """Some organizations by id, and all that decides what they look like. Ids without an entry have none."""

    ids: list[str]
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pins: dict[str, dict[str, str | None]] = field(default_factory=dict)
    anchors: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, Before] = field(default_factory=dict)


def read_chunk(connection: Connection, span: Span) -> Chunk:
    """Load a span of touched organizations."""
    ids = connection.query(
        "SELECT organization_id FROM work_organization WHERE organization_id BETWEEN ? AND ? ORDER BY organization_id",
        span,
    )
    return Chunk(
        [row[0] for row in ids],
        read_records(connection, span),
        read_pins(connection, span),
        read_anchors(connection, span),
        read_before(connection, span),
    )


def read_records(connection: Connection, span: Span) -> dict[str, list[dict[str, Any]]]:
    """The staged records behind each organization, by record key, with the owner's name."""
    columns = ", ".join(f"s.{name}" for name in STAGED_FIELDS)
    rows = connection.query(
        f"SELECT w.organization_id, {columns}, coalesce(c.name, c.email)"
        " FROM work_organization w CROSS JOIN organization_link l CROSS JOIN staged_organization s"
        " LEFT JOIN staged_colleague c ON c.record = s.owner_record"
        " WHERE w.organization_id BETWEEN ? AND ? AND l.organization_id = w.organization_id AND l.ended_at IS NULL"
        " AND s.record = l.record",
        span,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(dict(zip(RECORD_FIELDS, row[1:], strict=True)))
    for records in found.values():
        if len(records) > 1:
            records.sort(key=lambda record: str(record["record"]))
    return found


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


def read_anchors(connection: Connection, span: Span) -> dict[str, list[str]]:
    """Addresses, hosts and domains of each organization, sorted; those of deleted records alone are marked."""
    rows = connection.query(
        "SELECT w.organization_id, k.kind || ':' || k.normalized, s.deleted_at"
        + LINKED.format(table="key k CROSS JOIN staged_organization s")
        + " AND k.record = l.record AND k.kind IN ('email', 'host', 'domain') AND s.record = l.record",
        span,
    )
    held: dict[str, dict[str, bool]] = {}
    for organization_id, anchor, deleted_at in rows:
        anchors = held.setdefault(organization_id, {})
        anchors[anchor] = anchors.get(anchor, False) or deleted_at is None
    return {
        organization_id: sorted(anchor if living else GONE + anchor for anchor, living in anchors.items())
        for organization_id, anchors in held.items()
    }


def read_before(connection: Connection, span: Span) -> dict[str, Before]:
    """What stands published of each organization: its row, and its open version."""
    found: dict[str, Before] = {}
    for organization_id, digest, rules, anchors in connection.query(
        "SELECT o.organization_id, o.content_hash, o.rules, o.anchors_json"
        " FROM work_organization w CROSS JOIN organization o"
        " WHERE w.organization_id BETWEEN ? AND ? AND o.organization_id = w.organization_id",
        span,
    ):
        found[organization_id] = Before(digest, rules, orjson.loads(anchors) if anchors else [])
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
