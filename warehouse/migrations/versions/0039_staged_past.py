"""What staged records said before, and since when that is kept.

Revision ID: 0039
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.since import forget_since, remember_since
from warehouse.migrations.tables import Field, Table, create, drop

revision = "0039"
down_revision = "0038"

LAYER: Final = "staged"
STAGED_PAST: Final = Table(
    "staged_past",
    """
    How a staged row stood until `ended_at`. History, not derived: a rebuild keeps it.

    Words of mail are left out, as no view of a stream shows them.
    """,
    (
        Field("kind", "text key", "staged kind: organization, touchpoint, …"),
        Field("record", "text key"),
        Field("ended_at", "time key", "the staging that changed it"),
        Field("source", "text"),
        Field("stream", "text"),
        Field("row_json", "json", "its values by column, without those that are null"),
        Field("was_there", "bool", "false: there was no such row until then, though its record was staged"),
    ),
)
SINCE: Final = "staged_past_since"
"""Of a moment before, what arrived anew until then is not told. Where nothing had landed, there is no such moment."""


def upgrade() -> None:
    """The past of what was staged by now begins now."""
    create(LAYER, STAGED_PAST)
    remember_since(SINCE, "raw_record")


def downgrade() -> None:
    """Without it."""
    drop(LAYER, STAGED_PAST)
    forget_since(SINCE)
