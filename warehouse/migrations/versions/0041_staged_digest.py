"""Staged rows say in 16 bytes what was made of their record, so that other rules write only what they change.

Revision ID: 0041
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0041"
down_revision = "0040"

LAYER: Final = "staged"
DIGEST: Final = Field(
    "digest",
    "bytes null",
    "16 bytes of the row without its rules, of its keys and participants; null: staged before migration 0041",
)
TABLES: Final = (
    "staged_organization",
    "staged_person",
    "staged_relation",
    "staged_colleague",
    "staged_touchpoint",
    "staged_deal",
    "staged_deal_stage_change",
    "staged_work_item",
    "staged_document",
    "staged_passage",
    "staged_agreement",
    "staged_commitment",
    "staged_location",
    "staged_service",
)


def upgrade() -> None:
    """Rows that stand have none: the next rules they are staged under write them anew, as all did until now."""
    for name in TABLES:
        op.add_column(name, DIGEST.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """Nothing else is said by it."""
    for name in TABLES:
        op.drop_column(name, DIGEST.name, schema=schema_of(LAYER))
