"""What a comparison of source and hub found, per stream.

Revision ID: 0013
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0013"
down_revision = "0012"

LAYER: Final = "ops"
RECONCILIATION: Final = Table(
    "reconciliation",
    "One comparison of one stream: what its source holds against what the hub holds.",
    (
        Field("run_id", "text key"),
        Field("source", "text key"),
        Field("stream", "text key"),
        Field("checked_at", "time"),
        Field("method", "text", "count, or ids: every record was listed"),
        Field("in_source", "int", "live records at the source"),
        Field("in_hub", "int", "live records the hub holds"),
        Field("quarantined", "int", "of these, records that cannot be read or staged"),
        Field("missed", "int", "records no sync had brought, or not in their last state; they are here now"),
        Field("gone", "int", "records the source does not hold any more, and never said so"),
        Field("days_json", "json", "missed and gone by the day of the record's last change"),
        Field("sample_json", "json", "ids of some of them"),
    ),
    (Index("reconciliation_stream", ("source", "stream", "checked_at")),),
)


def upgrade() -> None:
    """Nothing was compared yet."""
    create(LAYER, RECONCILIATION)


def downgrade() -> None:
    """The findings go; what was mended stays."""
    drop(LAYER, RECONCILIATION)
