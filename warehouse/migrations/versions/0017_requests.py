"""A run knows how many requests each stream's reading took.

Revision ID: 0017
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0017"
down_revision = "0016"

LAYER: Final = "ops"
RUN: Final = "stream_run"
REQUESTS: Final = Field("requests", "int", "sent to the source, repeats included", "0")


def upgrade() -> None:
    """Former runs did not count."""
    op.add_column(RUN, REQUESTS.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """Without the count."""
    op.drop_column(RUN, REQUESTS.name, schema=schema_of(LAYER))
