"""What needs somebody: signals and their earlier openings, what people say of it, and what they ask of an owner."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer

OPEN = text("closed_at IS NULL")


@in_layer("identity")
class ValueQuestion(SQLModel, table=True):
    """One question about one value of one organization: whom it was put to, what is wrong, and how it ended.

    It is closed by the publication that changes the value, or by hand.
    """

    __tablename__ = "value_question"
    __table_args__ = (
        Index("value_question_organization", "organization_id", "asked_at"),
        Index("value_question_open", "number", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("value_question_to", "to_email", "number"),
    )
    number: int = Field(primary_key=True, description="counts up; people name it so")
    organization_id: str
    field: str = Field(description="as the page of the partner names it")
    value: str = Field(description="as it was shown")
    stood_json: str = Field(description="stored field → what it held: another one is a change")
    record: str | None = Field(default=None, description="the record it was from; null for one a person set")
    wrong: str = Field(description="outdated, wrong, disputed or unclear")
    words: str = Field(description="what the asker wrote")
    to_name: str | None = None
    to_email: str | None = Field(default=None, description="in lower case; sign-ins have the same")
    asked_by: str
    asked_at: str
    closed_at: str | None = None
    closed_by: str | None = Field(default=None, description="hub, where the value changed")
    outcome: str | None = Field(default=None, description="changed, answered or withdrawn")
    answer: str | None = Field(default=None, description="what whoever closed it wrote")


@in_layer("identity")
class NextWord(SQLModel, table=True):
    """What a person said of one thing to do with a partner: done, or not before a day; until the evidence differs."""

    __tablename__ = "next_word"
    __table_args__ = (Index("next_word_organization", "organization_id", "ended_at"),)
    number: int = Field(primary_key=True, description="counts up")
    organization_id: str
    about: str = Field(description="the signal's id, or `<kind>:<what it is about>` of another risk")
    rule: str
    sentence: str = Field(description="as it was shown, without words of a source")
    evidence_json: str = Field(description="JSON list of {record, fact_id, at, place}: what it rested on")
    opened_at: str | None = Field(default=None, description="when its signal opened")
    word: str = Field(description="done or snoozed")
    until_on: str | None = Field(default=None, description="the day on which a snoozed one is back")
    reason: str | None = None
    actor: str
    said_at: str
    ended_at: str | None = Field(default=None, description="brought back by hand, or said anew")
    ended_by: str | None = None


@in_layer("golden")
class Signal(SQLModel, table=True):
    """Something about one partner that needs a person, found by one rule; it closes itself when it is over.

    signal_id is UUIDv5 of rule, organization and subject, so what opens again is the same row.
    """

    __tablename__ = "signal"
    __table_args__ = (
        Index("signal_organization", "organization_id"),
        Index("signal_open", "level", "organization_id", sqlite_where=OPEN, postgresql_where=OPEN),
    )
    signal_id: str = Field(primary_key=True)
    organization_id: str
    rule: str
    subject: str = Field(default="", description="what inside the partner it is about; empty for all of it")
    sentence: str
    evidence_json: str = Field(description="JSON list of {record, fact_id?, quote, place?, at}")
    level: str = Field(description="info, attention or urgent")
    opened_at: str
    closed_at: str | None = Field(default=None, description="null while it is open")


@in_layer("golden")
class SignalOpening(SQLModel, table=True):
    """One earlier opening of a signal that opened again since, in the words it was last told in."""

    __tablename__ = "signal_opening"
    __table_args__ = (Index("signal_opening_organization", "organization_id"),)
    signal_id: str = Field(primary_key=True)
    opened_at: str = Field(primary_key=True)
    closed_at: str
    organization_id: str
    rule: str
    subject: str = Field(default="")
    level: str
    sentence: str
    evidence_json: str = Field(description="as in signal")
