"""Back-fill: what policy left at a source is fetched once its fact is attached to an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from connectors.errors import SyncError
from pipelines.land.content import decode, split_volatile
from pipelines.land.page import StreamPlace, store_page
from pipelines.land.runs import described
from pipelines.leases import acquire, release
from pipelines.problems import record_problems

if TYPE_CHECKING:
    from connectors.record import Connector, JsonObject
    from pipelines.leases import Held
    from warehouse.database import Connection, Database

log = structlog.get_logger()

LEFT_BY_POLICY = "left_by_policy"
AT_ONCE = 500
"""Records asked for in one go, which bounds memory."""

WANTED = (
    "SELECT t.source_id, r.payload FROM staged_touchpoint t JOIN fact_source s ON s.record = t.record"
    " JOIN fact f ON f.fact_id = s.fact_id JOIN raw_record r ON r.raw_id = t.raw_id"
    " WHERE t.source = ? AND t.left_out = ? AND f.attached = 'attached' AND r.payload IS NOT NULL"
    f" ORDER BY t.happened_at DESC, t.record LIMIT {AT_ONCE}"
)


@dataclass(slots=True)
class BackfillCounts:
    """wanted: records whose content was asked for. landed: versions that came of it."""

    wanted: int = 0
    landed: int = 0

    def __add__(self, other: BackfillCounts) -> BackfillCounts:
        """Both together."""
        return BackfillCounts(self.wanted + other.wanted, self.landed + other.landed)


def backfill(database: Database, connector: Connector, run_id: str, now: str) -> BackfillCounts:
    """Fetch what attached facts of this source lack. A source that cannot be reached leaves a problem, no failure."""
    counts = BackfillCounts()
    with database.session() as connection:
        payloads = wanted(connection, connector.source)
        counts.wanted = len(payloads)
        if not payloads:
            return counts
        lease = acquire(connection, f"sync:{connector.source}")
        try:
            counts.landed = fetch(connection, connector, payloads, (run_id, now), lease)
        except SyncError as error:
            log.warning("backfill failed", source=connector.source, code=error.code)
            problem, _, _ = described(error, connector.source, "")
            with connection.transaction():
                record_problems(connection, [problem], run_id, now)
        finally:
            release(connection, lease)
    return counts


def wanted(connection: Connection, source: str) -> list[JsonObject]:
    """The payloads of attached touchpoints whose text was left by policy, each with its `source_id`, newest first."""
    rows = connection.query(WANTED, (source, LEFT_BY_POLICY))
    return [{**decode(payload), "source_id": source_id} for source_id, payload in rows]


def fetch(
    connection: Connection,
    connector: Connector,
    payloads: list[JsonObject],
    run: tuple[str, str],
    lease: Held,
) -> int:
    """Land what each stream of the source has for the payloads; returns the number of versions."""
    landed = 0
    for stream in connector.streams():
        place = StreamPlace(connector.source, stream.name, run[0], split_volatile(stream.volatile), lease)
        for page in connector.backfill(payloads, stream.name):
            landed += store_page(connection, place, page, run[1]).landed
    return landed
