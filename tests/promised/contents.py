"""What the hub's tables say: no secret, nothing erased, every value with its source, the same on both databases."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from tests.promised.landed import some
from warehouse.bulk import columns_of
from warehouse.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from warehouse.database import Connection

MAY_HOLD_BODIES = frozenset(
    {"raw_record.payload", "raw_blob.content", "staged_touchpoint.text", "staged_work_item.text"}
)
"""Where texts of people belong; a secret of the configuration belongs nowhere."""

OF_THE_RUN = frozenset(
    {
        "raw_id", "staged_raw_id", "run_id", "first_run_id", "last_run_id", "landed_at", "recorded_at", "updated_at",
        "first_seen_at", "last_seen_at", "started_at", "ended_at", "recorded_from_at", "recorded_to_at", "seen_at",
        "changed_at", "pinned_at", "opened_at", "closed_at", "since_at", "gone_since_at", "count", "digest",
    }
)  # fmt: skip
"""Columns that say when and in which run the hub did something, or tell such a column too, as digests of staged rows
tell arrival numbers: no two hubs agree about them."""
ARRIVED = re.compile(r'"raw_id": \d+')
"""An arrival number in an image of a staged row."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
BOOKS = frozenset({"sync_run", "stream_run", "run_phase", "lease", "cursor", "job", "hub_state"})
"""Tables about runs and about the hub itself."""


def no_secrets(
    connection: Connection,
    secrets: Collection[str],
    said: str = "",
    folders: Iterable[Path] = (),
    bodies: Collection[str] = (),
) -> list[str]:
    """I7: none of the secrets stands in a table, in what was said or in a file; bodies only where they belong.

    said: everything printed or logged. folders: where anything was written, without the warehouse's own file.
    """
    wrong = [f"a secret stands in {place}" for place in holding(connection, secrets)]
    wrong += [
        f"a body stands in {place}" for place in holding(connection, bodies) if place not in MAY_HOLD_BODIES
    ]
    texts = [one for one in (*secrets, *bodies) if one]
    if any(one in said for one in texts):
        wrong.append("a secret or a body was printed or logged")
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if any(one.encode() in path.read_bytes() for one in texts):
                wrong.append(f"a secret or a body stands in {path.name}")
    return wrong


def holding(connection: Connection, words: Collection[str]) -> list[str]:
    """`table.column` of every column that holds one of the words."""
    if not any(words):
        return []
    pattern = re.compile(b"|".join(re.escape(one.encode()) for one in words if one))
    found = set()
    for name in metadata.tables:
        columns = columns_of(name)
        for row in connection.query(f"SELECT {', '.join(columns)} FROM {name}"):
            for column, value in zip(columns, row, strict=True):
                content = (
                    bytes(value)
                    if isinstance(value, (bytes, memoryview))
                    else str(value).encode(errors="replace")
                )
                if pattern.search(content):
                    found.add(f"{name}.{column}")
    return sorted(found)


def erased_stays_erased(connection: Connection) -> list[str]:
    """I8: of a record that was redacted, no version holds a payload, whatever arrived since."""
    rows = connection.query(
        "SELECT DISTINCT r.source, r.stream, r.source_id FROM redaction d JOIN raw_record r ON r.source = d.source"
        " AND r.stream = d.stream AND r.source_id = d.source_id WHERE r.payload IS NOT NULL"
    )
    return [f"redacted, and back: {some('/'.join(row) for row in rows)}"] if rows else []


def provenance(connection: Connection) -> list[str]:
    """I9: golden value → staged record → raw version → run; every fact and staged record has its source, too."""
    wrong = []
    for what, query in CHAINS.items():
        rows = connection.query(query)
        if rows:
            wrong.append(f"{what}: {some('/'.join(map(str, row)) for row in rows)}")
    return wrong


RUN_KNOWN = (
    "JOIN raw_record r ON r.raw_id = {from_}.raw_id JOIN sync_run u ON u.run_id = r.run_id"
    " LEFT JOIN stream_run n ON n.run_id = r.run_id AND n.source = r.source AND n.stream = r.stream"
)
CHAINS = {
    "golden values without a raw version of their record, or of an unknown run": (
        "SELECT v.organization_id, v.field FROM golden_value v WHERE v.rule <> 'pin' AND NOT EXISTS (SELECT 1 FROM"
        " raw_record r JOIN sync_run u ON u.run_id = r.run_id WHERE r.raw_id = v.raw_id)"
    ),
    "golden values that are not of the current version of their record": (
        "SELECT v.organization_id, v.field FROM golden_value v JOIN staged_organization s ON s.record = v.record"
        " WHERE v.rule <> 'pin' AND v.raw_id <> s.raw_id"
    ),
    "raw versions of an unknown run": (
        "SELECT r.source, r.stream, r.source_id FROM raw_record r LEFT JOIN sync_run u ON u.run_id = r.run_id"
        " WHERE u.run_id IS NULL AND r.source <> 'hub'"
    ),
    "current records that point to no raw version of theirs": (
        "SELECT c.source, c.stream, c.source_id FROM raw_current c LEFT JOIN raw_record r ON r.raw_id = c.raw_id"
        " AND r.source = c.source AND r.stream = c.stream AND r.source_id = c.source_id WHERE r.raw_id IS NULL"
    ),
    "facts without a source": (
        "SELECT f.fact_id FROM fact f LEFT JOIN fact_source s ON s.fact_id = f.fact_id WHERE s.fact_id IS NULL"
    ),
    "facts that say another number of records than hold them": (
        "SELECT f.fact_id FROM fact f JOIN fact_source s ON s.fact_id = f.fact_id GROUP BY f.fact_id, f.source_count"
        " HAVING count(*) <> f.source_count"
    ),
}


def same_on_both(one: Connection, other: Connection, since: str = "9999") -> list[str]:
    """I11: two databases that saw the same say the same, apart from arrival numbers, runs and the hours of the hub.

    since: UTC text; a moment from then on is the hub's own hour, wherever it stands (when it saw that a row was gone).
    """
    wrong = []
    for name in sorted(metadata.tables.keys() - BOOKS):
        left, right = set(plain_rows(one, name, since)), set(plain_rows(other, name, since))
        if left != right:
            wrong.append(f"{name}: only here {some(left - right, 2)}; only there {some(right - left, 2)}")
    return wrong


def plain_rows(connection: Connection, name: str, since: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table without what is the run's, in values both databases can hold."""
    columns = [column for column in columns_of(name) if column not in OF_THE_RUN]
    for row in connection.query(f"SELECT {', '.join(columns)} FROM {name}"):
        yield tuple(unhoured(plain(value), since) for value in row)


def unhoured(value: Any, since: str) -> Any:
    """A value without arrival numbers, or for a moment from `since` on that it is one."""
    if not isinstance(value, str):
        return value
    is_moment = MOMENT.fullmatch(value) is not None
    return "an hour of the hub" if is_moment and value >= since else ARRIVED.sub("", value)


def plain(value: Any) -> Any:
    """A value as both databases' drivers would give it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, memoryview):
        return bytes(value)
    return value


def fingerprints(connection: Connection, leave_out: Collection[str] = ()) -> dict[str, str]:
    """Table → a digest of all its rows, to see whether anything was written."""
    found = {}
    for name in sorted(metadata.tables.keys() - set(leave_out)):
        digest = blake2b(digest_size=12)
        for row in sorted(repr(tuple(map(plain, row))) for row in all_rows(connection, name)):
            digest.update(row.encode())
        found[name] = digest.hexdigest()
    return found


def all_rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table; of problems, without how often and when they were last seen."""
    seen = {"last_seen_at", "last_run_id", "count"} if name == "sync_error" else set()
    columns = [column for column in columns_of(name) if column not in seen]
    return connection.query(f"SELECT {', '.join(columns)} FROM {name}")
