"""What people ask of a value's owner, what they said of a partner's next action, and earlier openings of signals.

Revision ID: 0025
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, Index, Table, create, drop, schema_of

revision = "0025"
down_revision = "0024"

OPEN: Final = "closed_at IS NULL"
QUESTION: Final = Table(
    "value_question",
    """
    One question about one value of one organization: whom it was put to, what is wrong, and how it ended.

    It is closed by the publication that changes the value, or by hand.
    """,
    (
        Field("number", "int key", "counts up; people name it so"),
        Field("organization_id", "text"),
        Field("field", "text", "as the page of the partner names it"),
        Field("value", "text", "as it was shown"),
        Field("stood_json", "json", "stored field → what it held: another one is a change"),
        Field("record", "text null", "the record it was from; null for one a person set"),
        Field("wrong", "text", "outdated, wrong, disputed or unclear"),
        Field("words", "text", "what the asker wrote"),
        Field("to_name", "text null"),
        Field("to_email", "text null", "in lower case; sign-ins have the same"),
        Field("asked_by", "text"),
        Field("asked_at", "time"),
        Field("closed_at", "time null"),
        Field("closed_by", "text null", "hub, where the value changed"),
        Field("outcome", "text null", "changed, answered or withdrawn"),
        Field("answer", "text null", "what whoever closed it wrote"),
    ),
    (
        Index("value_question_organization", ("organization_id", "asked_at")),
        Index("value_question_open", ("number",), OPEN),
        Index("value_question_to", ("to_email", "number")),
    ),
)
WORD: Final = Table(
    "next_word",
    "What a person said of one thing to do with a partner: done, or not before a day; until the evidence differs.",
    (
        Field("number", "int key", "counts up"),
        Field("organization_id", "text"),
        Field("about", "text", "the signal's id, or `<kind>:<what it is about>` of another risk"),
        Field("rule", "text"),
        Field("sentence", "text", "as it was shown, without words of a source"),
        Field("evidence_json", "json", "JSON list of {record, fact_id, at, place}: what it rested on"),
        Field("opened_at", "time null", "when its signal opened"),
        Field("word", "text", "done or snoozed"),
        Field("until_on", "date null", "the day on which a snoozed one is back"),
        Field("reason", "text null"),
        Field("actor", "text"),
        Field("said_at", "time"),
        Field("ended_at", "time null", "brought back by hand, or said anew"),
        Field("ended_by", "text null"),
    ),
    (Index("next_word_organization", ("organization_id", "ended_at")),),
)
OPENING: Final = Table(
    "signal_opening",
    "One earlier opening of a signal that opened again since, in the words it was last told in.",
    (
        Field("signal_id", "text key"),
        Field("opened_at", "time key"),
        Field("closed_at", "time"),
        Field("organization_id", "text"),
        Field("rule", "text"),
        Field("subject", "text", default="''"),
        Field("level", "text"),
        Field("sentence", "text"),
        Field("evidence_json", "json", "as in signal"),
    ),
    (Index("signal_opening_organization", ("organization_id",)),),
)
KINDS: Final = "same, different, related, unsure, merge, split, pin, unpin, attach, detach or undo"
MORE_KINDS: Final = (
    "same, different, related, unsure, merge, split, pin, unpin, attach, detach, ask, answer, done, snooze, back or"
    " undo"
)


def upgrade() -> None:
    """Three empty tables: nobody has asked, said or seen anything yet."""
    create("ledger", QUESTION)
    create("ledger", WORD)
    create("golden", OPENING)
    name_kinds(MORE_KINDS)


def downgrade() -> None:
    """Without them; what was done stays in the audit log."""
    name_kinds(KINDS)
    drop("golden", OPENING)
    drop("ledger", WORD)
    drop("ledger", QUESTION)


def name_kinds(kinds: str) -> None:
    """PostgreSQL keeps what a column holds beside it."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("steward_act", "kind", comment=kinds, schema=schema_of("ledger"))
