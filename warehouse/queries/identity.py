"""Why records are one organization or person: links in force or at a time, the pairs behind them, former ids."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A source record that belongs, or belonged, to an organization during an interval, and how it came to."""

    record: str
    started_at: str
    ended_at: str | None
    method: str
    score: float | None
    run_id: str


@dataclass(frozen=True, slots=True)
class Match:
    """A scored pair of records within one organization. score: bits. why: what was compared, as it was stored."""

    left: str
    right: str
    score: float
    band: str
    why: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's last word on a pair."""

    left: str
    right: str
    verdict: str
    actor: str
    decided_at: str
    reason: str | None


def links_at(
    connection: Connection, entity_id: str, moment: str | None = None, *, entity: str = "organization"
) -> list[LinkedRecord]:
    """The records linked at a moment (UTC text), or now."""
    test = "ended_at IS NULL" if moment is None else "started_at <= ? AND (ended_at IS NULL OR ended_at > ?)"
    times = () if moment is None else (moment, moment)
    rows = connection.records(
        f"SELECT record, started_at, ended_at, method, score, run_id FROM {entity}_link"
        f" WHERE {entity}_id = ? AND {test} ORDER BY record",
        (entity_id, *times),
    )
    return [LinkedRecord(**row) for row in rows]


def matches_within(connection: Connection, organization_id: str) -> list[Match]:
    """The scored pairs among an organization's present records, the strongest first."""
    rows = connection.query(
        "SELECT e.left_record, e.right_record, e.score, e.band, e.why_json FROM organization_link l"
        " JOIN match_edge e ON e.left_record = l.record"
        " JOIN organization_link o ON o.record = e.right_record AND o.ended_at IS NULL"
        " WHERE l.organization_id = ? AND l.ended_at IS NULL AND o.organization_id = l.organization_id"
        " ORDER BY e.score DESC, e.left_record, e.right_record",
        (organization_id,),
    )
    return [Match(left, right, score, band, json.loads(why)) for left, right, score, band, why in rows]


def verdicts_on(connection: Connection, entity_id: str, *, entity: str = "organization") -> list[Verdict]:
    """What people said about pairs with one of the present records; the last word per pair."""
    rows = connection.query(
        "SELECT DISTINCT d.left_record, d.right_record, d.verdict, d.actor, d.decided_at, d.reason"
        f" FROM {entity}_link l JOIN decision d ON l.record IN (d.left_record, d.right_record)"
        f" WHERE l.{entity}_id = ? AND l.ended_at IS NULL ORDER BY d.decided_at",
        (entity_id,),
    )
    last = {(row[0], row[1]): Verdict(*row) for row in rows}
    return [last[pair] for pair in sorted(last)]


def former_ids(connection: Connection, entity_id: str) -> list[str]:
    """Ids that answer by this one since a merge."""
    rows = connection.query(
        "SELECT from_id FROM redirect WHERE to_id = ? AND ended_at IS NULL ORDER BY from_id",
        (entity_id,),
    )
    return [row[0] for row in rows]


def changes_of(connection: Connection, organization_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """What changed about an organization, the newest first."""
    return connection.records(
        "SELECT change_id, field, before, after, run_id, recorded_at FROM change_log WHERE organization_id = ?"
        " ORDER BY change_id DESC LIMIT ?",
        (organization_id, limit),
    )


def events_of(connection: Connection, entity_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """What happened to an id: minted, merged, split, revived, records moved; in order."""
    return connection.records(
        "SELECT kind, entity_id, other_id, record, cause, recorded_at FROM identity_event"
        " WHERE entity_id = ? OR other_id = ? ORDER BY event_id LIMIT ?",
        (entity_id, entity_id, limit),
    )


def doubts_between(connection: Connection, lefts: Iterable[str], rights: Iterable[str]) -> list[str]:
    """Why the rules ask about two sides and do not act: the reasons of open suggestions across them, each once."""
    for name, records in zip(("asked_left", "asked_right"), (lefts, rights), strict=True):
        bulk.load_keys(connection, name, ("record",), ((record,) for record in set(records)))
    rows = {
        row[0]
        for one, other in (("asked_left", "asked_right"), ("asked_right", "asked_left"))
        for row in connection.query(
            f"SELECT v.reason FROM {one} a CROSS JOIN identity_review v CROSS JOIN {other} b"
            " WHERE v.left_record = a.record AND b.record = v.right_record AND v.closed_at IS NULL"
        )
    }
    return sorted(rows)
