"""What is promised and agreed is found by the day it is due.

Revision ID: 0035
"""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import schema_of

revision = "0035"
down_revision = "0034"

LIVE: Final = text("deleted_at IS NULL")
BY_DAY: Final = {
    ("staged_agreement", "staged_agreement_by_day"): "coalesce(renews_on, ends_on, '9999-12-31')",
    ("staged_commitment", "staged_commitment_by_day"): "coalesce(due_on, '9999-12-31')",
}


def upgrade() -> None:
    """Build the indexes; no row changes."""
    for (table, name), day in BY_DAY.items():
        op.create_index(
            name, table, [text(day), "record"], schema=schema_of("staged"),
            sqlite_where=LIVE, postgresql_where=LIVE,
        )  # fmt: skip


def downgrade() -> None:
    """Drop them."""
    for table, name in BY_DAY:
        op.drop_index(name, table, schema=schema_of("staged"))
