"""All tables with their final keys.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from warehouse.tables import layer_of, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, on PostgreSQL in the schema of its layer."""
    bind = op.get_bind()
    for table in metadata.sorted_tables:
        if bind.dialect.name == "postgresql":
            bind.exec_driver_sql(f"SET LOCAL search_path TO {layer_of(table.name)}")
        table.create(bind)


def downgrade() -> None:
    """Drop every table."""
    bind = op.get_bind()
    for table in reversed(metadata.sorted_tables):
        schema = f"{layer_of(table.name)}." if bind.dialect.name == "postgresql" else ""
        bind.exec_driver_sql(f"DROP TABLE {schema}{table.name}")
