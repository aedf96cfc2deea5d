"""Letting old history go: runs, resolved problems, closed incidents, and Dagster's runs, which never go alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Database

SILENT_STREAMS: Final = """
FROM stream_run WHERE started_at < ? AND landed = 0 AND removed = 0 AND quarantined = 0
AND run_id NOT IN (SELECT run_id FROM sync_run WHERE state = 'running')
AND NOT EXISTS (SELECT 1 FROM (SELECT source, stream, max(started_at) AS started_at FROM stream_run
GROUP BY source, stream) newest WHERE newest.source = stream_run.source AND newest.stream = stream_run.stream
AND newest.started_at = stream_run.started_at)
"""
"""A run that brought something stays, as what it brought names it; and so does each stream's last one."""
EMPTY_RUNS: Final = """
FROM sync_run WHERE started_at < ? AND state <> 'running' AND run_id NOT IN (SELECT run_id FROM stream_run)
"""
PHASES: Final = "FROM run_phase WHERE started_at < ? AND run_id NOT IN (SELECT run_id FROM sync_run)"
ASKED: Final = "FROM job WHERE created_at < ? AND state NOT IN ('waiting', 'running')"
RESOLVED: Final = "FROM sync_error WHERE last_seen_at < ? AND state = 'resolved'"
CLOSED: Final = "FROM incident WHERE closed_at < ?"
TOLD_OF_CLOSED: Final = (
    "FROM incident_alert WHERE incident_id IN (SELECT incident_id FROM incident WHERE closed_at < ?)"
)
AT_ONCE: Final = 100


class Pruned(NamedTuple):
    """What went: runs and streams of runs, resolved problems, closed incidents, runs in Dagster's storage."""

    runs: int
    streams: int
    problems: int
    incidents: int
    dagster_runs: int


def prune(database: Database, before: str, *, dry_run: bool = False) -> Pruned:
    """Delete the history from before a UTC time; no record, version, link, decision or open problem is touched.

    Runs that brought anything stay, and each stream's last one; what was asked for and is over goes. An incident goes,
    with who was told of it, when it was closed before then; an open one never. Safe to repeat. Dagster's runs are those
    of the instance in this folder.
    """
    with database.session() as connection, connection.transaction():
        counts = []
        for what in (SILENT_STREAMS, EMPTY_RUNS, PHASES, ASKED, RESOLVED, TOLD_OF_CLOSED, CLOSED):
            found = connection.one(f"SELECT count(*) {what}", (before,))
            counts.append(int(found[0]) if found else 0)
            if not dry_run:
                connection.execute(f"DELETE {what}", (before,))
    streams, runs, _, _, problems, _, incidents = counts
    return Pruned(runs, streams, problems, incidents, prune_dagster(before, dry_run=dry_run))


def prune_dagster(before: str, *, dry_run: bool) -> int:
    """Delete Dagster's runs from before, on SQLite with the event file each of them has; none without an instance."""
    if not Path("dagster.yaml").is_file():
        return 0
    from dagster import RunsFilter

    from pipelines.instance import dagster_instance

    moment = datetime.fromisoformat(before)
    gone = 0
    with dagster_instance() as instance:
        chosen = RunsFilter(created_before=moment)
        if dry_run:
            return instance.get_runs_count(chosen)
        while records := instance.get_run_records(filters=chosen, limit=AT_ONCE, ascending=True):
            for record in records:
                instance.delete_run(record.dagster_run.run_id)
            gone += len(records)
    return gone
