"""The index of keys begins with the value: every question names one, and new values spread over it evenly.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

STAGED = "staged"


def upgrade() -> None:
    """Build the index anew; no row changes."""
    replace(["normalized", "kind"])


def downgrade() -> None:
    """Kind first again."""
    replace(["kind", "normalized"])


def replace(columns: list[str]) -> None:
    """The index over these columns, in this order."""
    schema = STAGED if op.get_context().dialect.name == "postgresql" else None
    op.drop_index("key_value", table_name="key", schema=schema)
    op.create_index("key_value", "key", columns, schema=schema)
