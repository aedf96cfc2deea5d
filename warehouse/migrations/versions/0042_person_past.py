"""What persons were called before, and since when that is kept.

Revision ID: 0042
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.since import forget_since, remember_since
from warehouse.migrations.tables import Field, Table, create, drop

revision = "0042"
down_revision = "0041"

LAYER: Final = "golden"
PERSON_PAST: Final = Table(
    "person_past",
    "What a person was called until `ended_at`. History, not derived: a rebuild keeps it.",
    (
        Field("person_id", "text key"),
        Field("ended_at", "time key", "the publication that changed it"),
        Field("name", "text null"),
        Field("email", "text null"),
        Field("phone", "text null"),
        Field("title", "text null"),
        Field("was_there", "bool", "always true: who was there says `person_link`"),
    ),
    by_key=True,
)
SINCE: Final = "person_past_since"
"""Of a moment before, what a person whose records changed was called is not told."""


def upgrade() -> None:
    """The past of who was published by now begins now."""
    create(LAYER, PERSON_PAST)
    remember_since(SINCE, "person")


def downgrade() -> None:
    """Without it."""
    drop(LAYER, PERSON_PAST)
    forget_since(SINCE)
