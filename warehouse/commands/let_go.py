"""Accept what became of a field at its source: a person's decision, remembered until the field changes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.commands.audit import Deed, did
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from warehouse.database import Connection

HERE: Final = "source = ? AND stream = ? AND field = ?"
MOVED: Final = f"""
SELECT let_go_at FROM stream_field WHERE {HERE} AND (gone_since_at IS NOT NULL OR former_label IS NOT NULL
OR first_seen_at > (SELECT min(first_seen_at) FROM stream_field WHERE source = ? AND stream = ?))
"""
RETYPED: Final = f"SELECT count(*) FROM field_shape WHERE {HERE} AND standing = ?"


def let_go(connection: Connection, place: tuple[str, str, str], *, actor: str, now: str) -> bool:
    """Accept what became of a field: (source, stream, field).

    The next sync publishes without the last values of one that is gone, and reads values of another kind as they come.
    Says whether that is news. Raises NotFound where the field is what it always was, or was never there.
    """
    with connection.transaction():
        moved = connection.one(MOVED, (*place, *place[:2]))
        strange, accepted = (
            (connection.one(RETYPED, (*place, each)) or (0,))[0] for each in ("strange", "accepted")
        )
        if moved is None and not strange and not accepted:
            raise NotFound(
                do="`partnerhub drift ls` lists the fields that are not what they were.",
                happened=f"{place[0]} has not lost or changed a field {place[2]} of {place[1]}.",
            )
        is_open = moved is not None and moved[0] is None
        if is_open:
            connection.execute(
                f"UPDATE stream_field SET let_go_at = ?, let_go_by = ? WHERE {HERE}", (now, actor, *place)
            )
        if strange:
            connection.execute(
                "UPDATE field_shape SET standing = 'accepted', accepted_at = ?, accepted_by = ?"
                f" WHERE {HERE} AND standing = 'strange'",
                (now, actor, *place),
            )
        if is_open or strange:
            detail = {"stream": place[1], "field": place[2]}
            did(connection, now, actor, Deed("field.accept", f"source:{place[0]}", detail))
    return is_open or bool(strange)
