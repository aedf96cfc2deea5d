"""Runs as they were: what each read and how it ended, its streams, and what happened in it in order of time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import NotFound
from warehouse.processes import still_runs

if TYPE_CHECKING:
    from warehouse.database import Connection

RUNS: Final = """
SELECT r.run_id, r.started_at, r.finished_at, r.trigger, r.state, r.holder, count(s.stream) AS streams,
CAST(coalesce(sum(s.read), 0) AS bigint) AS read, CAST(coalesce(sum(s.landed), 0) AS bigint) AS landed,
CAST(coalesce(sum(s.quarantined), 0) AS bigint) AS quarantined,
coalesce(sum(CASE WHEN s.state <> 'complete' THEN 1 ELSE 0 END), 0) AS not_complete
FROM sync_run r LEFT JOIN stream_run s ON s.run_id = r.run_id {where}
GROUP BY r.run_id, r.started_at, r.finished_at, r.trigger, r.state, r.holder
ORDER BY r.started_at DESC, r.run_id LIMIT ?
"""
LEAST_SECONDS: Final = 0.5
"""A shorter reading says nothing about how fast it was."""
READING: Final = """
SELECT DISTINCT s.source, r.run_id, r.holder FROM sync_run r JOIN stream_run s ON s.run_id = r.run_id
WHERE r.state = 'running' AND s.state = 'running' ORDER BY r.run_id
"""
OF_SOURCE: Final = "WHERE r.run_id IN (SELECT run_id FROM stream_run WHERE source = ?)"


def list_runs(connection: Connection, *, source: str = "", limit: int = 20) -> list[dict[str, Any]]:
    """The newest runs first; with a source, those that read it."""
    values = (source, limit) if source else (limit,)
    return connection.records(RUNS.format(where=OF_SOURCE if source else ""), values)


def run_called(connection: Connection, text: str) -> dict[str, Any]:
    """One run by its id or the beginning of it; `last` is the newest. Raises NotFound, also when several begin so."""
    if text == "last":
        found = connection.query("SELECT run_id FROM sync_run ORDER BY started_at DESC, run_id LIMIT 1")
    else:
        found = connection.query(
            "SELECT run_id FROM sync_run WHERE substr(run_id, 1, ?) = ? ORDER BY run_id LIMIT 2",
            (len(text), text),
        )
    if len(found) != 1 or not text:
        several = f"Several runs begin with {text}.", "Write more of the id; `partnerhub runs ls` lists runs."
        none = f"No run is called {text}.", "`partnerhub runs ls` lists runs; `last` is the newest."
        raise NotFound(*(several if found else none))
    (run_id,) = found[0]
    return connection.records(RUNS.format(where="WHERE r.run_id = ?"), (run_id, 1))[0]


def at_work(connection: Connection) -> dict[str, str]:
    """Source → the run that reads it now; runs whose process is seen to be gone are left out."""
    rows = connection.query(READING)
    return {source: run_id for source, run_id, holder in rows if still_runs(holder) is not False}


def streams_of(connection: Connection, run_id: str, now: str = "") -> list[dict[str, Any]]:
    """The run's streams, in the order in which they began, each with its `seconds` and `records_a_second`.

    now: until when a stream that still runs is reckoned (UTC text); without it, it has neither.
    """
    found = connection.records(
        "SELECT * FROM stream_run WHERE run_id = ? ORDER BY started_at, source, stream", (run_id,)
    )
    for row in found:
        ended = row["finished_at"] or (now if row["state"] == "running" else "")
        row["seconds"] = seconds_between(row["started_at"], ended) if ended else None
        row["records_a_second"] = records_a_second(row["read"], row["seconds"])
    return found


def seconds_between(started_at: str, finished_at: str) -> float:
    """How long it took from one UTC text to another."""
    return (datetime.fromisoformat(finished_at) - datetime.fromisoformat(started_at)).total_seconds()


def records_a_second(read: int, seconds: float | None) -> float | None:
    """How fast records came; None where nothing was read, or in too short a time to say."""
    return round(read / seconds, 1) if read and seconds and seconds >= LEAST_SECONDS else None


def happenings(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """What happened in a run, in order of time: at, source, stream, what and words.

    Streams that began and ended, problems it saw (first or again), what it did to ids by kind.
    """
    found: list[dict[str, Any]] = []
    for row in streams_of(connection, run_id):
        place = {"source": row["source"], "stream": row["stream"]}
        found.append({"at": row["started_at"], **place, "what": "began", "words": began_words(row)})
        if row["finished_at"]:
            found.append({"at": row["finished_at"], **place, "what": row["state"], "words": ended_words(row)})
    problems = connection.records(
        "SELECT last_seen_at AS at, source, stream, severity AS what, code, happened, count FROM sync_error"
        " WHERE last_run_id = ? OR first_run_id = ?",
        (run_id, run_id),
    )
    for row in problems:
        code, times = row.pop("code"), row.pop("count")
        found.append(
            {**row, "words": f"{code}: {row.pop('happened')}{f' ({times:,} times)' if times > 1 else ''}"}
        )
    events = connection.query(
        "SELECT kind, count(*), max(recorded_at) FROM identity_event WHERE run_id = ? GROUP BY kind",
        (run_id,),
    )
    for event, count, at in events:
        found.append(
            {"at": at, "source": "", "stream": "", "what": "identity", "words": f"{event}: {count:,}"}
        )
    return sorted(found, key=lambda row: (row["at"], row["source"], row["stream"], row["what"]))


def began_words(row: dict[str, Any]) -> str:
    """From where a stream was read."""
    return "from its cursor" if row["cursor_json"] else "from the beginning"


def ended_words(row: dict[str, Any]) -> str:
    """How a stream ended, in numbers or by its error."""
    counts = f"{row['read']:,} read, {row['landed']:,} landed, {row['quarantined']:,} quarantined"
    return f"{counts}; {row['error_code']}: {row['error_happened']}" if row["error_code"] else counts
