"""How every stream stands: its last run, what the hub holds of it, where it will resume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.database import Connection

HELD = """
    SELECT source, stream,
           sum(CASE WHEN op IN ('upsert', 'restore') THEN 1 ELSE 0 END) AS in_hub,
           sum(CASE WHEN quarantine IS NOT NULL THEN 1 ELSE 0 END) AS quarantined
    FROM raw_current GROUP BY source, stream
"""
LAST_RUN = """
    SELECT r.* FROM stream_run r
    JOIN (SELECT source, stream, max(started_at) AS started_at FROM stream_run GROUP BY source, stream) latest
      ON latest.source = r.source AND latest.stream = r.stream AND latest.started_at = r.started_at
    ORDER BY r.run_id
"""
LAST_SUCCESS = """
    SELECT source, stream, max(finished_at) AS last_success_at FROM stream_run
    WHERE state = 'complete' GROUP BY source, stream
"""


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream as the warehouse knows it.

    state: of its last run, or `new` when it landed without one. in_source: what the source itself last said, or None.
    in_hub: live records. quarantined: records that could not be read or staged. cursor: where reading resumes (JSON).
    """

    source: str
    stream: str
    state: str
    in_source: int | None
    in_hub: int
    quarantined: int
    cursor: str | None
    last_run_at: str | None
    last_success_at: str | None
    resumes_at: str | None
    error_code: str | None
    error_happened: str | None
    error_do: str | None


def stream_statuses(connection: Connection) -> list[StreamStatus]:
    """Every stream that ever ran or landed anything, by source and name."""
    held = by_stream(connection.records(HELD))
    runs = by_stream(connection.records(LAST_RUN))
    successes = by_stream(connection.records(LAST_SUCCESS))
    cursors = by_stream(connection.records("SELECT source, stream, state_json FROM cursor"))
    return [
        status(key, held.get(key, {}), runs.get(key, {}), successes.get(key, {}), cursors.get(key, {}))
        for key in sorted(held.keys() | runs.keys())
    ]


def by_stream(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by (source, stream); the last one wins."""
    return {(row["source"], row["stream"]): row for row in rows}


def status(
    key: tuple[str, str],
    held: dict[str, Any],
    run: dict[str, Any],
    success: dict[str, Any],
    cursor: dict[str, Any],
) -> StreamStatus:
    """One stream's facts as one row."""
    return StreamStatus(
        source=key[0],
        stream=key[1],
        state=run.get("state", "new"),
        in_source=run.get("in_source"),
        in_hub=int(held.get("in_hub") or 0),
        quarantined=int(held.get("quarantined") or 0),
        cursor=cursor.get("state_json"),
        last_run_at=run.get("started_at"),
        last_success_at=success.get("last_success_at"),
        resumes_at=run.get("resumes_at"),
        error_code=run.get("error_code"),
        error_happened=run.get("error_happened"),
        error_do=run.get("error_do"),
    )


def pinned_accounts(connection: Connection) -> dict[str, str]:
    """Source → the account it was pinned to at its first sync."""
    rows = connection.query("SELECT source, account FROM source WHERE account IS NOT NULL")
    return {str(source): str(account) for source, account in rows}
