"""How the hub behaves: failures are visible, it comes to rest, it stays within limits, one failure stays alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.land.runs import run_state
from pipelines.sync import EXIT_CODES
from tests.promised.contents import fingerprints
from tests.promised.landed import some

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from warehouse.database import Connection, Database

NOT_OUTPUT = frozenset({"sync_run", "stream_run", "run_phase", "lease", "cursor", "job"})
"""Books about runs themselves, which every run writes."""


def failures_visible(connection: Connection, exit_code: int | None = None) -> list[str]:
    """I5: a run, a stream or a record that failed says so, says why, and says what a person can do.

    exit_code: what the last sync ended with, to be compared with what its streams came to.
    """
    return [
        *silent_streams(connection),
        *silent_records(connection),
        *mute_problems(connection),
        *green_runs(connection, exit_code),
    ]


def silent_streams(connection: Connection) -> Iterator[str]:
    """Streams of ended runs that are not complete and do not say why, or of which no problem is known."""
    rows = connection.query(
        "SELECT s.run_id, s.source, s.stream, s.state, s.error_code, s.error_do, s.error_happened, r.state"
        " FROM stream_run s JOIN sync_run r ON r.run_id = s.run_id WHERE s.state NOT IN ('complete', 'abandoned')"
    )
    for run_id, source, stream, state, code, do, happened, run in rows:
        if state == "running":
            if run != "running":
                yield f"{source}/{stream}: still running in run {run_id}, which is {run}"
        elif not (code and do and happened):
            yield f"{source}/{stream}: {state} in run {run_id}, without a reason or a remedy"
    unknown = connection.query(
        "SELECT DISTINCT s.source, s.stream, s.error_code FROM stream_run s LEFT JOIN sync_error e"
        " ON e.source = s.source AND e.code = s.error_code AND e.stream IN (s.stream, '')"
        " WHERE s.error_code IS NOT NULL AND s.error_code NOT IN ('stopped', 'lease_lost') AND e.code IS NULL"
    )
    for source, stream, code in unknown:
        yield f"{source}/{stream}: ended with {code}, which is no problem of the list"


def silent_records(connection: Connection) -> Iterator[str]:
    """Records in quarantine that nobody is told of."""
    rows = connection.query(
        "SELECT c.source, c.stream, c.source_id FROM raw_current c LEFT JOIN sync_error e ON e.source = c.source"
        " AND e.stream = c.stream AND e.source_id = c.source_id AND e.state <> 'resolved'"
        " WHERE c.quarantine IS NOT NULL AND e.code IS NULL"
    )
    if rows:
        yield f"in quarantine without an open problem: {some('/'.join(row) for row in rows)}"


def mute_problems(connection: Connection) -> Iterator[str]:
    """Problems without what happened or what to do."""
    rows = connection.query(
        "SELECT code FROM sync_error WHERE coalesce(to_do, '') = '' OR coalesce(happened, '') = ''"
    )
    if rows:
        yield f"problems without a remedy: {some(row[0] for row in rows)}"


def green_runs(connection: Connection, exit_code: int | None) -> Iterator[str]:
    """Runs that call themselves complete although a stream of theirs is not; exit codes that say something else."""
    runs = connection.query("SELECT run_id, state FROM sync_run ORDER BY started_at, run_id")
    for run_id, state in runs:
        streams = connection.query("SELECT state FROM stream_run WHERE run_id = ?", (run_id,))
        came_to = run_state([row[0] for row in streams if row[0] not in ("running", "abandoned")])
        if state == "complete" and came_to != "complete":
            yield f"run {run_id} says it is complete, its streams are {came_to}"
    if exit_code is not None and runs and exit_code != EXIT_CODES.get(runs[-1][1], 1):
        yield f"run {runs[-1][0]} is {runs[-1][1]}, the command exited with {exit_code}"
    gaps = connection.query(
        "SELECT s.source, s.stream, s.in_source FROM stream_run s JOIN sync_run r ON r.run_id = s.run_id"
        " WHERE s.state = 'complete' AND s.in_source > (SELECT count(*) FROM raw_current c WHERE c.source = s.source"
        " AND c.stream = s.stream AND c.op IN ('upsert', 'restore')) AND r.started_at = (SELECT max(started_at)"
        " FROM sync_run) AND NOT EXISTS (SELECT 1 FROM sync_error e WHERE e.source = s.source AND e.stream = s.stream"
        " AND e.source_id = '' AND e.state = 'open')"
    )
    for source, stream, in_source in gaps:
        yield f"{source}/{stream}: the source says it holds {in_source}, the hub holds fewer and tells nobody"


def at_rest(database: Database, sync: Callable[[], object], times: int = 2) -> list[str]:
    """I6: while nothing happens at the sources, syncing writes nothing. `sync` runs one whole sync of that database."""
    wrong = []
    for time in range(1, times + 1):
        with database.session() as connection:
            before = fingerprints(connection, NOT_OUTPUT)
        sync()
        with database.session() as connection:
            after = fingerprints(connection, NOT_OUTPUT)
        moved = sorted(name for name in after if after[name] != before[name])
        if moved:
            wrong.append(f"sync {time} after the last change still wrote {', '.join(moved)}")
    return wrong


def bounded(measured: Mapping[str, float], limits: Mapping[str, float]) -> list[str]:
    """I10: nothing measured is beyond its limit. Names with their unit: `seconds`, `requests`, `peak_megabytes`."""
    return [
        f"{name} was {measured.get(name)}, the limit is {limit}"
        for name, limit in limits.items()
        if not measured.get(name, float("inf")) <= limit
    ]


def isolated(connection: Connection, run_id: str, broken: Collection[str]) -> list[str]:
    """I12: of one run, all but what was broken is complete, and what landed of it went through to the end.

    broken: `source` or `source/stream`.
    """
    rows = connection.query("SELECT source, stream, state FROM stream_run WHERE run_id = ?", (run_id,))
    meant = {(source, stream) for source, stream, _ in rows if {source, f"{source}/{stream}"} & set(broken)}
    wrong = [
        f"{source}/{stream} is {state}, though only {some(broken)} was broken"
        for source, stream, state in rows
        if state != "complete" and (source, stream) not in meant
    ]
    waiting = connection.query(
        "SELECT DISTINCT c.source, c.stream FROM raw_current c JOIN stage_rules s ON s.source = c.source"
        " AND s.stream = c.stream WHERE c.staged_raw_id <> c.raw_id"
    )
    wrong += [f"{source}/{stream} landed and waits for staging" for source, stream in waiting]
    if connection.query("SELECT 1 FROM pending LIMIT 1"):
        wrong.append("what was staged waits for publication")
    return wrong
