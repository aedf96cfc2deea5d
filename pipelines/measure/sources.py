"""What was counted of every source in one measure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.record import utc_text
from pipelines.measure.fields import BY_SOURCE
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

UNSCHEDULED: Final = timedelta(days=1)
"""Within which a source without a schedule must have been read to count as fresh."""
COMPARED: Final = """
SELECT r.source, sum(CASE WHEN r.in_hub < r.in_source THEN r.in_hub ELSE r.in_source END), sum(r.in_source)
FROM reconciliation r JOIN (SELECT source, stream, max(checked_at) AS checked_at FROM reconciliation
GROUP BY source, stream) newest ON newest.source = r.source AND newest.stream = r.stream
AND newest.checked_at = r.checked_at GROUP BY r.source
"""
HELD: Final = (
    "SELECT source, count(*) - count(quarantine), count(*) FROM raw_current WHERE op IN ('upsert', 'restore')"
    " GROUP BY source"
)
READ: Final = (
    "SELECT source, stream, max(CASE WHEN state = 'complete' THEN finished_at END) FROM stream_run"
    " GROUP BY source, stream"
)
DISTINCT: Final = (
    "SELECT s.source, count(DISTINCT l.organization_id), count(*) FROM organization_link l"
    " JOIN staged_organization s ON s.record = l.record AND s.deleted_at IS NULL WHERE l.ended_at IS NULL"
    " GROUP BY s.source"
)
COLUMNS: Final = (
    "source", "measured_at", "in_hub", "in_source", "records_readable", "records_held", "fields_agreed",
    "fields_compared", "streams_fresh", "streams_read", "organizations", "organization_records",
)  # fmt: skip

Pair = tuple[int, int]
NOTHING: Final[Pair] = (0, 0)


def measure_sources(connection: Connection, now: str, due: Mapping[str, str]) -> int:
    """Keep a row of every source the hub knows; how many. due: as for `measure`."""
    parts = [
        pairs(connection, COMPARED),
        pairs(connection, HELD),
        pairs(connection, BY_SOURCE),
        fresh(connection, now, due),
        pairs(connection, DISTINCT),
    ]
    rows = [
        (source, now, *(number for part in parts for number in part.get(source, NOTHING)))
        for (source,) in connection.query("SELECT source FROM source ORDER BY source")
    ]
    bulk.insert(connection, "source_quality", COLUMNS, rows)
    return len(rows)


def pairs(connection: Connection, statement: str) -> dict[str, Pair]:
    """Source → two numbers."""
    return {str(source): (int(one), int(other)) for source, one, other in connection.query(statement)}


def fresh(connection: Connection, now: str, due: Mapping[str, str]) -> dict[str, Pair]:
    """Source → how many of its streams were read to their end in time, and how many are read at all."""
    usual = utc_text(datetime.fromisoformat(now) - UNSCHEDULED)
    found: dict[str, Pair] = {}
    for source, _, at in connection.query(READ):
        in_time, streams = found.get(source, NOTHING)
        found[source] = (in_time + (at is not None and at >= due.get(source, usual)), streams + 1)
    return found
