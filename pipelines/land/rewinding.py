"""Operators and cursors: look at one, set it, go back to where a former run began. Written down, never silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.land.cursors import load_cursor, store_cursor
from pipelines.leases import acquire, release
from warehouse.commands.operate import Who, former_cursor, note

if TYPE_CHECKING:
    from connectors.record import CursorState
    from warehouse.database import Connection


def set_cursor(
    connection: Connection, place: tuple[str, str], state: CursorState | None, who: Who
) -> dict[str, Any]:
    """Store a cursor, or forget it (None: the next sync begins at the beginning). Returns before and after.

    Raises AlreadyRunning while the source is read: its next page would undo it.
    """
    source, stream = place
    lease = acquire(connection, f"sync:{source}")
    try:
        before = known_cursor(connection, place)
        with connection.transaction():
            if state is None:
                connection.execute("DELETE FROM cursor WHERE source = ? AND stream = ?", place)
            else:
                store_cursor(connection, source, stream, state, "operator", who.now)
            note(connection, who, ("cursor", f"{source}/{stream}"), before, state)
    finally:
        release(connection, lease)
    return {"source": source, "stream": stream, "before": before, "after": state}


def rewind(connection: Connection, place: tuple[str, str], to: str, who: Who) -> dict[str, Any]:
    """Go back to where a former run (its id, or a UTC time) began; what is read again changes nothing that is the same.

    Raises NotFound when no such run is known, AlreadyRunning while the source is read.
    """
    run_id, started_at, state = former_cursor(connection, place, to)
    return {**set_cursor(connection, place, state, who), "run_id": run_id, "started_at": started_at}


def known_cursor(connection: Connection, place: tuple[str, str]) -> CursorState | None:
    """The cursor as it stands; a damaged one counts as none, since it is about to be replaced."""
    from connectors.errors import FixSetup

    try:
        return load_cursor(connection, *place)
    except FixSetup:
        return None
