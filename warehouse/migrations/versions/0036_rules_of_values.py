"""The rules by which a value won are told whole: `completeness` is one of them.

Revision ID: 0036
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0036"
down_revision = "0035"

RULES: Final = (
    "pin, system_of_record, validity, completeness, frequency, priority, recency, spelling, only or union"
)
RULES_BEFORE: Final = "pin, system_of_record, validity, priority, recency, frequency, spelling, only or union"


def upgrade() -> None:
    """A comment; no row changes."""
    describe(RULES)


def downgrade() -> None:
    """The comment of before."""
    describe(RULES_BEFORE)


def describe(comment: str) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("golden_value", "rule", comment=comment, schema="golden")
