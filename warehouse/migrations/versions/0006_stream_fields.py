"""What fields a stream's records have is remembered, so that one that goes away is told and its last values stay.

Revision ID: 0006
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0006"
down_revision = "0005"

FIELDS: Final = Table(
    "stream_field",
    "One field that a source said the records of one stream have, as long as it said so and since when no more.",
    (
        Field("source", "text key"),
        Field("stream", "text key"),
        Field("field", "text key", "its name in a record"),
        Field("label", "text", "what people call it at the source now"),
        Field("former_label", "text null", "what it was called when it was first seen"),
        Field("first_seen_at", "time"),
        Field("gone_since_at", "time null", "start of the first reading without it; null while it is there"),
        Field("let_go_at", "time null", "when a person said that its last values no longer count"),
        Field("let_go_by", "text null"),
    ),
)


def upgrade() -> None:
    """An empty table: the next sync fills it with what there is, which is no change."""
    create("raw", FIELDS)


def downgrade() -> None:
    """Without it."""
    drop("raw", FIELDS)
