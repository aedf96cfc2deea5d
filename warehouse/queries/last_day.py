"""What happened to each source lately: what is set aside and waits, what syncs brought, what began and what is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

SET_ASIDE: Final = """
SELECT c.source, count(*), min(coalesce(e.first_seen_at, r.landed_at)) FROM raw_current c
JOIN raw_record r ON r.raw_id = c.raw_id
LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id
AND e.code = c.quarantine
WHERE c.quarantine IS NOT NULL AND coalesce(e.state, 'open') <> 'discarded' GROUP BY c.source
"""
RUNS: Final = """
SELECT source || '', count(DISTINCT run_id), sum(landed), sum(removed), sum(quarantined),
sum(CASE WHEN state IN ('failed', 'needs_person') THEN 1 ELSE 0 END)
FROM stream_run WHERE started_at >= ? GROUP BY 1
"""
"""Grouped by what no index has: else SQLite would walk all runs there ever were in the order of their streams."""
INCIDENTS: Final = """
SELECT source, sum(CASE WHEN opened_at >= ? THEN 1 ELSE 0 END), sum(CASE WHEN closed_at >= ? THEN 1 ELSE 0 END)
FROM incident WHERE opened_at >= ? OR closed_at >= ? GROUP BY source
"""
PROBLEMS: Final = """
SELECT source, count(*) FROM sync_error WHERE first_seen_at >= ? AND severity <> 'finding' AND state <> 'resolved'
GROUP BY source
"""


class SetAside(NamedTuple):
    """Records of a source that wait for somebody: how many. since: when the first of them was set aside (UTC text)."""

    records: int
    since: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What happened to a source since a moment.

    runs that read it; landed, removed, set_aside: records. failed: readings of a stream that did not come through.
    opened, closed: incidents. problems: new ones that last.
    """

    runs: int = 0
    landed: int = 0
    removed: int = 0
    set_aside: int = 0
    failed: int = 0
    opened: int = 0
    closed: int = 0
    problems: int = 0


def set_aside_by_source(connection: Connection) -> dict[str, SetAside]:
    """Source → what is set aside there, without what somebody said may stay so."""
    return {source: SetAside(int(count), str(since)) for source, count, since in connection.query(SET_ASIDE)}


def changed_by_source(connection: Connection, since: str) -> dict[str, Changed]:
    """Source → what happened since a moment (UTC text); sources of which nothing is known are left out."""
    found: dict[str, dict[str, int]] = {}
    for source, runs, landed, removed, aside, failed in connection.query(RUNS, (since,)):
        counts = {"runs": runs, "landed": landed, "removed": removed, "set_aside": aside, "failed": failed}
        found[source] = {name: int(count or 0) for name, count in counts.items()}
    for source, opened, closed in connection.query(INCIDENTS, (since,) * 4):
        found.setdefault(source, {}).update(opened=int(opened), closed=int(closed))
    for source, count in connection.query(PROBLEMS, (since,)):
        found.setdefault(source, {})["problems"] = int(count)
    return {source: Changed(**counts) for source, counts in found.items()}
