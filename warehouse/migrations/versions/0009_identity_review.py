"""What identity does not do by itself waits for a person, with its reason.

Revision ID: 0009
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0009"
down_revision = "0008"

LAYER: Final = "ledger"
REVIEW: Final = Table(
    "identity_review",
    "A join, split or relation that the rules suggest and do not make. Waits for a person until `closed_at`.",
    (
        Field("left_record", "text key"),
        Field("right_record", "text key"),
        Field("reason", "text key", "registry, country, family, branch, size, bridge or retrained"),
        Field("entity", "text", "organization or person"),
        Field("proposal", "text", "join, part, or related: one family, two organizations"),
        Field("score", "float null", "bits on average between the two groups"),
        Field(
            "settled_json",
            "json null",
            "after retraining: lists of records that stand together until it is decided",
        ),
        Field("run_id", "text"),
        Field("opened_at", "time"),
        Field("closed_at", "time null"),
    ),
    (Index("identity_review_right", ("right_record",)),),
)


def upgrade() -> None:
    """Nothing waits yet."""
    create(LAYER, REVIEW)


def downgrade() -> None:
    """The suggestions go; what people decided stays."""
    drop(LAYER, REVIEW)
