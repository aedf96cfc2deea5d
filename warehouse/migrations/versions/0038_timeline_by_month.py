"""What is counted of every timeline by month, for whom summing it up each time takes too long.

Revision ID: 0038
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0038"
down_revision = "0037"

LAYER: Final = "golden"
TIMELINE_MONTH: Final = Table(
    "timeline_month",
    """
    How many facts of one kind one organization's timeline holds of one month, UTC. Never a row that counts nothing.

    A conversation is a touchpoint between people, ours and theirs.
    """,
    (
        Field("organization_id", "text key"),
        Field("month_on", "date key", "its first day"),
        Field("entity", "text key"),
        Field("kind", "text key"),
        Field("facts", "int"),
        Field("conversations", "int", "of these, touchpoints of nature person that are not internal"),
        Field("inbound", "int", "of the conversations, those of direction in"),
        Field("outbound", "int", "of the conversations, those of direction out"),
        Field("first_at", "time", "when the first of the facts was"),
        Field("last_at", "time"),
    ),
    by_key=True,
)
MONTH: Final = {
    "sqlite": "substr(t.happened_at, 1, 7) || '-01'",
    "postgresql": "date_trunc('month', t.happened_at AT TIME ZONE 'UTC')::date",
}
CONVERSATION: Final = (
    "t.entity = 'touchpoint' AND f.nature = 'person' AND (f.direction IS NULL OR f.direction <> 'internal')"
)
COUNT: Final = f"""
INSERT INTO timeline_month (organization_id, month_on, entity, kind, facts, conversations, inbound, outbound, first_at,
    last_at)
SELECT t.organization_id, {{month}}, t.entity, t.kind, count(*),
    sum(CASE WHEN {CONVERSATION} THEN 1 ELSE 0 END),
    sum(CASE WHEN {CONVERSATION} AND f.direction = 'in' THEN 1 ELSE 0 END),
    sum(CASE WHEN {CONVERSATION} AND f.direction = 'out' THEN 1 ELSE 0 END),
    min(t.happened_at), max(t.happened_at)
FROM timeline t JOIN fact f ON f.fact_id = t.fact_id GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    """Count what stands: publication keeps it from then on."""
    create(LAYER, TIMELINE_MONTH)
    op.execute(COUNT.format(month=MONTH[op.get_bind().dialect.name]))


def downgrade() -> None:
    """Without it; it can be counted again."""
    drop(LAYER, TIMELINE_MONTH)
