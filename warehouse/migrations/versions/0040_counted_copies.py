"""How many records hold a fact stands with the fact, for whom counting them row by row takes too long.

Revision ID: 0040
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0040"
down_revision = "0039"

LAYER: Final = "golden"
COUNT: Final = Field(
    "source_count",
    "int",
    "staged records that are copies of it, deleted ones too: its rows in fact_source",
    "1",
)
COUNT_COPIES: Final = """
UPDATE fact SET source_count = (SELECT count(*) FROM fact_source s WHERE s.fact_id = fact.fact_id)
WHERE fact_id IN (SELECT fact_id FROM fact_source GROUP BY fact_id HAVING count(*) > 1)
"""


def upgrade() -> None:
    """Every fact has a record, which the default says without touching a row; those with several are counted."""
    op.add_column("fact", COUNT.column(), schema=schema_of(LAYER))
    op.execute(COUNT_COPIES)


def downgrade() -> None:
    """Without the count; it can be counted again."""
    op.drop_column("fact", COUNT.name, schema=schema_of(LAYER))
