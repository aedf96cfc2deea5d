"""What the hub remembers of itself, by name: by which rules it last published, since when, its own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.database import Connection


def remembered(connection: Connection, name: str) -> str | None:
    """What stands under a name; None where nothing was ever remembered."""
    found = connection.one("SELECT value FROM hub_state WHERE name = ?", (name,))
    return str(found[0]) if found else None


def remember(connection: Connection, name: str, value: str) -> None:
    """Keep a value in place of the former one. Expects a transaction."""
    connection.execute(
        "INSERT INTO hub_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def forget(connection: Connection, name: str) -> None:
    """Keep nothing under a name any more. Expects a transaction."""
    connection.execute("DELETE FROM hub_state WHERE name = ?", (name,))
