"""On PostgreSQL the ledger's tables stand in the schema `identity`, which is what they are about.

Revision ID: 0030
"""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

revision = "0030"
down_revision = "0029"

TABLES_OF: Final = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY tablename")


def upgrade() -> None:
    """Move them; their rows, indexes and sequences stay. SQLite has one namespace."""
    move("ledger", "identity")


def downgrade() -> None:
    """Back to where they were."""
    move("identity", "ledger")


def move(former: str, to: str) -> None:
    """Every table of a schema into another, and the empty one away."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    op.execute(f"CREATE SCHEMA IF NOT EXISTS {to}")
    for (name,) in connection.execute(TABLES_OF, {"schema": former}).all():
        op.execute(f'ALTER TABLE {former}."{name}" SET SCHEMA {to}')
    op.execute(f"DROP SCHEMA {former}")
