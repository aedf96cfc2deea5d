"""The comment of `fact.record` says which copy a fact is shown by.

Revision ID: 0007
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"

NOW: Final = "the staged record shown: of its live copies the latest revision, of equals the smallest key"
BEFORE: Final = "the staged record shown: the smallest key among its live copies"


def upgrade() -> None:
    """Nothing else changes."""
    describe(NOW)


def downgrade() -> None:
    """As it was."""
    describe(BEFORE)


def describe(comment: str) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("fact", "record", comment=comment, schema="golden")
