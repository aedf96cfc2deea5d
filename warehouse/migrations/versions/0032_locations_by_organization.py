"""The places of an organization are found by it.

Revision ID: 0032
"""

from __future__ import annotations

from alembic import op

from warehouse.migrations.tables import schema_of

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Build the index; no row changes."""
    op.create_index(
        "staged_location_organization", "staged_location", ["organization_record"], schema=schema_of("staged")
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("staged_location_organization", "staged_location", schema=schema_of("staged"))
