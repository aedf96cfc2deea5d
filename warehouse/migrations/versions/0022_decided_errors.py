"""Problems know who acknowledged or discarded them, when and why.

Revision ID: 0022
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0022"
down_revision = "0021"

LAYER: Final = "ops"
TABLE: Final = "sync_error"
FIELDS: Final = (
    Field("decided_at", "time null", "when a person acknowledged or discarded it"),
    Field("decided_by", "text null"),
    Field("reason", "text null", "why, in the person's words"),
)


def upgrade() -> None:
    """Nobody has decided anything yet."""
    for field in FIELDS:
        op.add_column(TABLE, field.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """States stay; who decided them is forgotten."""
    for field in reversed(FIELDS):
        op.drop_column(TABLE, field.name, schema=schema_of(LAYER))
