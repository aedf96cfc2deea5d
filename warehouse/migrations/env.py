"""Alembic's environment: run the steps on the connection handed over by `warehouse.schema`."""

from __future__ import annotations

from alembic import context

from warehouse.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    version_table_schema="ops" if connection.dialect.name == "postgresql" else None,
)
with context.begin_transaction():
    context.run_migrations()
