"""What stewards do is a log that can be undone; pins remember what they outranked; rules are judged by decisions.

Revision ID: 0008
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, Table, create, drop, schema_of

revision = "0008"
down_revision = "0007"

LAYER: Final = "ledger"
ACT: Final = Table(
    "steward_act",
    "One thing a person said or did about identity or a value: numbered, so that it can be named and undone.",
    (
        Field("act_id", "int key"),
        Field("acted_at", "time"),
        Field("kind", "text", "same, different, unsure, merge, split, pin, unpin, attach, detach or undo"),
        Field("entity", "text", "organization, person or fact"),
        Field("subject", "text", "what it was about, in words of that day"),
        Field("actor", "text"),
        Field("reason", "text null"),
        Field("detail_json", "json", "what was written, and what stood before: enough to take it back"),
        Field("undone_at", "time null"),
        Field("undone_by", "text null"),
    ),
)
WITHDRAWN: Final = Table(
    "decision_withdrawn",
    "A verdict on a pair that was taken back. What stands is in `decision`; nothing a person said is lost.",
    (
        Field("left_record", "text key"),
        Field("right_record", "text key"),
        Field("decided_at", "time key"),
        Field("entity", "text"),
        Field("verdict", "text"),
        Field("actor", "text"),
        Field("reason", "text null"),
        Field("withdrawn_at", "time"),
        Field("withdrawn_by", "text"),
    ),
)
EVALUATION: Final = Table(
    "evaluation",
    "The rules of one moment, judged by what people decided: pairs they joined or kept apart, rightly or not.",
    (
        Field("evaluated_at", "time key"),
        Field("rules", "text", "version of the scorecard"),
        Field("auto", "float", "threshold in bits"),
        Field("review", "float", "threshold in bits"),
        Field("labels", "int", "pairs somebody called the same or different, both records still there"),
        Field("joined_rightly", "int"),
        Field("joined_wrongly", "int"),
        Field("apart_rightly", "int"),
        Field("apart_wrongly", "int"),
        Field(
            "over_merges", "int", "partners the rules would make of records that somebody called different"
        ),
        Field("regressed", "bool", "whether it was worse than the run before, on the labels of both"),
        Field("wrong_json", "json", "the pairs that were judged wrongly, as [left, right]"),
        Field("actor", "text"),
    ),
)
TABLES: Final = (ACT, WITHDRAWN, EVALUATION)
HEARD: Final = Field(
    "heard_json",
    "json null",
    "what sources said otherwise when it was pinned, by record: something else is a conflict",
)


RULES: Final = "pin, system_of_record, validity, priority, recency, frequency, spelling, only or union"
RULES_BEFORE: Final = "pin, priority, recency, only or union"


def upgrade() -> None:
    """Empty tables; a pin of before raises no conflict until it is set again."""
    describe(RULES)
    for table in TABLES:
        create(LAYER, table)
    op.add_column("pin", HEARD.column(), schema=schema_of(LAYER))


def downgrade() -> None:
    """Without them: what was undone stays undone."""
    describe(RULES_BEFORE)
    op.drop_column("pin", HEARD.name, schema=schema_of(LAYER))
    for table in reversed(TABLES):
        drop(LAYER, table)


def describe(comment: str) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("golden_value", "rule", comment=comment, schema="golden")
