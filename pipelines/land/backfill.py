"""Back-fill: what policy left at a source is fetched once its fact is attached to an organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog

from connectors.errors import SyncError
from connectors.record import LEFT_BY_POLICY, utc_text
from pipelines.land.content import decode, split_volatile
from pipelines.land.page import StreamPlace, store_page
from pipelines.land.runs import described
from pipelines.leases import acquire, release
from pipelines.problems import Problem, record_problems

if TYPE_CHECKING:
    from connectors.record import Connector, JsonObject
    from pipelines.leases import Held
    from warehouse.database import Connection, Database

log = structlog.get_logger()

STAGE = "backfill"
GONE = "content_gone"
LOOK_AGAIN = timedelta(days=30)
"""After how long something that was not found any more is looked for again."""
AT_ONCE = 500
"""Records asked for in one go, which bounds memory."""

IN_ATTACHED_THREAD = (
    "EXISTS (SELECT 1 FROM staged_touchpoint o JOIN fact_source os ON os.record = o.record"
    " JOIN fact a ON a.fact_id = os.fact_id WHERE o.thread = t.thread AND a.attached = 'attached')"
)
"""One attached mail brings the whole conversation, colleagues' mails about it included."""
NOT_FOUND_LATELY = (
    "NOT EXISTS (SELECT 1 FROM sync_error e WHERE e.source = t.source AND e.stream = t.stream"
    f" AND e.source_id = t.source_id AND e.code = '{GONE}' AND e.state <> 'resolved' AND e.last_seen_at > ?)"
)
WANTED = (
    "SELECT w.source_id, w.stream, r.payload FROM (SELECT t.source_id, t.stream, t.raw_id, t.happened_at, t.record"
    " FROM staged_touchpoint t JOIN fact_source s ON s.record = t.record JOIN fact f ON f.fact_id = s.fact_id"
    f" WHERE t.source = ? AND t.left_out = ? AND (f.attached = 'attached' OR {IN_ATTACHED_THREAD})"
    f" AND {NOT_FOUND_LATELY} ORDER BY t.happened_at DESC, t.record LIMIT {AT_ONCE}) w"
    " JOIN raw_record r ON r.raw_id = w.raw_id WHERE r.payload IS NOT NULL ORDER BY w.happened_at DESC, w.record"
)


@dataclass(slots=True)
class BackfillCounts:
    """wanted: records whose content was asked for. landed: versions that came of it. gone: records not found."""

    wanted: int = 0
    landed: int = 0
    gone: int = 0

    def __add__(self, other: BackfillCounts) -> BackfillCounts:
        """Both together."""
        return BackfillCounts(self.wanted + other.wanted, self.landed + other.landed, self.gone + other.gone)

    @property
    def moved(self) -> bool:
        """Whether asking again would ask for others."""
        return bool(self.landed or self.gone)


class Wanted(NamedTuple):
    """One record whose content is wanted: its stream, and the payload with its `source_id`."""

    stream: str
    payload: JsonObject


def backfill(database: Database, connector: Connector, run_id: str, now: str) -> BackfillCounts:
    """Fetch what attached facts of this source lack. A source that cannot be reached leaves a problem, no failure."""
    counts = BackfillCounts()
    if not connector.fills_in():
        return counts
    with database.session() as connection:
        found = wanted(connection, connector.source, now)
        asked = [each for each in found if not connector.declines(each.payload)]
        counts.wanted = len(asked)
        if not asked:
            return counts
        lease = acquire(connection, f"sync:{connector.source}")
        try:
            counts.landed, came = fetch(connection, connector, asked, (run_id, now), lease)
            counts.gone = note_gone(connection, connector.source, asked, came, (run_id, now))
        except SyncError as error:
            log.warning("backfill failed", source=connector.source, code=error.code)
            problem, _, _ = described(error, connector.source, "")
            with connection.transaction():
                record_problems(connection, [problem], run_id, now)
        finally:
            release(connection, lease)
    return counts


def wanted(connection: Connection, source: str, now: str) -> list[Wanted]:
    """The attached touchpoints whose text was left by policy, and the others of their threads, newest first.

    Left out are those that were not found when they were last asked for, not long ago.
    """
    lately = utc_text(datetime.fromisoformat(now) - LOOK_AGAIN)
    rows = connection.query(WANTED, (source, LEFT_BY_POLICY, lately))
    return [
        Wanted(stream, {**decode(payload), "source_id": source_id}) for source_id, stream, payload in rows
    ]


def fetch(
    connection: Connection,
    connector: Connector,
    asked: list[Wanted],
    run: tuple[str, str],
    lease: Held,
) -> tuple[int, set[tuple[str, str]]]:
    """Land what each stream has for the payloads; returns how many versions, and (stream, id) of what came."""
    landed = 0
    came: set[tuple[str, str]] = set()
    payloads = [each.payload for each in asked]
    for stream in connector.streams():
        place = StreamPlace(
            connector.source,
            stream.name,
            run[0],
            split_volatile(stream.volatile),
            lease,
            stream.content_state,
        )
        for page in connector.backfill(payloads, stream.name):
            landed += store_page(connection, place, page, run[1]).landed
            came |= {(stream.name, record.source_id) for record in page.records}
    return landed, came


def note_gone(
    connection: Connection,
    source: str,
    asked: list[Wanted],
    came: set[tuple[str, str]],
    run: tuple[str, str],
) -> int:
    """Tell of records that are no longer at the source, so that they stand in nobody's way; returns how many."""
    keys = [(each.stream, str(each.payload["source_id"])) for each in asked]
    gone = [
        Problem(
            severity="finding",
            stage=STAGE,
            source=source,
            stream=stream,
            source_id=source_id,
            code=GONE,
            do="Nothing, unless it was moved: add the folder to `folders`. It is looked for again after 30 days.",
            happened="It is no longer where it was seen, so its text cannot be fetched.",
        )
        for stream, source_id in keys
        if (stream, source_id) not in came
    ]
    with connection.transaction():
        record_problems(connection, gone, *run)
        connection.execute_many(
            "UPDATE sync_error SET state = 'resolved' WHERE source = ? AND stream = ? AND source_id = ?"
            f" AND code = '{GONE}' AND state = 'open'",
            [(source, *key) for key in keys if key in came],
        )
    return len(gone)
