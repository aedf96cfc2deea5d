"""A change too large to be believed at once waits for a person, with how large it is.

Revision ID: 0012
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0012"
down_revision = "0011"

LAYER: Final = "ops"
MASS_CHANGE: Final = Table(
    "mass_change",
    "One stream of which too much changed or went at once: landed, and not staged until a person approves it.",
    (
        Field("source", "text key"),
        Field("stream", "text key"),
        Field("opened_at", "time key"),
        Field("run_id", "text", "the run that noticed it"),
        Field("up_to_raw_id", "int", "the newest version it speaks of"),
        Field("gone", "int", "records that are not at the source any more"),
        Field("changed", "int", "records whose content is another one"),
        Field("stood", "int", "live records the hub had staged before"),
        Field("approved_at", "time null"),
        Field("approved_by", "text null"),
        Field("reason", "text null", "why it was approved"),
        Field("closed_at", "time null", "when nothing of it waited any more; null while it does"),
    ),
)


def upgrade() -> None:
    """Nothing waits yet."""
    create(LAYER, MASS_CHANGE)


def downgrade() -> None:
    """What waits is staged like any change; who approved what is forgotten."""
    drop(LAYER, MASS_CHANGE)
