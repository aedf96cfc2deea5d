"""A person who moves keeps both affiliations: when the hub saw that a source names another employer is remembered.

Revision ID: 0010
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0010"
down_revision = "0009"

AFFILIATION: Final = Table(
    "affiliation",
    "When the hub saw a person begin or cease to work somewhere, for sources that only say where they work now.",
    (
        Field("person_record", "text key"),
        Field("organization_record", "text key"),
        Field("role", "text key"),
        Field("since", "date null"),
        Field("until", "date null", "null while a source says so still"),
        Field("noted_at", "time"),
    ),
)


def upgrade() -> None:
    """An empty table: moves of before are not known."""
    create("ledger", AFFILIATION)


def downgrade() -> None:
    """Without it: former employers are forgotten."""
    drop("ledger", AFFILIATION)
