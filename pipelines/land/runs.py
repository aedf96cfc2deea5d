"""Bookkeeping of a run: its row, a row per stream, and how a stream ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.errors import FixSetup, RefreshAuth, RetryLater, SkipStream, SyncError, WaitForQuota
from connectors.record import utc_text
from pipelines.land.live_count import count_anew, known_live
from pipelines.leases import STALE_AFTER, is_gone, renew, run_lease
from pipelines.problems import Problem, problem_of, record_problems, resolve_stream_problems
from warehouse.errors import WarehouseError
from warehouse.processes import still_runs, this_process

if TYPE_CHECKING:
    from pipelines.land.page import StreamPlace
    from pipelines.leases import LeaseLost
    from warehouse.database import Connection, Database

GAP = "count_gap"
STATE_OF_ERROR: tuple[tuple[type[SyncError], str], ...] = (
    (WaitForQuota, "incomplete"),
    (RetryLater, "incomplete"),
    (SkipStream, "skipped"),
    (FixSetup, "needs_person"),
    (RefreshAuth, "needs_person"),
)
"""How a stream ends by the error that ended it; anything else is `failed`."""


def start_run(connection: Connection, run_id: str, trigger: str, now: str) -> None:
    """Open the run's row, and mark runs of dead processes abandoned. Calling twice for one run is harmless."""
    with connection.transaction():
        connection.execute(
            "INSERT INTO sync_run (run_id, started_at, trigger, state, holder) VALUES (?, ?, ?, 'running', ?)"
            " ON CONFLICT (run_id) DO NOTHING",
            (run_id, now, trigger, this_process()),
        )
        abandon_dead_runs(connection, now, but=run_id)


def abandon_dead_runs(connection: Connection, now: str, but: str = "") -> list[str]:
    """Close runs, and their streams, whose process is gone; returns their ids. Inside the caller's transaction.

    Seen dead on this machine, its session gone (PostgreSQL), or not heard of for two minutes. but: a run that is left.
    """
    gone = [run_id for run_id in dead_runs(connection, now) if run_id != but]
    for name in ("stream_run", "sync_run"):
        connection.execute_many(
            f"UPDATE {name} SET state = 'abandoned', finished_at = ? WHERE run_id = ? AND state = 'running'",
            [(now, run_id) for run_id in gone],
        )
    return gone


def find_abandoned(database: Database, now: str) -> list[str]:
    """Close what dead processes left; returns the runs. For whoever watches: without any, nothing is written."""
    with database.session() as connection:
        if not dead_runs(connection, now):
            return []
        with connection.transaction():
            return abandon_dead_runs(connection, now)


def dead_runs(connection: Connection, now: str) -> list[str]:
    """Runs that count as running although nobody is at work on them."""
    silent_since = utc_text(datetime.fromisoformat(now) - STALE_AFTER)
    running = connection.query(
        "SELECT r.run_id, r.holder, r.started_at, (SELECT max(l.renewed_at) FROM lease l WHERE l.holder = r.holder)"
        " FROM sync_run r WHERE r.state = 'running'"
    )
    gone = []
    for run_id, holder, started_at, renewed_at in running:
        is_dead = is_gone(connection, run_lease(run_id))
        if is_dead is None:  # between two steps of its life, or by a version without such a lease
            alive = still_runs(holder)
            is_dead = max(started_at, renewed_at or "") <= silent_since if alive is None else not alive
        if is_dead:
            gone.append(run_id)
    return gone


def start_stream(connection: Connection, run_id: str, source: str, stream: str, now: str) -> None:
    """Open a stream's row of this run, keeping the counts of an earlier attempt of the same run."""
    with connection.transaction():
        connection.execute(
            "INSERT INTO stream_run (run_id, source, stream, state, started_at, pages, read, landed, unchanged,"
            " superseded, quarantined, removed, cursor_json) VALUES (?, ?, ?, 'running', ?, 0, 0, 0, 0, 0, 0, 0,"
            " (SELECT state_json FROM cursor WHERE source = ? AND stream = ?))"
            " ON CONFLICT (run_id, source, stream) DO UPDATE SET state = 'running'",
            (run_id, source, stream, now, source, stream),
        )


def end_stream(
    connection: Connection,
    place: StreamPlace,
    in_source: int | None,
    now: str,
    requests: int = 0,
    *,
    counts_copies: bool = False,
    read_whole: bool = False,
    sample: str | None = None,
) -> None:
    """Close a stream that was read to its end, and its open failures with it; report what the hub lacks.

    counts_copies: whether the source may count a record twice, so that its count proves no gap. read_whole: everything
    was read just now, so that counting what stands here costs little beside it. sample: how some requests went (JSON).
    """
    source, stream, run_id = place[:3]
    with connection.transaction():
        if place.lease:
            renew(connection, place.lease)
        connection.execute(
            "UPDATE stream_run SET state = 'complete', finished_at = ?, in_source = COALESCE(?, in_source),"
            " requests = requests + ?, requests_json = COALESCE(?, requests_json)"
            " WHERE run_id = ? AND source = ? AND stream = ?",
            (now, in_source, requests, sample, run_id, source, stream),
        )
        in_hub = (
            0 if in_source is None else held_live(connection, source, stream, in_source, recount=read_whole)
        )
        lacks = in_source is not None and in_hub < in_source and not counts_copies
        resolve_stream_problems(connection, source, stream, but=GAP if lacks else "")
        if lacks:
            record_problems(connection, [gap(source, stream, in_hub, in_source or 0)], run_id, now)


def held_live(
    connection: Connection, source: str, stream: str, in_source: int, *, recount: bool = False
) -> int:
    """How many live records the hub holds; counted where a gap would be told, and where everything was read."""
    in_hub = in_source if recount else known_live(connection, source, stream)
    return count_anew(connection, source, stream) if recount or in_hub < in_source else in_hub


def gap(source: str, stream: str, in_hub: int, in_source: int) -> Problem:
    """Records the source says it holds and the hub does not, although nothing failed."""
    return Problem(
        severity="warning",
        stage="land",
        source=source,
        stream=stream,
        code="count_gap",  # GAP, spelled out for the list of codes in docs/operate/errors.md
        do=f"Run `partnerhub sync {source} --full`; if the gap stays, check what the credentials may see.",
        happened=f"The source says it holds {in_source:,} records, the hub holds {in_hub:,}.",
    )


def fail_stream(
    connection: Connection,
    place: StreamPlace,
    error: Exception,
    now: str,
    requests: int = 0,
    *,
    sample: str | None = None,
) -> str:
    """Close a stream that did not reach its end; returns its state. The error becomes a problem row."""
    source, stream, run_id = place[:3]
    problem, state, resumes_at = described(error, source, stream)
    said = (problem.code, problem.do, problem.happened, resumes_at)
    with connection.transaction():
        connection.execute(
            "UPDATE stream_run SET state = ?, finished_at = ?, error_code = ?, error_do = ?, error_happened = ?,"
            " resumes_at = ?, requests = requests + ?, requests_json = COALESCE(?, requests_json)"
            " WHERE run_id = ? AND source = ? AND stream = ?",
            (state, now, *said, requests, sample, run_id, source, stream),
        )
        record_problems(connection, [problem], run_id, now)
    return state


def leave_stream(connection: Connection, place: StreamPlace, lost: LeaseLost, now: str) -> str:
    """Close a stream that another process goes on with; returns its state. No problem: nobody needs to do anything."""
    source, stream, run_id = place[:3]
    with connection.transaction():
        connection.execute(
            "UPDATE stream_run SET state = 'incomplete', finished_at = ?, error_code = 'lease_lost', error_do = ?,"
            " error_happened = ? WHERE run_id = ? AND source = ? AND stream = ?",
            (now, lost.do, lost.happened, run_id, source, stream),
        )
    return "incomplete"


def described(error: Exception, source: str, stream: str) -> tuple[Problem, str, str | None]:
    """An exception as a problem, the stream state it leads to, and when it is worth trying again."""
    if isinstance(error, SyncError):
        error.at(source=source, stream=stream)
        state = next((state for kind, state in STATE_OF_ERROR if isinstance(error, kind)), "failed")
        resumes = getattr(error, "resumes_at", None)
        return (
            problem_of(error, "land")._replace(source_id="", source=source, stream=stream),
            state,
            resumes.isoformat() if resumes else None,
        )
    if isinstance(error, WarehouseError):
        return (
            Problem("error", "land", source, stream, type(error).__name__, error.do, error.happened),
            "failed",
            None,
        )
    return (
        Problem(
            severity="error",
            stage="land",
            source=source,
            stream=stream,
            code="unexpected",
            do=f"Run `partnerhub sync {source}` again; if it repeats, report it with the run id.",
            happened=f"The program failed with {type(error).__name__}.",
        ),
        "failed",
        None,
    )


def finish_run(connection: Connection, run_id: str, state: str, now: str) -> None:
    """Close the run's row."""
    with connection.transaction():
        connection.execute(
            "UPDATE sync_run SET state = ?, finished_at = ? WHERE run_id = ?",
            (state, now, run_id),
        )


def run_state(stream_states: list[str]) -> str:
    """What a run's streams come to, the gravest first."""
    for state in ("failed", "needs_person", "skipped", "incomplete"):
        if state in stream_states:
            return "needs_person" if state == "skipped" else state
    return "complete"
