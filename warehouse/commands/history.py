"""Blank what the hub once published of a redacted record and nobody else says: former versions and change log.

Which record a former value came from is not kept, so a value stays only where another record of the organization still
says it, or a person pinned it. What another record said once and no longer says goes along.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

BLANKED: Final = "(redacted)"
"""Where a text must stand: the name of an organization."""

NAMES: Final = frozenset({"name", "legal_name", "other_names_json"})
CUSTOM: Final = "custom_json"
NOT_ITS_OWN: Final = frozenset({"owner", "record_count", "deleted_at"})
"""What an organization's record does not say of the organization: our colleague, and the hub's bookkeeping."""

FIELDS: Final = tuple(name for name in OrganizationValues.model_fields if name not in NOT_ITS_OWN)
VERSION_COLUMNS: Final = ("organization_id", "recorded_from_at", "name", "records_json", "run_id")

Said = dict[str, set[str]]


def blank_history(connection: Connection, record: str) -> int:
    """Blank versions and changes of every organization the record ever belonged to; returns how many rows changed.

    Expects the record's staged rows to be gone. Twice is harmless.
    """
    rows = connection.query(
        "SELECT organization_id, min(started_at) FROM organization_link WHERE record = ? GROUP BY organization_id",
        (record,),
    )
    changed = 0
    for organization_id, since in rows:
        versions = [
            version
            for version in connection.records(
                "SELECT * FROM organization_version WHERE organization_id = ?", (organization_id,)
            )
            if record in json.loads(version["records_json"])
        ]
        members = {member for version in versions for member in json.loads(version["records_json"])}
        said = said_by(connection, organization_id, members - {record})
        changed += blank_versions(connection, versions, said) + blank_changes(
            connection, organization_id, since, said
        )
    return changed


def said_by(connection: Connection, organization_id: str, records: Iterable[str]) -> Said:
    """What these records say now, and what people pinned, by field; every name counts for every name."""
    bulk.load_keys(connection, "speaking", ("record",), ((record,) for record in records))
    said: Said = {}
    columns = ", ".join(f"s.{name}" for name in FIELDS)
    for row in connection.records(
        f"SELECT {columns} FROM speaking w JOIN staged_organization s ON s.record = w.record"
    ):
        for name, value in row.items():
            said.setdefault(about(name), set()).update(texts(name, value))
    for name, value in connection.query(
        "SELECT field, value FROM pin WHERE organization_id = ? AND value IS NOT NULL", (organization_id,)
    ):
        custom = name.startswith("custom.")
        said.setdefault(CUSTOM if custom else about(name), set()).update(
            [pair(name[7:], value)] if custom else [value]
        )
    return said


def about(name: str) -> str:
    """Under which heading a field's values are compared."""
    return "name" if name in NAMES else name


def texts(name: str, value: Any) -> list[str]:
    """The single texts of a value: list items, `name=value` of custom fields, or the value itself."""
    if value is None:
        return []
    if name == CUSTOM:
        return [pair(key, each) for key, each in json.loads(value).items()]
    return [str(item) for item in json.loads(value)] if name.endswith("_json") else [str(value)]


def pair(key: str, value: Any) -> str:
    """One custom field as a text to compare."""
    return f"{key}={json.dumps(value, sort_keys=True)}"


def kept(name: str, value: Any, said: Said) -> Any:
    """What may stay of a value: all of it, some of its items, or nothing."""
    known = said.get(about(name), set())
    if value is None or name not in FIELDS:
        return value
    if name == CUSTOM:
        fields = {key: each for key, each in json.loads(value).items() if pair(key, each) in known}
        return json.dumps(fields, sort_keys=True, ensure_ascii=False) if fields else None
    if name.endswith("_json"):
        items = [item for item in json.loads(value) if str(item) in known]
        return json.dumps(items, ensure_ascii=False) if items else None
    return value if str(value) in known else BLANKED if name == "name" else None


def blank_versions(connection: Connection, versions: Iterable[dict[str, Any]], said: Said) -> int:
    """Blank former versions; returns how many changed."""
    columns = tuple(dict.fromkeys((*VERSION_COLUMNS, *FIELDS)))
    rows = []
    for version in versions:
        blanked = {**version, **{name: kept(name, version[name], said) for name in FIELDS}}
        if blanked != version:
            rows.append(bulk.row_of(blanked, columns))
    bulk.upsert(connection, "organization_version", columns, rows)
    return len(rows)


def blank_changes(connection: Connection, organization_id: str, since: str, said: Said) -> int:
    """Blank the change log from the time the record belonged to the organization; returns how many rows changed."""
    rows = []
    for change_id, field, before, after in connection.query(
        "SELECT change_id, field, before, after FROM change_log WHERE organization_id = ? AND recorded_at >= ?",
        (organization_id, since),
    ):
        name = "name" if field == "organization" else field
        left = (kept(name, before, said), kept(name, after, said))
        if left != (before, after):
            rows.append((*left, change_id))
    connection.execute_many("UPDATE change_log SET before = ?, after = ? WHERE change_id = ?", rows)
    return len(rows)
