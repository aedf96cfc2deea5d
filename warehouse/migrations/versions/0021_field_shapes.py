"""What kinds of values a field has held is remembered, so that one that turns into another kind is told.

Revision ID: 0021
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0021"
down_revision = "0020"

SHAPES: Final = Table(
    "field_shape",
    "One kind of value that a field of one stream was seen to hold. One that came later than the field is strange.",
    (
        Field("source", "text key"),
        Field("stream", "text key"),
        Field("field", "text key", "its name in a record"),
        Field("shape", "text key", "text, number, yes or no, list or object"),
        Field("standing", "text", "usual, strange or accepted"),
        Field("first_seen_at", "time"),
        Field("accepted_at", "time null", "when a person said that values of this kind count"),
        Field("accepted_by", "text null"),
    ),
)


def upgrade() -> None:
    """An empty table: what is staged from now on fills it, which is no change."""
    create("raw", SHAPES)


def downgrade() -> None:
    """Without it."""
    drop("raw", SHAPES)
