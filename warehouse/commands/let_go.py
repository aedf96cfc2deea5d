"""Give up the last values of a field that went away at its source: a person's decision, until the field is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import NotFound

if TYPE_CHECKING:
    from warehouse.database import Connection


def let_go(connection: Connection, place: tuple[str, str, str], *, actor: str, now: str) -> bool:
    """Let a field go: (source, stream, field). The next sync publishes without its values.

    Says whether that is news. Raises NotFound where the source still has the field, or never had it.
    """
    with connection.transaction():
        found = connection.one(
            "SELECT let_go_at FROM stream_field WHERE source = ? AND stream = ? AND field = ?"
            " AND (gone_since_at IS NOT NULL OR former_label IS NOT NULL)",
            place,
        )
        if found is None:
            raise NotFound(
                do="`partnerhub errors` lists the fields that went away.",
                happened=f"{place[0]} has not lost a field {place[2]} of {place[1]}.",
            )
        if found[0] is not None:
            return False
        connection.execute(
            "UPDATE stream_field SET let_go_at = ?, let_go_by = ? WHERE source = ? AND stream = ? AND field = ?",
            (now, actor, *place),
        )
    return True
