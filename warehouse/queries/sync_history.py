"""What syncs did over time: days by source, the volume of the last runs, runs page by page, what operators did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.watching import text_of

if TYPE_CHECKING:
    from warehouse.database import Connection

DAYS: Final = 14
BY_DAY: Final = """
SELECT source || '' AS source, stream || '' AS stream, {day} AS day,
max(CASE WHEN state = 'complete' THEN started_at END) AS complete_at,
max(CASE WHEN state IN ('failed', 'needs_person') THEN started_at END) AS failed_at, max(started_at) AS last_at
FROM stream_run WHERE started_at >= ? AND state <> 'running' GROUP BY 1, 2, 3
"""
"""Grouped by what no index has: else SQLite would walk all runs there ever were in the order of their streams."""
DAY_OF: Final = {
    "sqlite": "substr(started_at, 1, 10)",
    "postgresql": "to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}
VOLUME: Final = """
SELECT run_id, min(started_at) AS started_at, sum(read) AS read, sum(landed) AS landed,
sum(quarantined) AS quarantined, sum(requests) AS requests,
max(CASE WHEN state IN ('failed', 'needs_person') THEN 1 ELSE 0 END) AS has_failed
FROM stream_run WHERE source = ? GROUP BY run_id ORDER BY min(started_at) DESC, run_id LIMIT ?
"""
PAGE: Final = """
SELECT r.run_id, r.started_at, r.finished_at, r.trigger, r.state, r.holder, count(s.stream) AS streams,
count(DISTINCT s.source) AS sources, coalesce(sum(s.read), 0) AS read, coalesce(sum(s.landed), 0) AS landed,
coalesce(sum(s.unchanged), 0) AS unchanged, coalesce(sum(s.superseded), 0) AS superseded,
coalesce(sum(s.quarantined), 0) AS quarantined,
coalesce(sum(CASE WHEN s.state IN ('failed', 'needs_person') THEN 1 ELSE 0 END), 0) AS failed
FROM (SELECT * FROM sync_run r WHERE {where} ORDER BY started_at DESC, run_id DESC LIMIT ?) r
LEFT JOIN stream_run s ON s.run_id = r.run_id
GROUP BY r.run_id, r.started_at, r.finished_at, r.trigger, r.state, r.holder
ORDER BY r.started_at DESC, r.run_id DESC
"""
ACTS: Final = """
SELECT acted_at AS at, actor, act, target, reason, before_json, after_json FROM operator_act
WHERE target = ? OR (target >= ? AND target < ?) ORDER BY acted_at DESC, act_id LIMIT ?
"""
RUNS_OF: Final = """
SELECT s.run_id, min(s.started_at) AS at, max(s.finished_at) AS finished_at, r.trigger, count(*) AS streams,
sum(s.read) AS read, sum(s.landed) AS landed, sum(s.quarantined) AS quarantined,
sum(CASE WHEN s.state = 'complete' THEN 1 ELSE 0 END) AS complete,
max(CASE s.state WHEN 'needs_person' THEN 5 WHEN 'failed' THEN 4 WHEN 'running' THEN 3 WHEN 'abandoned' THEN 2
WHEN 'incomplete' THEN 2 WHEN 'skipped' THEN 1 ELSE 0 END) AS worst, max(s.error_happened) AS happened
FROM stream_run s LEFT JOIN sync_run r ON r.run_id = s.run_id WHERE s.source = ?
GROUP BY s.run_id, r.trigger ORDER BY min(s.started_at) DESC, s.run_id LIMIT ?
"""
WORST: Final = ("complete", "skipped", "incomplete", "running", "failed", "needs_person")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one source. streams: those that were read; complete, failed: how many of them came through, or not.

    A stream counts by its last run of the day: what failed and came through later is complete, not the other way round.
    """

    day: str
    streams: int = 0
    complete: int = 0
    failed: int = 0

    @property
    def word(self) -> str:
        """`complete`, `partly`, `failed` or `no run`."""
        if not self.streams:
            return "no run"
        if self.complete == self.streams:
            return "complete"
        return "failed" if self.failed == self.streams else "partly"


def days_of_sources(connection: Connection, now: str) -> dict[str, list[Day]]:
    """Source → its last 14 days, the oldest first, today last. Sources without a run in that time are left out."""
    today = datetime.fromisoformat(now)
    days = [text_of(today - timedelta(days=back))[:10] for back in range(DAYS - 1, -1, -1)]
    counts: dict[str, dict[str, list[int]]] = {}
    for row in connection.records(
        BY_DAY.format(day=DAY_OF[connection.dialect]), (f"{days[0]}T00:00:00.000000Z",)
    ):
        count = counts.setdefault(row["source"], {}).setdefault(row["day"], [0, 0, 0])
        count[0] += 1
        count[1] += int(row["complete_at"] == row["last_at"])
        count[2] += int(row["failed_at"] == row["last_at"])
    return {
        source: [Day(day, *by_day.get(day, (0, 0, 0))) for day in days] for source, by_day in counts.items()
    }


def volume_of(connection: Connection, source: str, limit: int = 30) -> list[dict[str, Any]]:
    """The last runs that read a source, the oldest first: run_id, started_at, read, landed, quarantined, requests."""
    return connection.records(VOLUME, (source, limit))[::-1]


def page_of_runs(
    connection: Connection, *, source: str = "", state: str = "", before: tuple[str, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Runs with their sums, the newest first. before: start and id of the last one seen."""
    tests, values = ["1 = 1"], []
    if source:
        tests.append("run_id IN (SELECT run_id FROM stream_run WHERE source = ?)")
        values.append(source)
    if state:
        tests.append("state = ?")
        values.append(state)
    if before:
        tests.append("(started_at < ? OR (started_at = ? AND run_id < ?))")
        values += [before[0], before[0], before[1]]
    return connection.records(PAGE.format(where=" AND ".join(tests)), (*values, limit))


def history_of(connection: Connection, source: str, limit: int = 15) -> list[dict[str, Any]]:
    """Runs of a source and what operators did to it, together, the newest first. kind: `run` or `act`."""
    runs = connection.records(RUNS_OF, (source, limit))
    acts = connection.records(ACTS, (source, f"{source}/", f"{source}0", limit))
    found = [{**row, "kind": "run", "state": WORST[min(int(row["worst"]), 5)]} for row in runs]
    found += [
        {
            **row,
            "kind": "act",
            "before": json.loads(row["before_json"]) if row["before_json"] else None,
            "after": json.loads(row["after_json"]) if row["after_json"] else None,
        }
        for row in acts
    ]
    return sorted(found, key=lambda row: str(row["at"]), reverse=True)[:limit]


def acts_on_run(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """What operators did to a run by commands, the oldest first; what was asked for on a page stands in `job`."""
    rows = connection.records(
        "SELECT acted_at AS at, actor, act, reason, after_json FROM operator_act WHERE target = ?"
        " ORDER BY acted_at, act_id",
        (run_id,),
    )
    return [row for row in rows if "asked" not in json.loads(row.pop("after_json") or "{}")]


def streams_last_run(connection: Connection, source: str) -> dict[str, dict[str, Any]]:
    """Stream → the row of its last run that ended, or of the one at work where none ended yet."""
    found: dict[str, dict[str, Any]] = {}
    rows = connection.records(
        "SELECT s.* FROM stream_run s JOIN (SELECT stream, max(started_at) AS started_at FROM stream_run"
        " WHERE source = ? GROUP BY stream, CASE WHEN state = 'running' THEN 1 ELSE 0 END) l"
        " ON l.stream = s.stream AND l.started_at = s.started_at WHERE s.source = ? ORDER BY s.started_at, s.run_id",
        (source, source),
    )
    for row in rows:
        if row["state"] != "running" or row["stream"] not in found:
            found[row["stream"]] = row
    return found


def compared_streams(connection: Connection, source: str) -> dict[str, dict[str, Any]]:
    """Stream → its last comparison with the source, as in `reconciliation`."""
    rows = connection.records(
        "SELECT stream, checked_at, method, in_source, in_hub, quarantined, missed, gone FROM reconciliation"
        " WHERE source = ? ORDER BY checked_at, run_id",
        (source,),
    )
    return {row["stream"]: row for row in rows}


def held_by_stream(connection: Connection, source: str) -> dict[str, tuple[int, int]]:
    """Stream → live records the hub holds, and how many of its records are set aside."""
    rows = connection.query(
        "SELECT stream, sum(CASE WHEN op IN ('upsert', 'restore') THEN 1 ELSE 0 END),"
        " sum(CASE WHEN quarantine IS NOT NULL THEN 1 ELSE 0 END) FROM raw_current WHERE source = ? GROUP BY stream",
        (source,),
    )
    return {stream: (int(live), int(aside)) for stream, live, aside in rows}


def requests_today(connection: Connection, now: str) -> dict[str, int]:
    """Source → requests its runs sent in the last 24 hours."""
    since = text_of(datetime.fromisoformat(now) - timedelta(days=1))
    rows = connection.query(
        "SELECT source || '', sum(requests) FROM stream_run WHERE started_at >= ? GROUP BY 1", (since,)
    )
    return {source: int(count or 0) for source, count in rows}
