"""What fields the records of a stream have, as the source says: what came, what went, what is called otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.leases import renew

if TYPE_CHECKING:
    from pipelines.land.page import StreamPlace
    from warehouse.database import Connection


def note_fields(connection: Connection, place: StreamPlace, said: dict[str, str]) -> None:
    """Remember the fields a completed reading found. The same fields again write nothing.

    A field that went away is gone since the reading began: its last values stand in versions that landed before.
    One that is back counts as never gone.
    """
    source, stream = place.source, place.stream
    known = {
        str(row[0]): (str(row[1]), row[2])
        for row in connection.query(
            "SELECT field, label, gone_since_at FROM stream_field WHERE source = ? AND stream = ?",
            (source, stream),
        )
    }
    began = connection.one(
        "SELECT started_at FROM stream_run WHERE run_id = ? AND source = ? AND stream = ?",
        (place.run_id, source, stream),
    )
    now = str(began[0]) if began else ""
    gone = [name for name, (_, since) in known.items() if name not in said and since is None]
    back = [name for name in said if name in known and known[name][1] is not None]
    renamed = [name for name, label in said.items() if name in known and known[name][0] != label]
    fresh = [name for name in said if name not in known]
    if not (gone or back or renamed or fresh):
        return
    here = "WHERE source = ? AND stream = ? AND field = ?"
    with connection.transaction():
        if place.lease:
            renew(connection, place.lease)
        connection.execute_many(
            "INSERT INTO stream_field (source, stream, field, label, first_seen_at) VALUES (?, ?, ?, ?, ?)",
            [(source, stream, name, said[name], now) for name in fresh],
        )
        connection.execute_many(
            f"UPDATE stream_field SET gone_since_at = ?, let_go_at = NULL, let_go_by = NULL {here}",
            [(now, source, stream, name) for name in gone],
        )
        connection.execute_many(
            f"UPDATE stream_field SET gone_since_at = NULL, let_go_at = NULL, let_go_by = NULL {here}",
            [(source, stream, name) for name in back],
        )
        connection.execute_many(
            "UPDATE stream_field SET former_label = CASE WHEN former_label = ? THEN NULL"
            f" ELSE coalesce(former_label, label) END, label = ? {here}",
            [(said[name], said[name], source, stream, name) for name in renamed],
        )
