"""Absence: what a completed full read did not list is gone from the source.

Whether it may go from the hub, too, is decided where it would be staged (`pipelines.stage.mass_change`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.record import Op
from pipelines.land.content import NOTHING
from pipelines.land.live_count import move_live
from pipelines.land.page import RECORD_COLUMNS, StreamPlace, next_raw_ids
from pipelines.land.versions import read_version
from warehouse import bulk
from warehouse.tables.raw import LIVE, LIVE_OPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.record import Page
    from warehouse.database import Connection

UNSAID = (None, None, None, None)
"""Version, winner, quarantine and payload of an absence."""


class FullRead:
    """The ids one full read of a stream has listed, in a temporary table on the writer's connection."""

    def __init__(self, place: StreamPlace) -> None:
        """One full read of one stream, from its first page on."""
        self.place = place

    def begin(self, connection: Connection) -> None:
        """Forget an earlier full read of this stream."""
        connection.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS full_read (source TEXT, stream TEXT, source_id TEXT, live INTEGER,"
            " PRIMARY KEY (source, stream, source_id))"
        )
        connection.execute("DELETE FROM full_read WHERE source = ? AND stream = ?", self.place[:2])

    def saw(self, connection: Connection, page: Page) -> None:
        """Note what a page listed, by the ids under which it lands, and whether the source still holds it."""
        source, stream, volatile = *self.place[:2], self.place.volatile
        listed = {
            r.source_id or read_version(r, volatile).source_id: int(r.op in LIVE_OPS) for r in page.records
        }
        connection.execute_many(
            "INSERT INTO full_read VALUES (?, ?, ?, ?) ON CONFLICT (source, stream, source_id)"
            " DO UPDATE SET live = excluded.live",
            [(source, stream, *row) for row in sorted(listed.items())],
        )

    def end(self, connection: Connection, now: str) -> list[str]:
        """Land `not_visible` for live records the read did not list; returns their ids.

        In the transaction of the last page: its cursor says that all was read, and nobody would ask again.
        """
        gone = self.missing(connection)
        land_absence(connection, self.place, gone, now)
        move_live(connection, *self.place[:2], -len(gone))
        connection.execute(
            "UPDATE stream_run SET removed = removed + ? WHERE run_id = ? AND source = ? AND stream = ?",
            (len(gone), self.place.run_id, self.place.source, self.place.stream),
        )
        return gone

    def missing(self, connection: Connection) -> list[str]:
        """Ids of live records that were not listed."""
        rows = connection.query(
            "SELECT c.source_id FROM raw_current c LEFT JOIN full_read f ON f.source = c.source AND"
            " f.stream = c.stream AND f.source_id = c.source_id WHERE c.source = ? AND c.stream = ?"
            f" AND c.op IN {LIVE} AND f.source_id IS NULL ORDER BY c.source_id",
            self.place[:2],
        )
        return [row[0] for row in rows]


def land_absence(connection: Connection, place: StreamPlace, gone: Iterable[str], now: str) -> None:
    """Append a `not_visible` version for each record and point to it."""
    ids = list(gone)
    if not ids:
        return
    first = next_raw_ids(connection, len(ids))
    op = Op.NOT_VISIBLE.value
    bulk.insert(
        connection,
        "raw_record",
        RECORD_COLUMNS,
        [
            (first + i, place.source, place.stream, source_id, op, NOTHING, *UNSAID, place.run_id, now)
            for i, source_id in enumerate(ids)
        ],
    )
    connection.execute_many(
        "UPDATE raw_current SET raw_id = ?, op = ?, content_hash = ?, version = NULL, quarantine = NULL"
        " WHERE source = ? AND stream = ? AND source_id = ?",
        [(first + i, op, NOTHING, place.source, place.stream, source_id) for i, source_id in enumerate(ids)],
    )
