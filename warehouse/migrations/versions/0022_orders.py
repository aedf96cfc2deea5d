"""What pages ask stands in an order: partners by each order of their list, readings, what is set aside, runs by stream.

Revision ID: 0022
"""

from __future__ import annotations

from typing import Final, NamedTuple

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import schema_of

revision = "0022"
down_revision = "0021"


class Order(NamedTuple):
    """One index. columns: names and expressions. where: the condition of a partial one."""

    layer: str
    table: str
    name: str
    columns: tuple[str, ...]
    where: str | None = None


LIVE: Final = "deleted_at IS NULL"
ORDERS: Final = (
    Order("golden", "organization", "organization_by_name", ("lower(name)", "organization_id"), LIVE),
    Order("golden", "organization", "organization_by_tier", ("coalesce(tier, '~')", "organization_id"), LIVE),
    Order(
        "golden", "organization", "organization_by_owner", ("coalesce(lower(owner), '~')", "organization_id"), LIVE
    ),
    Order("golden", "organization", "organization_by_country", ("coalesce(country, '~')", "organization_id"), LIVE),
    Order("golden", "organization", "organization_by_records", ("record_count", "organization_id"), LIVE),
    Order(
        "golden", "timeline", "timeline_beside", ("organization_id", "entity", "happened_at", "fact_id"),
        "entity <> 'touchpoint'",
    ),
    Order(
        "golden", "fact", "fact_unmatched", ("happened_at", "fact_id"),
        "deleted_at IS NULL AND attached IN ('unknown', 'ambiguous', 'generic')",
    ),
    Order("raw", "raw_current", "raw_current_set_aside", ("source", "stream"), "quarantine IS NOT NULL"),
    Order("ops", "stream_run", "stream_run_stream", ("source", "stream", "started_at")),
    Order("ops", "stream_run", "stream_run_complete", ("source", "stream", "finished_at"), "state = 'complete'"),
    Order("ops", "stream_run", "stream_run_started", ("started_at",)),
)  # fmt: skip
NEVER: Final = {"sqlite": "''", "postgresql": "'-infinity'::timestamptz"}
"""What sorts before every time."""


def upgrade() -> None:
    """Build them; no row changes."""
    for order in ORDERS:
        where = None if order.where is None else text(order.where)
        columns = [text(each) if "(" in each else each for each in order.columns]
        op.create_index(
            order.name,
            order.table,
            columns,
            schema=schema_of(order.layer),
            sqlite_where=where,
            postgresql_where=where,
        )
    dialect = op.get_bind().dialect.name
    prefix = "golden." if dialect == "postgresql" else ""
    op.execute(
        f"CREATE INDEX search_entry_contact ON {prefix}search_entry (coalesce(happened_at, {NEVER[dialect]}),"
        " organization_id) WHERE kind = 'organization'"
    )


def downgrade() -> None:
    """Without them."""
    op.drop_index("search_entry_contact", "search_entry", schema=schema_of("golden"))
    for order in reversed(ORDERS):
        op.drop_index(order.name, order.table, schema=schema_of(order.layer))
