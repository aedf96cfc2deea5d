"""What there is to know of every stream's health, of open incidents, and of whether anybody watches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.health import Due, Health, StreamFacts, judge, seconds_since

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

HEALTH: Final = "health"
"""The sign of life of the pass that watches."""
SCHEDULE: Final = "schedule:"
ALERTS: Final = "alerts"
"""The source of incidents of alert channels."""
EVERY: Final = timedelta(minutes=10)
SILENT_AFTER: Final = 2 * EVERY + timedelta(minutes=5)
"""The pass that watches runs every ten minutes; two left out are no accident."""
LOOKED_BACK: Final = timedelta(days=1)
ASKS_FOR_SOMEBODY: Final = ("mass_change", "count_gap", "field_gone", "field_retyped")
"""Codes of open problems of a whole stream that only a person ends, the gravest first."""
PROBLEMS: Final = """
SELECT source, stream, code, happened, to_do FROM sync_error
WHERE state = 'open' AND source_id = '' AND severity <> 'finding' AND code IN (?, ?, ?, ?)
ORDER BY source, stream, CASE code WHEN 'mass_change' THEN 1 WHEN 'count_gap' THEN 2 ELSE 3 END, fingerprint
"""
LAST_ENDED: Final = """
SELECT r.* FROM stream_run r JOIN (
  SELECT source, stream, max(started_at) AS started_at FROM stream_run WHERE state <> 'running' GROUP BY source, stream
) l ON l.source = r.source AND l.stream = r.stream AND l.started_at = r.started_at AND r.state <> 'running'
ORDER BY r.run_id
"""
SEEN: Final = """
SELECT source, stream, max(started_at) AS last_run_at,
max(CASE WHEN state = 'complete' THEN finished_at END) AS last_success_at,
sum(CASE WHEN state = 'running' THEN 1 ELSE 0 END) AS at_work,
sum(CASE WHEN started_at >= ? THEN read ELSE 0 END) AS read,
sum(CASE WHEN started_at >= ? THEN quarantined ELSE 0 END) AS set_aside
FROM stream_run GROUP BY source, stream
"""
COMPARED: Final = """
SELECT r.source, r.stream, r.checked_at, r.in_source, r.in_hub, r.quarantined FROM reconciliation r JOIN (
  SELECT source, stream, max(checked_at) AS checked_at FROM reconciliation GROUP BY source, stream
) l ON l.source = r.source AND l.stream = r.stream AND l.checked_at = r.checked_at ORDER BY r.run_id
"""
FAILING_CHANNELS: Final = """
SELECT a.channel, max(a.tried_at) AS tried_at, max(a.failure) AS failure, count(*) AS waiting FROM incident_alert a
JOIN (SELECT channel, max(tried_at) AS tried_at FROM incident_alert GROUP BY channel) l
ON l.channel = a.channel AND l.tried_at = a.tried_at
WHERE a.delivered_at IS NULL GROUP BY a.channel ORDER BY a.channel
"""
"""Channels whose last try failed."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether anybody watches.

    beat_at: the last pass (UTC text). age: seconds since. scheduled_at: when the first sync by schedule began, or None.
    is_silent: there are schedules, and no pass came within its time, counted from the last one or from `scheduled_at`.
    is_scheduled: there are schedules. incidents: open ones. failing: channels whose messages wait, with why.
    """

    beat_at: str | None = None
    age: float | None = None
    scheduled_at: str | None = None
    is_silent: bool = False
    is_scheduled: bool = False
    incidents: list[dict[str, Any]] = field(default_factory=list)
    failing: list[dict[str, Any]] = field(default_factory=list)


def health_of_streams(connection: Connection, due: Due, now: str) -> list[Health]:
    """Every stream that ever ran, by source and name, as well as it is at a moment (UTC text)."""
    return [judge(facts, due, now) for facts in stream_facts(connection, now)]


def stream_facts(connection: Connection, now: str) -> list[StreamFacts]:
    """What is known of every stream that ever ran, by source and name."""
    since = text_of(datetime.fromisoformat(now) - LOOKED_BACK)
    ended = by_stream(connection.records(LAST_ENDED))
    compared = by_stream(connection.records(COMPARED))
    problems = by_stream(reversed(connection.records(PROBLEMS, ASKS_FOR_SOMEBODY)))
    schedules = scheduled_since(connection)
    pauses = {
        row["source"]: row
        for row in connection.records(
            "SELECT source, until_at, actor, reason FROM pause WHERE until_at IS NULL OR until_at > ?", (now,)
        )
    }
    found = []
    for row in sorted(
        connection.records(SEEN, (since, since)), key=lambda row: (row["source"], row["stream"])
    ):
        place = (row["source"], row["stream"])
        found.append(
            StreamFacts(
                *place,
                is_running=bool(row["at_work"]),
                ended=ended.get(place),
                last_run_at=row["last_run_at"],
                last_success_at=row["last_success_at"],
                problem=problems.get(place),
                pause=pauses.get(place[0]),
                scheduled_since=schedules.get(place[0]),
                read=int(row["read"]),
                set_aside=int(row["set_aside"]),
                compared=compared.get(place),
            )
        )
    return found


def by_stream(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by source and stream; of several the last."""
    return {(row["source"], row["stream"]): row for row in rows}


def open_asks(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """Open problems of whole streams that a run read and that only a person ends, as in `sync_error`."""
    return connection.records(
        "SELECT e.source, e.stream, e.code, e.field, e.happened, e.to_do FROM sync_error e JOIN stream_run r"
        " ON r.run_id = ? AND r.source = e.source AND r.stream = e.stream WHERE e.state = 'open' AND e.source_id = ''"
        " AND e.severity <> 'finding' AND e.code IN (?, ?, ?, ?) ORDER BY e.source, e.stream, e.code, e.field",
        (run_id, *ASKS_FOR_SOMEBODY),
    )


def scheduled_since(connection: Connection) -> dict[str, str]:
    """Source → since when it has the schedule it has."""
    rows = connection.query("SELECT name, since_at FROM heartbeat WHERE name LIKE ?", (f"{SCHEDULE}%",))
    return {str(name).removeprefix(SCHEDULE): str(since) for name, since in rows}


def never_ran(connection: Connection, due: Due) -> list[str]:
    """Sources whose schedule passed twice since it was set, and which no sync ever began to read."""
    schedules = scheduled_since(connection)
    ran = {str(row[0]) for row in connection.query("SELECT DISTINCT source FROM stream_run")}
    return sorted(
        source for source, at in due.items() if source not in ran and schedules.get(source, at) < at
    )


def watch(connection: Connection, due: Due, now: str) -> Watch:
    """Whether anybody watches, and what they see."""
    beat = connection.one("SELECT beat_at FROM heartbeat WHERE name = ?", (HEALTH,))
    beat_at = str(beat[0]) if beat else None
    first = connection.one("SELECT min(started_at) FROM sync_run WHERE trigger = 'schedule'")
    scheduled_at = str(first[0]) if first and first[0] else None
    waited = seconds_since(beat_at or scheduled_at, now)
    return Watch(
        beat_at=beat_at,
        age=seconds_since(beat_at, now),
        scheduled_at=scheduled_at,
        is_silent=bool(due) and (waited is None or waited > SILENT_AFTER.total_seconds()),
        is_scheduled=bool(due),
        incidents=open_incidents(connection),
        failing=connection.records(FAILING_CHANNELS),
    )


def open_incidents(connection: Connection) -> list[dict[str, Any]]:
    """Incidents that are open, the oldest first; `streams` as a list."""
    rows = connection.records(
        "SELECT * FROM incident WHERE closed_at IS NULL ORDER BY opened_at, incident_id"
    )
    return [{**row, "streams": json.loads(row.pop("streams_json"))} for row in rows]


def text_of(moment: datetime) -> str:
    """The hub's UTC text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
