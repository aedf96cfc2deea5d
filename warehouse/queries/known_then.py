"""One organization as the hub knew it at a moment, and what one value of it was over time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.gone_since import gone_since
from warehouse.queries.hung_then import Hung, hung, marks, past_of
from warehouse.queries.mail_sight import title_for
from warehouse.queries.record import FIELDS, Event, source_of

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.queries.held_then import Recollection, Said
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
    "SELECT t.fact_id, t.anchor, t.method, t.organization_id, t.entity, t.kind, t.happened_at, f.title, f.direction,"
    " f.record FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
    " WHERE t.organization_id IN ({marks}) AND t.happened_at <= ?"
    " ORDER BY t.happened_at DESC, t.fact_id DESC LIMIT ?"
)
COPIES: Final = "SELECT fact_id, record FROM fact_source WHERE fact_id IN ({marks}) ORDER BY record"
TITLES: Final = {"touchpoint": "subject", "deal": "name"}
"""Kind → what a record of it calls itself by; else its title."""
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
    """What had happened by then and the hub knew of. later: how many more it learned of afterwards.

    gone: those among the events that were deleted at their source since.
    """

    events: list[Event]
    later: int
    gone: frozenset[str] = frozenset()


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


def redirected_then(viewer: Viewer, connection: Connection, organization_id: str, moment: str) -> bool:
    """Whether an id answers by another one now and did not at a moment (UTC text)."""
    row = connection.one(
        "SELECT max(started_at), max(CASE WHEN started_at <= ? AND (ended_at IS NULL OR ended_at > ?) THEN 1 END)"
        " FROM redirect WHERE from_id = ? AND entity = 'organization'",
        (moment, moment, viewer.only(organization_id)),
    )
    return bool(row and row[0] and row[0] > moment and not row[1])


def records_then(
    viewer: Viewer,
    connection: Connection,
    organization_id: str,
    moment: str,
    recall: Recollection | None = None,
) -> list[LinkedThen]:
    """The source records that belonged to an organization at a moment (UTC text), by key.

    recall: tells what they were called then; without, they are called as they are now.
    """
    rows = connection.query(RECORDS, (viewer.only(organization_id), moment, moment))
    said = recall.said(connection, [row[0] for row in rows], moment) if recall else {}
    return [
        LinkedThen(
            record, str(said[record][1]["name"]) if is_said(said, record, "organization") else name, *rest
        )
        for record, name, *rest in rows
    ]


def is_said(said: Said, record: str, kind: str) -> bool:
    """Whether it is known what a record of a kind said."""
    return record in said and said[record][0] == kind


def timeline_then(
    viewer: Viewer,
    connection: Connection,
    organization_id: str,
    moment: str,
    limit: int = SHOWN,
    recall: Recollection | None = None,
) -> KnownEvents:
    """The newest facts up to a moment that the hub had received by then and that hung on the organization then.

    What was deleted since is among them. Looks at the 200 newest up to that moment; what has no raw version counts as
    known. recall: tells what they were called then; without, they are called as they are now.
    """
    past = past_of(viewer, connection, organization_id, moment)
    if not past.homes:
        return KnownEvents([], 0)
    statement = EVENTS.format(marks=marks(past.homes))
    rows = connection.records(statement, (*past.homes, moment, LOOKED_AT))
    ties = [Hung(row["fact_id"], row["anchor"], row["method"], row["organization_id"]) for row in rows]
    there = hung(connection, past, ties)
    still = {row["fact_id"]: row for row in rows if row["fact_id"] in there}
    gone = {row["fact_id"]: row for row in gone_since(connection, past) if row["fact_id"] not in still}
    known = sorted(
        (*still.values(), *gone.values()), key=lambda row: (row["happened_at"], row["fact_id"]), reverse=True
    )
    if recall:
        call_as_then(connection, known[:limit], recall, moment)
    shown = title_for(viewer, connection, {row["fact_id"]: row["title"] for row in known})
    events = [
        Event(
            row["fact_id"], row["entity"], row["kind"], row["happened_at"], shown[row["fact_id"]], row["direction"],
            source_of(row["record"]), row.get("method", ""),
        )
        for row in known[:limit]
    ]  # fmt: skip
    own = {row["fact_id"] for row in rows if row["organization_id"] == organization_id}
    return KnownEvents(events, len(own - there), frozenset(gone))


def call_as_then(
    connection: Connection, rows: list[dict[str, Any]], recall: Recollection, moment: str
) -> None:
    """Give facts the titles their records had at a moment; those nobody can read back lose theirs."""
    ids = [row["fact_id"] for row in rows]
    if not ids:
        return
    copies: dict[str, list[str]] = {}
    for fact_id, record in connection.query(COPIES.format(marks=marks(ids)), ids):
        copies.setdefault(fact_id, []).append(record)
    said = recall.said(connection, [record for some in copies.values() for record in some], moment)
    for row in rows:
        own = sorted(copies.get(row["fact_id"], []), key=lambda record: record != row["record"])
        then = next((said[each][1] for each in own if is_said(said, each, row["entity"])), None)
        row["title"] = then[TITLES.get(row["entity"], "title")] if then else None


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
