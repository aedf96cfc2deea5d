"""Problems know who acknowledged or discarded them, when and why.

Revision ID: 0014
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, schema_of

revision = "0014"
down_revision = "0013"

LAYER: Final = "ops"
TABLE: Final = "sync_error"
FIELDS: Final = (
    Field("decided_at", "time null", "when a person acknowledged or discarded it"),
    Field("decided_by", "text null"),
    Field("reason", "text null", "why, in the person's words"),
)


SAID_BEFORE: Final = """
    One problem, by fingerprint, however often it is seen. Severity: error, warning or finding.

    State: open, resolved (seen to pass again) or discarded (by a person).
    """
SAID: Final = """
    One problem, by fingerprint, however often it is seen. Severity: error, warning or finding.

    State: open, acknowledged (a person knows and it is being mended), resolved (seen to pass again) or discarded (a
    person said that it may stay as it is).
    """


def upgrade() -> None:
    """Nobody has decided anything yet."""
    describe(SAID)
    for field in FIELDS:
        op.add_column(TABLE, field.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """States stay; who decided them is forgotten."""
    for field in reversed(FIELDS):
        op.drop_column(TABLE, field.name, schema=schema_of(LAYER))
    describe(SAID_BEFORE)


def describe(comment: str) -> None:
    """Tables carry their description where the engine keeps one."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment(TABLE, cleandoc(comment), schema=schema_of(LAYER))
