"""Problems as rows: every failure, quarantined record and finding, by fingerprint, open until it passes again."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.errors import SyncError
    from warehouse.database import Connection

SAMPLE_LENGTH = 120


class Problem(NamedTuple):
    """One problem. Severity is error (something is missing), warning (a person should look) or finding."""

    severity: str
    stage: str
    source: str
    stream: str
    code: str
    do: str
    happened: str
    source_id: str = ""
    field: str = ""
    sample: str | None = None
    times: int = 1

    @property
    def fingerprint(self) -> str:
        """Equal for every sighting of the same problem."""
        facts = (self.stage, self.source, self.stream, self.source_id, self.code, self.field)
        return blake2b("\n".join(facts).encode(errors="backslashreplace"), digest_size=10).hexdigest()


def problem_of(error: SyncError, stage: str, severity: str = "error") -> Problem:
    """An error of the hub as a problem row."""
    return Problem(
        severity=severity,
        stage=stage,
        source=error.source,
        stream=error.stream,
        source_id=error.record_id,
        code=error.code,
        do=error.do,
        happened=error.happened,
    )


def record_problems(connection: Connection, problems: Iterable[Problem], run_id: str, now: str) -> None:
    """Open the problems, or count them again where they are known. What a person decided about one stays."""
    rows = [
        (
            problem.fingerprint, problem.severity, problem.stage, problem.source, problem.stream, problem.source_id,
            problem.code, problem.field, problem.do, problem.happened, shortened(problem.sample),
            now, now, run_id, run_id, problem.times, "open",
        )
        for problem in problems
    ]  # fmt: skip
    if not rows:
        return
    connection.execute_many(
        "INSERT INTO sync_error (fingerprint, severity, stage, source, stream, source_id, code, field, to_do, happened,"
        " sample, first_seen_at, last_seen_at, first_run_id, last_run_id, count, state)"
        f" VALUES ({', '.join('?' * 17)}) ON CONFLICT (fingerprint) DO UPDATE SET"
        " last_seen_at = excluded.last_seen_at, last_run_id = excluded.last_run_id,"
        " count = sync_error.count + excluded.count, happened = excluded.happened, to_do = excluded.to_do,"
        " sample = excluded.sample, severity = excluded.severity,"
        " state = CASE WHEN sync_error.state IN ('acknowledged', 'discarded') THEN sync_error.state ELSE 'open' END",
        rows,
    )


def resolve_record_problems(connection: Connection, source: str, stream: str, ids: Iterable[str]) -> None:
    """Close the problems of records that passed landing and staging this time."""
    connection.execute_many(
        "UPDATE sync_error SET state = 'resolved' WHERE source = ? AND stream = ? AND source_id = ?"
        " AND state IN ('open', 'acknowledged') AND severity = 'error'",
        [(source, stream, source_id) for source_id in ids],
    )


def resolve_stream_problems(connection: Connection, source: str, stream: str, but: str = "") -> None:
    """Close a stream's own failures after it completed; `but` is the code of what still is the case."""
    connection.execute(
        "UPDATE sync_error SET state = 'resolved' WHERE source = ? AND stream = ? AND source_id = '' AND stage = 'land'"
        " AND code <> ? AND state IN ('open', 'acknowledged')",
        (source, stream, but),
    )


def shortened(sample: str | None) -> str | None:
    """A sample short enough to show in a list."""
    return sample if sample is None or len(sample) <= SAMPLE_LENGTH else f"{sample[: SAMPLE_LENGTH - 1]}…"
