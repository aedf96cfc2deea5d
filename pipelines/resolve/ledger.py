"""The ledger of identity: what stands about a neighborhood, and writing what changed. Append-only but for ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from partnerhub.identity.assign import Changes, Event, Minted, Standing, founded_id
from pipelines.resolve.neighborhood import Names
from warehouse import bulk
from warehouse.changes.turn import first_number
from warehouse.database import Connection

LINKS = """
SELECT l.record, l.{id} FROM reached CROSS JOIN {links} l WHERE l.record = reached.record AND l.ended_at IS NULL
"""
MINTED = """
SELECT e.recorded_at, e.entity_id, e.record FROM wanted_id CROSS JOIN identity_event e
WHERE e.entity_id = wanted_id.id AND e.kind = 'minted'
"""
REDIRECTS = """
SELECT r.from_id, r.to_id FROM wanted_id CROSS JOIN redirect r WHERE r.from_id = wanted_id.id AND r.ended_at IS NULL
"""
MERGED = """
SELECT e.entity_id, max(e.recorded_at) FROM wanted_id CROSS JOIN identity_event e
WHERE e.entity_id = wanted_id.id AND e.kind = 'merged' GROUP BY e.entity_id
"""
END_LINK = "UPDATE {links} SET ended_at = ? WHERE record = ? AND ended_at IS NULL AND started_at <> ?"
EVENT_COLUMNS = (
    "event_id",
    "entity",
    "kind",
    "entity_id",
    "other_id",
    "record",
    "cause",
    "run_id",
    "recorded_at",
)


@dataclass(slots=True)
class Assigned:
    """What an assignment did.

    touched_ids: ids whose organization or person may look different now, former ids and those of the asked-for
    records included. moved_records: records with a new link. The counts are of ids, but `linked` counts records.
    """

    touched_ids: set[str] = field(default_factory=set)
    moved_records: set[str] = field(default_factory=set)
    minted: int = 0
    merged: int = 0
    revived: int = 0
    split: int = 0
    linked: int = 0


def read_standing(connection: Connection, names: Names, records: Iterable[str]) -> Standing:
    """What the ledger says about the records in the temporary table `reached` (given again as `records`)."""
    links: dict[str, str] = dict(connection.query(names.spelled(LINKS)))
    ids = {founded_id(names.entity, record) for record in records} | set(links.values())
    bulk.load_keys(connection, "wanted_id", ("id",), ((i,) for i in sorted(ids)))
    minted = {row[1]: Minted(*row) for row in connection.query(MINTED)}
    return Standing(links, minted, dict(connection.query(REDIRECTS)), dict(connection.query(MERGED)))


def write_changes(connection: Connection, names: Names, changes: Changes, run_id: str, now: str) -> None:
    """Write links, redirects and events. Expects to be inside a transaction; no changes write nothing."""
    write_links(connection, names, changes, run_id, now)
    write_redirects(connection, names, changes, now)
    write_events(connection, names, changes.events, run_id, now)


def write_links(connection: Connection, names: Names, changes: Changes, run_id: str, now: str) -> None:
    """End the former links and open the new ones."""
    moved = [(now, link.record, now) for link in changes.links if link.former_id]
    # A link opened at this very moment is replaced by the upsert: an interval of no length says nothing.
    connection.execute_many(names.spelled(END_LINK), moved)
    rows = [
        (link.record, now, link.entity_id, None, link.method, link.score, run_id) for link in changes.links
    ]
    columns = ("record", "started_at", names.id, "ended_at", "method", "score", "run_id")
    bulk.upsert(connection, names.links, columns, rows)


def write_redirects(connection: Connection, names: Names, changes: Changes, now: str) -> None:
    """End redirects of revived or re-pointed ids, then open the new ones."""
    connection.execute_many(
        "DELETE FROM redirect WHERE from_id = ? AND ended_at IS NULL AND started_at = ?",
        [(i, now) for i in changes.closed],
    )
    connection.execute_many(
        "UPDATE redirect SET ended_at = ? WHERE from_id = ? AND ended_at IS NULL",
        [(now, i) for i in changes.closed],
    )
    rows = [(i, now, names.entity, to, None) for i, to in sorted(changes.opened.items())]
    bulk.upsert(connection, "redirect", ("from_id", "started_at", "entity", "to_id", "ended_at"), rows)


def write_events(connection: Connection, names: Names, events: list[Event], run_id: str, now: str) -> None:
    """Append the events, numbered on from the last one."""
    if not events:
        return
    first = first_number(connection, "identity_event", "event_id")
    rows = [
        (first + n, names.entity, e.kind, e.entity_id, e.other_id, e.record, e.cause, run_id, now)
        for n, e in enumerate(events)
    ]
    bulk.insert(connection, "identity_event", EVENT_COLUMNS, rows)


def summary(changes: Changes, asked: Iterable[str]) -> Assigned:
    """The changes as ids and counts. `asked`: ids of the records the caller asked about."""
    kinds = [event.kind for event in changes.events]
    return Assigned(
        touched_ids=changes.touched_ids() | set(asked),
        moved_records={link.record for link in changes.links},
        minted=kinds.count("minted"),
        merged=kinds.count("merged"),
        revived=kinds.count("revived"),
        split=kinds.count("split"),
        linked=len(changes.links),
    )
