"""Alembic's environment: run the steps on the connection handed over by `warehouse.schema`.

`after_step` among the configuration's attributes is called after each one, in the same transaction.
"""

from __future__ import annotations

from alembic import context

from warehouse import failpoints
from warehouse.tables import metadata

SITE = "warehouse.migrations.env"

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    on_version_apply=context.config.attributes.get("after_step"),
    version_table_schema="ops" if connection.dialect.name == "postgresql" else None,
)
with context.begin_transaction():
    context.run_migrations()
    failpoints.reach(f"{SITE}.{failpoints.BEFORE}")
failpoints.reach(f"{SITE}.{failpoints.AFTER}")
