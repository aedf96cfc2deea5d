"""How every stream stands: its last run, what the hub holds of it, where it will resume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from warehouse.database import Connection

HELD = f"""
    SELECT source, stream,
           sum(CASE WHEN op IN {LIVE} THEN 1 ELSE 0 END) AS in_hub,
           sum(CASE WHEN quarantine IS NOT NULL THEN 1 ELSE 0 END) AS held_back
    FROM raw_current GROUP BY source, stream
"""
LAST_RUN = """
    SELECT r.* FROM stream_run r
    JOIN (SELECT source, stream, max(started_at) AS started_at FROM stream_run GROUP BY source, stream) latest
      ON latest.source = r.source AND latest.stream = r.stream AND latest.started_at = r.started_at
    ORDER BY r.run_id
"""
LAST_COUNT = """
    SELECT r.source, r.stream, r.in_source FROM stream_run r
    JOIN (SELECT source, stream, max(started_at) AS started_at FROM stream_run
          WHERE in_source IS NOT NULL GROUP BY source, stream) latest
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
    facts: dict[tuple[str, str], dict[str, Any]] = {}
    for query in (LAST_RUN, LAST_COUNT, LAST_SUCCESS, HELD, "SELECT source, stream, state_json FROM cursor"):
        for row in connection.records(query):
            facts.setdefault((row["source"], row["stream"]), {}).update(row)
    return [status(key, facts[key]) for key in sorted(facts)]


def status(key: tuple[str, str], facts: dict[str, Any]) -> StreamStatus:
    """One stream's facts as one row."""
    return StreamStatus(
        source=key[0],
        stream=key[1],
        state=facts.get("state", "new"),
        in_source=facts.get("in_source"),
        in_hub=int(facts.get("in_hub") or 0),
        quarantined=int(facts.get("held_back") or 0),
        cursor=facts.get("state_json"),
        last_run_at=facts.get("started_at"),
        last_success_at=facts.get("last_success_at"),
        resumes_at=facts.get("resumes_at"),
        error_code=facts.get("error_code"),
        error_happened=facts.get("error_happened"),
        error_do=facts.get("error_do"),
    )


def pinned_accounts(connection: Connection) -> dict[str, str]:
    """Source → the account it was pinned to at its first sync."""
    rows = connection.query("SELECT source, account FROM source WHERE account IS NOT NULL")
    return {str(source): str(account) for source, account in rows}
