"""The stewards' queue is a table in its order, and a fact that a free text ties to an organization quotes it.

Revision ID: 0011
"""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

from warehouse.migrations.tables import Field, Index, Table, create, drop, schema_of

revision = "0011"
down_revision = "0010"

QUESTION: Final = Table(
    "question",
    "What waits for a steward: two organizations that may be one, by their strongest pair of records. Derived.",
    (
        Field("left_record", "text key"),
        Field("right_record", "text key"),
        Field("question_id", "text", "by which people name it"),
        Field("left_id", "text", "the organization of the left record; its key while it has none"),
        Field("right_id", "text"),
        Field("bits", "float"),
        Field("band", "text"),
        Field("pairs", "int", "pairs of records that speak for it"),
        Field("proposal", "text", "join, part or related"),
        Field("reason", "text", "score, or why the rules ask and do not act"),
        Field("unsure", "bool", "somebody could not tell"),
        Field("behind", "float", "minus value times probability: the smallest comes first"),
    ),
    (
        Index("question_order", ("unsure", "behind", "left_record", "right_record")),
        Index("question_name", ("question_id",)),
        Index("question_left", ("left_id",)),
        Index("question_right", ("right_id",)),
    ),
)
QUOTE: Final = Field("quote", "text null", "the words of a free text that name somebody, for a mention")
WAITING: Final = "attached IN ('unknown', 'generic')"
INDEXES: Final = (
    ("ledger", "identity_review", "identity_review_opened", ("opened_at",), None),
    ("ledger", "identity_review", "identity_review_closed", ("closed_at",), None),
    ("golden", "fact", "fact_waiting", ("attached",), WAITING),
)
"""Layer, table, index, columns, condition: what changed since the last publication, and facts without a place."""
COMMENTS: Final = (
    (
        "ledger.steward_act.kind",
        "same, different, unsure, merge, split, pin, unpin, attach, detach or undo",
        "same, different, related, unsure, merge, split, pin, unpin, attach, detach or undo",
    ),
    (
        "golden.fact_link.method",
        "crm_id, person_address, host, domain or decision",
        "crm_id, person_address, host, domain, name, mention or decision",
    ),
    (
        "golden.timeline.method",
        "how it attached: crm_id, person_address, host, domain, decision",
        "how it attached: crm_id, person_address, host, domain, name, mention, decision",
    ),
)
"""Column, what its comment said, what it says now."""


def upgrade() -> None:
    """An empty queue: the next publication, or the next look at it, fills it."""
    create("golden", QUESTION)
    op.add_column("fact_link", QUOTE.column(), schema=schema_of("golden"))
    for layer, table, name, columns, where in INDEXES:
        condition = None if where is None else text(where)
        op.create_index(
            name,
            table,
            list(columns),
            schema=schema_of(layer),
            sqlite_where=condition,
            postgresql_where=condition,
        )
    for column, _, now in COMMENTS:
        describe(column, now)


def downgrade() -> None:
    """Without them: facts tied by a free text alone lose the quotation, not their place."""
    for column, before, _ in COMMENTS:
        describe(column, before)
    for layer, table, name, _, _ in reversed(INDEXES):
        op.drop_index(name, table, schema=schema_of(layer))
    op.drop_column("fact_link", QUOTE.name, schema=schema_of("golden"))
    drop("golden", QUESTION)


def describe(column: str, comment: str) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"COMMENT ON COLUMN {column} IS '{comment}'")
