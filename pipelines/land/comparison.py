"""What a complete listing of a stream shows beside what the hub held: what no sync had brought, and what went."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from pipelines.problems import Problem, record_problems
from warehouse import bulk
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.land.page import StreamPlace
    from warehouse.database import Connection

COLUMNS: Final = (
    "run_id", "source", "stream", "checked_at", "method", "in_source", "in_hub", "quarantined", "missed", "gone",
    "days_json", "sample_json",
)  # fmt: skip
STAGE: Final = "reconcile"
CODE: Final = "missed_records"
SAMPLE: Final = 20
UNDATED: Final = "undated"

LISTED: Final = f"""
SELECT count(*), coalesce(sum(CASE WHEN c.op IN {LIVE} THEN 1 ELSE 0 END), 0),
coalesce(sum(CASE WHEN c.quarantine IS NOT NULL THEN 1 ELSE 0 END), 0)
FROM full_read f LEFT JOIN raw_current c ON c.source = f.source AND c.stream = f.stream AND c.source_id = f.source_id
WHERE f.source = ? AND f.stream = ? AND f.live = 1
"""
"""What the source holds, how much of it the hub holds, and how much of that is set aside."""
MISSED: Final = """
SELECT c.source_id, c.version FROM full_read f
JOIN raw_current c ON c.source = f.source AND c.stream = f.stream AND c.source_id = f.source_id
JOIN raw_record r ON r.raw_id = c.raw_id
WHERE f.source = ? AND f.stream = ? AND f.live = 1 AND r.run_id = ? AND (c.version < ? OR (c.version IS NULL
AND NOT EXISTS (SELECT 1 FROM raw_record e WHERE e.source = c.source AND e.stream = c.stream
AND e.source_id = c.source_id AND e.raw_id < c.raw_id)))
ORDER BY c.source_id
"""
"""What this listing brought and an earlier read should have: last changed before it, or new where nothing is dated."""
VERSION_BEFORE: Final = """
SELECT max(version) FROM raw_record WHERE source = ? AND stream = ? AND source_id = ? AND version IS NOT NULL
"""
HELD_BACK: Final = (
    "SELECT count(*) FROM raw_current WHERE source = ? AND stream = ? AND quarantine IS NOT NULL"
)


def write_comparison(
    connection: Connection, place: StreamPlace, gone: Sequence[str], since: str, now: str
) -> None:
    """Keep what the listing that just ended showed. Doing it again for one run replaces it.

    gone: live records it did not list. since: what changed later may be new to anybody; empty when no other read went
    before, so that nothing can have been missed.
    """
    names = (place.source, place.stream)
    (counts,) = connection.query(LISTED, names)
    brought = connection.query(MISSED, (*names, place.run_id, since)) if since else []
    missed: list[tuple[str, str | None]] = [(source_id, version) for source_id, version in brought]
    dated_gone = [(source_id, last_version(connection, place, source_id)) for source_id in gone]
    days = {"missed": by_day(missed), "gone": by_day(dated_gone)}
    sample = [source_id for source_id, _ in (*missed, *dated_gone)][:SAMPLE]
    found = ("ids", *counts, len(missed), len(gone), json.dumps(days), json.dumps(sample))
    with connection.transaction():
        bulk.upsert(connection, "reconciliation", COLUMNS, [(place.run_id, *names, now, *found)])
        if since:
            tell_missed(connection, place, [source_id for source_id, _ in missed], now)


def write_count(connection: Connection, run_id: str, names: tuple[str, str], count: int, now: str) -> None:
    """The proof of a stream whose own count agrees with the hub's. Expects a transaction."""
    held_back = connection.one(HELD_BACK, names)
    found = ("count", count, count, held_back[0] if held_back else 0, 0, 0, "{}", "[]")
    bulk.upsert(connection, "reconciliation", COLUMNS, [(run_id, *names, now, *found)])


def tell_missed(connection: Connection, place: StreamPlace, missed: Sequence[str], now: str) -> None:
    """Open a problem for what no sync had brought, though every run was green; close it when nothing was missed."""
    if missed:
        some = ", ".join(missed[:3])
        what = f"{len(missed):,} records" if len(missed) > 1 else "One record"
        problem = Problem(
            severity="warning",
            stage=STAGE,
            source=place.source,
            stream=place.stream,
            code=CODE,
            do="They are here now. If it happens again, report it with the ids `partnerhub reconcile --json` lists.",
            happened=f"{what} stood at the source and no sync had brought them: {some}"
            f"{' and others' if len(missed) > 3 else ''}.",  # noqa: PLR2004
        )
        record_problems(connection, [problem], place.run_id, now)
        return
    connection.execute(
        "UPDATE sync_error SET state = 'resolved' WHERE source = ? AND stream = ? AND code = ? AND state = 'open'",
        (place.source, place.stream, CODE),
    )


def last_version(connection: Connection, place: StreamPlace, source_id: str) -> str | None:
    """When a record that went was last changed, as far as its source ever said."""
    found = connection.one(VERSION_BEFORE, (place.source, place.stream, source_id))
    return found[0] if found else None


def by_day(dated: Iterable[tuple[str, str | None]]) -> dict[str, int]:
    """How many records by the UTC day of their last change."""
    return dict(sorted(Counter((version or UNDATED)[:10] for _, version in dated).items()))
