"""Let a mass change through: a person's word that what went or changed at a source is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.commands.audit import Deed, did
from warehouse.errors import NotFound
from warehouse.queries.mass_changes import mass_changes

if TYPE_CHECKING:
    from warehouse.database import Connection

OF_STREAM: Final = "source = ? AND stream = ? AND closed_at IS NULL"
APPROVE: Final = f"UPDATE mass_change SET approved_at = ?, approved_by = ?, reason = ? WHERE {OF_STREAM}"
CLOSE: Final = f"UPDATE mass_change SET closed_at = ? WHERE {OF_STREAM}"
SOLVED: Final = """
UPDATE sync_error SET state = 'resolved'
WHERE source = ? AND stream = ? AND code = 'mass_change' AND state = 'open'
"""


def approve(
    connection: Connection, which: str, *, actor: str, now: str, reason: str | None = None
) -> list[dict[str, Any]]:
    """Approve what a run (its id, or the beginning of it) or a source brought; returns the approved rows.

    Only what was noted is let through: what arrives later and is as large again is asked about anew. The next sync
    stages and publishes it. Raises NotFound when nothing of that run or source waits.
    """
    with connection.transaction():
        waiting = mass_changes(connection)
        meant = [row for row in waiting if row["source"] == which or row["run_id"].startswith(which)]
        if not which or not meant:
            names = ", ".join(dict.fromkeys(f"`partnerhub approve {row['source']}`" for row in waiting))
            raise NotFound(
                do=f"What waits is let through by {names}; `partnerhub approve` says what it is."
                if waiting
                else "`partnerhub status` shows how every stream stands.",
                happened=f"No mass change of {which} waits." if waiting else "No mass change waits.",
            )
        for row in meant:
            let_through(connection, (row["source"], row["stream"]), actor, reason, now)
    return meant


def let_through(
    connection: Connection, stream: tuple[str, str], actor: str, reason: str | None, now: str
) -> None:
    """Approve what is written down of one stream, and no more. Expects a transaction. stream: its source and name."""
    connection.execute(APPROVE, (now, actor, reason, *stream))
    did(connection, now, actor, Deed("change.approve", f"source:{stream[0]}", {"stream": stream[1]}))
    settle(connection, stream, now)


def settle(connection: Connection, stream: tuple[str, str], now: str) -> None:
    """Nothing of the stream waits any more: its row and its problem are closed. Expects a transaction."""
    connection.execute(CLOSE, (now, *stream))
    connection.execute(SOLVED, stream)
