"""All tables with their final keys.

Revision ID: 0001
"""

from __future__ import annotations

from warehouse.migrations.initial import golden_facts, golden_organizations, ledger, ops, raw, staged
from warehouse.migrations.tables import create, drop

revision = "0001"
down_revision = None

LAYERS = (
    ("raw", raw.TABLES),
    ("staged", staged.TABLES),
    ("ledger", ledger.TABLES),
    ("golden", golden_organizations.TABLES),
    ("golden", golden_facts.TABLES),
    ("ops", ops.TABLES),
)


def upgrade() -> None:
    """Create every table, on PostgreSQL in the schema of its layer."""
    for layer, tables in LAYERS:
        for table in tables:
            create(layer, table)


def downgrade() -> None:
    """Drop every table, and with it all that the hub holds."""
    for layer, tables in reversed(LAYERS):
        for table in reversed(tables):
            drop(layer, table)
