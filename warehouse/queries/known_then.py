"""One organization as the hub knew it at a moment, and what one value of it was over time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.completeness import raw_key
from warehouse.queries.mail_sight import title_for
from warehouse.queries.record import FIELDS, Event, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

SHOWN: Final = 20
LOOKED_AT: Final = 200
"""Facts that are looked at to find those the hub knew of."""
MOST_VERSIONS: Final = 500
RECORDS: Final = (
    "SELECT l.record, s.name, l.started_at, l.ended_at, l.method FROM organization_link l"
    " LEFT JOIN staged_organization s ON s.record = l.record"
    " WHERE l.organization_id = ? AND l.started_at <= ? AND (l.ended_at IS NULL OR l.ended_at > ?) ORDER BY l.record"
)
EVENTS: Final = (
    "SELECT t.fact_id, t.entity, t.kind, t.happened_at, f.title, f.direction, f.record, t.method FROM timeline t"
    " JOIN fact f ON f.fact_id = t.fact_id WHERE t.organization_id = ? AND t.happened_at <= ?"
    " ORDER BY t.happened_at DESC, t.fact_id DESC LIMIT ?"
)
COPIES: Final = "SELECT fact_id, record FROM fact_source WHERE fact_id IN ({marks})"
LANDED: Final = """
WITH wanted (source, stream, source_id) AS (VALUES {rows})
SELECT r.source, r.stream, r.source_id, min(r.landed_at) FROM wanted w CROSS JOIN raw_record r
WHERE r.source = w.source AND r.stream = w.stream AND r.source_id = w.source_id
GROUP BY r.source, r.stream, r.source_id
"""
VERSIONS: Final = (
    "SELECT {column} AS value, custom_json, currency, recorded_from_at, recorded_to_at, run_id"
    " FROM organization_version WHERE organization_id = ? ORDER BY recorded_from_at DESC LIMIT ?"
)
PINS: Final = (
    "SELECT pinned_at, lifted_at, value, actor FROM pin WHERE organization_id = ? AND field = ?"
    " ORDER BY pinned_at DESC"
)
CUSTOM: Final = "custom."


class LinkedThen(NamedTuple):
    """A source record that belonged to the organization then. name: as it is called now; None once it is gone."""

    record: str
    name: str | None
    started_at: str
    ended_at: str | None
    method: str


class KnownEvents(NamedTuple):
    """What had happened by then and the hub knew of. later: how many more it learned of afterwards."""

    events: list[Event]
    later: int


class Was(NamedTuple):
    """What a value was during an interval (UTC text); None: empty. currency: of the row, for an amount."""

    value: Any
    currency: str | None
    from_at: str
    to_at: str | None
    run_id: str


class Pinned(NamedTuple):
    """A person's word on a field. value None: kept empty."""

    pinned_at: str
    lifted_at: str | None
    value: str | None
    actor: str


def first_known_at(viewer: Viewer, connection: Connection, organization_id: str) -> str | None:
    """When the hub first recorded an organization."""
    row = connection.one(
        "SELECT min(recorded_from_at) FROM organization_version WHERE organization_id = ?",
        (viewer.only(organization_id),),
    )
    return row[0] if row else None


def records_then(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str
) -> list[LinkedThen]:
    """The source records that belonged to an organization at a moment (UTC text), by key."""
    rows = connection.query(RECORDS, (viewer.only(organization_id), moment, moment))
    return [LinkedThen(*row) for row in rows]


def timeline_then(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str, limit: int = SHOWN
) -> KnownEvents:
    """The newest facts up to a moment that the hub had received by then, in any of their copies.

    Looks at the 200 newest up to that moment; what has no raw version counts as known.
    """
    rows = connection.records(EVENTS, (viewer.only(organization_id), moment, LOOKED_AT))
    landed = landed_at(connection, [row["fact_id"] for row in rows])
    known = [row for row in rows if landed.get(row["fact_id"], moment) <= moment]
    shown = title_for(viewer, connection, {row["fact_id"]: row["title"] for row in known})
    events = [
        Event(
            **{name: row[name] for name in row if name != "record"} | {"title": shown[row["fact_id"]]},
            source=source_of(row["record"]),
        )
        for row in known[:limit]
    ]
    return KnownEvents(events, len(rows) - len(known))


def landed_at(connection: Connection, fact_ids: list[str]) -> dict[str, str]:
    """When the first copy of each fact arrived; what has no raw version is left out."""
    if not fact_ids:
        return {}
    copies = connection.query(COPIES.format(marks=", ".join("?" * len(fact_ids))), fact_ids)
    keys = {record: raw_key(record) for _, record in copies if record.count("/") > 1}
    if not keys:
        return {}
    wanted = sorted(set(keys.values()))
    statement = LANDED.format(rows=", ".join(["(?, ?, ?)"] * len(wanted)))
    arrived = {
        (source, stream, source_id): at
        for source, stream, source_id, at in connection.query(statement, flat(wanted))
    }
    found: dict[str, str] = {}
    for fact_id, record in copies:
        at = arrived.get(keys.get(record, ("", "", "")))
        if at is not None:
            found[fact_id] = min(at, found.get(fact_id, at))
    return found


def flat(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as one list of parameters."""
    return [part for row in rows for part in row]


def value_history(viewer: Viewer, connection: Connection, organization_id: str, field: str) -> list[Was]:
    """What one value was and when, the newest first; equal neighbors are one interval. Empty for an unknown field.

    field: as the record names it (`tier`, `other_names`, `custom.segment`). Reads the newest 500 versions.
    """
    is_custom = field.startswith(CUSTOM)
    column = (
        "NULL" if is_custom else next((name for name in FIELDS if name.removesuffix("_json") == field), None)
    )
    if column is None:
        return []
    rows = connection.records(VERSIONS.format(column=column), (viewer.only(organization_id), MOST_VERSIONS))
    found: list[Was] = []
    for row in rows:
        value = custom_value(row["custom_json"], field) if is_custom else row["value"]
        if value is not None and column.endswith("_json"):
            value = ", ".join(map(str, json.loads(value)))
        was = Was(value, row["currency"], row["recorded_from_at"], row["recorded_to_at"], row["run_id"])
        if found and (found[-1].value, found[-1].currency) == (was.value, was.currency):
            was = was._replace(to_at=found.pop().to_at)
        found.append(was)
    return found


def custom_value(written: str | None, field: str) -> Any:
    """A custom field of a version."""
    return json.loads(written).get(field.removeprefix(CUSTOM)) if written else None


def pins_of(viewer: Viewer, connection: Connection, organization_id: str, field: str) -> list[Pinned]:
    """What people said about a field, the newest first."""
    return [Pinned(*row) for row in connection.query(PINS, (viewer.only(organization_id), field))]
