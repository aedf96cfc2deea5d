"""A run keeps how some of the requests of each stream's reading went.

Revision ID: 0029
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0029"
down_revision = "0028"

LAYER: Final = "ops"
RUN: Final = "stream_run"
SAMPLE: Final = Field(
    "requests_json",
    "json null",
    "JSON list of [UTC time, HTTP status or what kept it away, milliseconds, bytes] of some of them",
)


def upgrade() -> None:
    """Former runs kept none."""
    op.add_column(RUN, SAMPLE.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """Without them."""
    op.drop_column(RUN, SAMPLE.name, schema=schema_of(LAYER))
