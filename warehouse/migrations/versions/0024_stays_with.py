"""Whom a record that is gone stays with is settled once, when it goes.

Revision ID: 0024
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0024"
down_revision = "0023"

STAYS: Final = Table(
    "stays_with",
    "A record that is gone, deleted or no longer staged, and the one it keeps its place with until it is back.",
    (
        Field("entity", "text key"),
        Field("record", "text key"),
        Field("with_record", "text"),
        Field("since_at", "time"),
        Field("run_id", "text"),
    ),
    (Index("stays_with_whom", ("with_record",)),),
)


def upgrade() -> None:
    """An empty table: what is gone already is settled when it is next looked at."""
    create("ledger", STAYS)


def downgrade() -> None:
    """Without it."""
    drop("ledger", STAYS)
