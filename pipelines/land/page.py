"""Store one page: versions, payloads, current pointers, cursor, counts and lease renewal in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.record import LEFT_AT_SOURCE, Remedy
from pipelines.land.content import decode
from pipelines.land.cursors import store_cursor
from pipelines.land.live_count import added, move_live
from pipelines.land.versions import Current, Sorted, Version, read_versions, said_anew, sort_page
from pipelines.leases import renew
from pipelines.problems import Problem, record_problems
from warehouse import bulk
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from connectors.record import Page
    from pipelines.land.content import Volatile
    from pipelines.leases import Held
    from warehouse.database import Connection

RECORD_COLUMNS = (
    "raw_id", "source", "stream", "source_id", "op", "content_hash", "version", "winner_id", "quarantine",
    "payload", "run_id", "landed_at",
)  # fmt: skip
CURRENT_COLUMNS = ("source", "stream", "source_id", "raw_id", "op", "content_hash", "version", "quarantine")
IDS_PER_QUERY = 400
HASH_OF_LIVE: Final = f"CASE WHEN op IN {LIVE} THEN content_hash END"
MEND = Remedy(
    do="Mend the record in its source; it is read again at the next sync.",
    happened="The record arrived in a form that cannot be read, and is kept as it came.",
)
"""What is said of a malformed record whose source knows nothing better."""


class StreamPlace(NamedTuple):
    """Where a page goes: source, stream, the run, split volatile paths and `content_state` of the stream."""

    source: str
    stream: str
    run_id: str
    volatile: Volatile
    lease: Held | None
    content_state: str | None = None


class PageCounts(NamedTuple):
    """What one page came to. read = landed + unchanged + superseded; quarantined is a subset of landed."""

    read: int
    landed: int
    unchanged: int
    superseded: int
    quarantined: int


def nothing_more() -> None:
    """No more belongs to a page than what stands in it."""


def store_page(
    connection: Connection, place: StreamPlace, page: Page, now: str, also: Callable[[], None] = nothing_more
) -> PageCounts:
    """Store a page in one transaction. Storing the same page again writes no version. Raises LeaseLost.

    also: called in that transaction once the page's own rows are written, for what must not come without its cursor.
    """
    arriving = read_versions(page.records, place.volatile)
    with connection.transaction():
        if place.lease:
            renew(connection, place.lease)
        held = held_hashes(connection, place, {version.source_id for version in arriving})
        anew = said_anew(arriving, held)
        redacted = redacted_of(connection, place) & held.keys()
        current = current_versions(connection, place, anew & held.keys(), redacted)
        poorer = without_their_content(connection, place, page, arriving, current)
        news = [version for version in arriving if version.source_id in anew]
        fate = sort_page(news, current, poorer)
        append_versions(connection, place, fate, now)
        move_live(connection, place.source, place.stream, added(fate.landed, current))
        store_blobs(connection, place, page, redacted)
        if page.cursor is not None:
            store_cursor(connection, place.source, place.stream, page.cursor, place.run_id, now)
        counts = PageCounts(
            len(arriving),
            len(fate.landed),
            fate.unchanged + len(arriving) - len(news),
            len(fate.superseded),
            sum(version.quarantine is not None for version in fate.landed),
        )
        add_counts(connection, place, counts, page.in_source)
        also()
        remedies = {record.malformed: record.remedy for record in page.records if record.remedy}
        report_malformed(connection, place, fate.landed, remedies, now)
    return counts


def held_hashes(connection: Connection, place: StreamPlace, ids: set[str]) -> dict[str, bytes | None]:
    """The records among the given ones that the hub holds, with the hash of their content; None where one is gone."""
    at = {"source": place.source, "stream": place.stream}
    return dict(bulk.held(connection, "raw_current", ("source_id", HASH_OF_LIVE), at, ids))


def current_versions(
    connection: Connection, place: StreamPlace, ids: set[str], redacted: set[str]
) -> dict[str, Current]:
    """What the hub holds of the given records, and which of them are redacted."""
    at = {"source": place.source, "stream": place.stream}
    rows = bulk.held(connection, "raw_current", ("source_id", "op", "content_hash", "version"), at, ids)
    return {
        source_id: Current(op, digest, version, source_id in redacted)
        for source_id, op, digest, version in rows
    }


def redacted_of(connection: Connection, place: StreamPlace) -> set[str]:
    """The records of a stream whose content was blanked for good; people name them one by one, so they are few."""
    rows = connection.query(
        "SELECT source_id FROM redaction WHERE source = ? AND stream = ?", (place.source, place.stream)
    )
    return {row[0] for row in rows}


def without_their_content(
    connection: Connection,
    place: StreamPlace,
    page: Page,
    arriving: Sequence[Version],
    current: Mapping[str, Current],
) -> frozenset[str]:
    """The records that arrived without content which the hub holds: what it holds stays.

    Policy decides anew at every read and knows less than the back-fill (threads, links of the CRM).
    """
    if place.content_state is None:
        return frozenset()
    changed = [
        version.source_id
        for record, version in zip(page.records, arriving, strict=True)
        if (record.payload or {}).get(place.content_state) in LEFT_AT_SOURCE
        and (held := current.get(version.source_id)) is not None
        and held.content_hash != version.content_hash
    ]
    found: set[str] = set()
    for start in range(0, len(changed), IDS_PER_QUERY):
        some = changed[start : start + IDS_PER_QUERY]
        rows = connection.query(
            "SELECT c.source_id, r.payload FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id"
            f" WHERE c.source = ? AND c.stream = ? AND c.source_id IN ({', '.join('?' * len(some))})"
            " AND r.payload IS NOT NULL AND c.quarantine IS NULL",
            (place.source, place.stream, *some),
        )
        found |= {
            source_id
            for source_id, payload in rows
            if decode(payload).get(place.content_state) not in LEFT_AT_SOURCE
        }
    return frozenset(found)


def append_versions(connection: Connection, place: StreamPlace, fate: Sorted, now: str) -> None:
    """Append what is new to raw, and move the current pointers of what landed."""
    late = unseen(connection, place, fate.superseded)
    if not fate.landed and not late:
        return
    first = next_raw_ids(connection, len(fate.landed) + len(late))
    versions = late + fate.landed
    bulk.insert(
        connection,
        "raw_record",
        RECORD_COLUMNS,
        [
            (first + i, place.source, place.stream, *version, place.run_id, now)
            for i, version in enumerate(versions)
        ],
    )
    first += len(late)
    bulk.upsert(
        connection,
        "raw_current",
        CURRENT_COLUMNS,
        [
            (
                place.source,
                place.stream,
                v.source_id,
                first + i,
                v.op,
                v.content_hash,
                v.version,
                v.quarantine,
            )
            for i, v in enumerate(fate.landed)
        ],
    )


def unseen(connection: Connection, place: StreamPlace, superseded: Sequence[Version]) -> list[Version]:
    """Superseded versions that raw does not hold yet: they arrived, so they are kept, once."""
    kept: dict[tuple[str, bytes], Version] = {}
    for version in superseded:
        known = connection.one(
            "SELECT 1 FROM raw_record WHERE source = ? AND stream = ? AND source_id = ? AND content_hash = ?"
            " AND op = ?",
            (place.source, place.stream, version.source_id, version.content_hash, version.op),
        )
        if known is None:
            kept[version.source_id, version.content_hash] = version
    return list(kept.values())


def next_raw_ids(connection: Connection, count: int) -> int:
    """The first of `count` arrival numbers. The counter's row lock makes numbers follow commit order."""
    found = connection.query(
        "INSERT INTO hub_state (name, value) VALUES ('raw_id', CAST(? AS TEXT)) ON CONFLICT (name) DO UPDATE SET"
        " value = CAST(CAST(hub_state.value AS BIGINT) + CAST(excluded.value AS BIGINT) AS TEXT) RETURNING value",
        (str(count),),
    )
    return int(found[0][0]) - count + 1


def store_blobs(connection: Connection, place: StreamPlace, page: Page, redacted: Container[str]) -> None:
    """Store the bytes that came with the page, once per content; those of redacted records stay out.

    Bytes that were blanked with a redacted record come back with another record that holds them.
    """
    rows = [
        (blob.sha256, blob.media_type, len(blob.content), blob.content, place.run_id)
        for record in page.records
        if record.source_id not in redacted
        for blob in record.blobs
    ]
    if rows:
        connection.execute_many(
            "INSERT INTO raw_blob (sha256, media_type, size_bytes, content, run_id) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (sha256) DO UPDATE SET content = excluded.content WHERE raw_blob.content IS NULL",
            rows,
        )


def add_counts(connection: Connection, place: StreamPlace, counts: PageCounts, in_source: int | None) -> None:
    """Add a page's counts to the stream's row of this run."""
    connection.execute(
        "UPDATE stream_run SET pages = pages + 1, read = read + ?, landed = landed + ?, unchanged = unchanged + ?,"
        " superseded = superseded + ?, quarantined = quarantined + ?, in_source = COALESCE(?, in_source)"
        " WHERE run_id = ? AND source = ? AND stream = ?",
        (*counts, in_source, place.run_id, place.source, place.stream),
    )


def report_malformed(
    connection: Connection,
    place: StreamPlace,
    landed: Iterable[Version],
    remedies: Mapping[str | None, Remedy],
    now: str,
) -> None:
    """Open a problem for every version that landed quarantined. remedies: what the source knows of a reason."""
    problems = [
        Problem(
            severity="error",
            stage="land",
            source=place.source,
            stream=place.stream,
            source_id=version.source_id,
            code=version.quarantine,
            do=remedies.get(version.quarantine, MEND).do,
            happened=remedies.get(version.quarantine, MEND).happened,
        )
        for version in landed
        if version.quarantine is not None
    ]
    record_problems(connection, problems, place.run_id, now)
