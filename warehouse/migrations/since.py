"""Since when a hub keeps the past of something: remembered by the migration that begins it.

Of a moment before, what changed until then is not told. A hub that holds nothing yet keeps it from its first day on,
and remembers nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from alembic import op
from sqlalchemy import text

WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def remember_since(name: str, holds: str) -> None:
    """Remember under a name that it begins now, unless the table `holds` is empty."""
    bind = op.get_bind()
    if bind.execute(text(f"SELECT 1 FROM {holds} LIMIT 1")).first() is None:
        return
    forget_since(name)
    bind.execute(
        text("INSERT INTO hub_state (name, value) VALUES (:name, :now)"),
        {"name": name, "now": datetime.now(UTC).strftime(WRITTEN)},
    )


def forget_since(name: str) -> None:
    """Remember it no more."""
    op.get_bind().execute(text("DELETE FROM hub_state WHERE name = :name"), {"name": name})
