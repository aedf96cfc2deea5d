"""What operators do is written down; sources can be paused; a run remembers from where it read.

Revision ID: 0015
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, Table, create, drop, schema_of

revision = "0015"
down_revision = "0014"

LAYER: Final = "ops"
RUN: Final = "stream_run"
BEGAN_FROM: Final = Field(
    "cursor_json", "json null", "the cursor this reading began from; null: from the beginning"
)
ACT: Final = Table(
    "operator_act",
    "One thing an operator did to how the hub runs: a cursor set, a source paused, a run canceled.",
    (
        Field("act_id", "text key"),
        Field("acted_at", "time"),
        Field("actor", "text"),
        Field("act", "text", "cursor, pause, unpause or cancel"),
        Field("target", "text", "source, source/stream or run"),
        Field("before_json", "json null", "how it was"),
        Field("after_json", "json null", "how it is since"),
        Field("reason", "text null"),
    ),
    (),
)
PAUSE: Final = Table(
    "pause",
    "One source that no sync reads for now.",
    (
        Field("source", "text key"),
        Field("since_at", "time"),
        Field("until_at", "time null", "null: until somebody ends it"),
        Field("actor", "text"),
        Field("reason", "text null"),
    ),
)


def upgrade() -> None:
    """Nothing is paused; former runs do not know from where they read."""
    op.add_column(RUN, BEGAN_FROM.column(), schema=schema_of(LAYER))
    create(LAYER, ACT)
    create(LAYER, PAUSE)


def downgrade() -> None:
    """Paused sources are read again; who did what is forgotten."""
    drop(LAYER, PAUSE)
    drop(LAYER, ACT)
    op.drop_column(RUN, BEGAN_FROM.name, schema=schema_of(LAYER))
