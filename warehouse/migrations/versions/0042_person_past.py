"""What persons were called before, and since when that is kept.

Revision ID: 0042
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from alembic import op
from sqlalchemy import text

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
WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def upgrade() -> None:
    """The past of who was published by now begins now."""
    create(LAYER, PERSON_PAST)
    bind = op.get_bind()
    if bind.execute(text("SELECT 1 FROM person LIMIT 1")).first() is not None:
        now = datetime.now(UTC).strftime(WRITTEN)
        bind.execute(text("DELETE FROM hub_state WHERE name = :name"), {"name": SINCE})
        bind.execute(
            text("INSERT INTO hub_state (name, value) VALUES (:name, :now)"), {"name": SINCE, "now": now}
        )


def downgrade() -> None:
    """Without it."""
    drop(LAYER, PERSON_PAST)
    op.execute(f"DELETE FROM hub_state WHERE name = '{SINCE}'")
