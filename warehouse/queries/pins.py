"""What sources say against a pin, and which of them say something else since it was set: a conflict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

STANDING: Final = (
    "SELECT p.organization_id, coalesce(r.to_id, p.organization_id), p.field, p.value, p.actor, p.pinned_at,"
    " p.heard_json FROM pin p LEFT JOIN redirect r ON r.from_id = p.organization_id AND r.ended_at IS NULL"
    " WHERE p.lifted_at IS NULL AND p.heard_json IS NOT NULL ORDER BY 6"
)
EVERY_FIELD: Final = "*"


@dataclass(frozen=True, slots=True)
class PinConflict:
    """A source says something new against a pin. heard: what it said when the field was pinned, None if nothing."""

    organization_id: str
    name: str
    field: str
    pinned: str | None
    actor: str
    pinned_at: str
    record: str
    says: str
    heard: str | None


def pin_conflicts(connection: Connection) -> list[PinConflict]:
    """Every source that says something else since a person pinned the field, by organization name and field."""
    in_force: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in connection.query(STANDING):
        own, answering, field = row[0], row[1], row[2]
        if own == answering or (answering, field) not in in_force:
            in_force[answering, field] = row
    found = []
    for (organization_id, field), (_, _, _, value, actor, pinned_at, written) in in_force.items():
        named = connection.one(
            "SELECT name FROM organization WHERE organization_id = ? AND deleted_at IS NULL",
            (organization_id,),
        )
        heard: dict[str, str] = json.loads(written)
        for record, says in said_otherwise(connection, organization_id, field, value).items():
            if named and heard.get(record) != says:
                found.append(
                    PinConflict(
                        organization_id,
                        named[0],
                        field,
                        value,
                        actor,
                        pinned_at,
                        record,
                        says,
                        heard.get(record),
                    )
                )
    return sorted(
        found, key=lambda each: (each.name.casefold(), each.organization_id, each.field, each.record)
    )


def said_otherwise(
    connection: Connection, organization_id: str, field: str, value: str | None
) -> dict[str, str]:
    """Record → what it says about a field, for those that say something else than `value`."""
    row = connection.one(
        "SELECT value, record, others_json FROM golden_value WHERE organization_id = ? AND field = ?",
        (organization_id, field),
    )
    said = said_by_row(row) if row else said_by_one(connection, organization_id, field)
    return {record: says for record, says in sorted(said.items()) if says != value}


def said_by_row(row: tuple[Any, ...]) -> dict[str, str]:
    """What the winning record and those that disagree say."""
    value, record, others = row
    said = {each["record"]: str(each["value"]) for each in (json.loads(others) if others else [])}
    return said if record is None else {record: str(value), **said}


def said_by_one(connection: Connection, organization_id: str, field: str) -> dict[str, str]:
    """What the only record of an organization says."""
    rows = connection.records(
        "SELECT o.*, v.record AS source_record FROM golden_value v JOIN organization o"
        " ON o.organization_id = v.organization_id WHERE v.organization_id = ? AND v.field = ?",
        (organization_id, EVERY_FIELD),
    )
    if not rows:
        return {}
    golden = rows[0]
    custom: Mapping[str, Any] = json.loads(golden["custom_json"]) if golden["custom_json"] else {}
    value = custom.get(field[7:]) if field.startswith("custom.") else golden.get(field)
    return {} if value is None else {golden["source_record"]: as_text(value)}


def as_text(value: Any) -> str:
    """A value as provenance keeps it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def heard_of(written: str | None, otherwise: Mapping[str, str]) -> dict[str, str]:
    """What a pin remembers; one of before it did remembers everything as it is now."""
    return dict(otherwise) if written is None else json.loads(written)
