"""Touchpoints keep signatures apart, the rule of a series of meetings, and which revision of a meeting is the latest.

Revision ID: 0004
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0004"
down_revision = "0003"

LAYER: Final = "staged"
TABLE: Final = "staged_touchpoint"
FIELDS: Final = (
    Field("signature", "text null", "what the sender signed with, split off the text"),
    Field(
        "recurrence",
        "text null",
        "how a series of meetings recurs (iCalendar RRULE); happened_at is its first",
    ),
    Field("revision", "text null", "orders copies of one fact: the latest revision is how it is shown"),
)


def upgrade() -> None:
    """Three empty columns; mail is staged again by itself, because its mapping has a new version."""
    for field in FIELDS:
        op.add_column(TABLE, field.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """Without them."""
    for field in reversed(FIELDS):
        op.drop_column(TABLE, field.name, schema=schema_of(LAYER))
