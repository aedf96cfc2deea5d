"""What waits because too much of a stream changed or went at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.database import Connection

COLUMNS = (
    "source, stream, run_id, opened_at, gone, changed, stood, approved_at, approved_by, reason, closed_at"
)


def mass_changes(connection: Connection) -> list[dict[str, Any]]:
    """What waits, as rows of `mass_change`, oldest first."""
    return connection.records(
        f"SELECT {COLUMNS} FROM mass_change WHERE closed_at IS NULL ORDER BY opened_at, source, stream"
    )
