"""What pages ask most is read off an index alone: the copies of a fact, and which organizations live.

Revision ID: 0028
"""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import schema_of

revision = "0028"
down_revision = "0027"

LIVE: Final = text("deleted_at IS NULL")


def upgrade() -> None:
    """Build them; no row changes."""
    golden = schema_of("golden")
    op.drop_index("fact_source_fact", "fact_source", schema=golden)
    op.create_index("fact_source_fact", "fact_source", ["fact_id", "record"], schema=golden)
    op.create_index(
        "organization_live", "organization", ["organization_id"], unique=True, schema=golden,
        sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip


def downgrade() -> None:
    """As they were."""
    golden = schema_of("golden")
    op.drop_index("organization_live", "organization", schema=golden)
    op.drop_index("fact_source_fact", "fact_source", schema=golden)
    op.create_index("fact_source_fact", "fact_source", ["fact_id"], schema=golden)
