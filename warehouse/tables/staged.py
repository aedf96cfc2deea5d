"""The staged layer: one table per canonical type, plus the key index and participants.

Fields are defined once, in `mappings.canonical`; these classes only give them a table.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from mappings import canonical
from warehouse.tables.columns import in_layer

LEFT_OUT = text("left_out IS NOT NULL")
"""Touchpoints whose text waits at the source for a back-fill."""

LIVE = text("deleted_at IS NULL")


def by_day(name: str, day: str) -> Index:
    """The index for what is due, in the order of its days."""
    return Index(name, text(day), "record", sqlite_where=LIVE, postgresql_where=LIVE)


class Digested(SQLModel):
    """What every staged row holds beside the fields of its kind."""

    digest: bytes | None = Field(
        default=None,
        description="16 bytes of the row without its rules, of its keys and participants; null: staged before"
        " migration 0041",
    )


@in_layer("staged")
class StagedOrganization(Digested, canonical.Organization, table=True):
    """One source's view of one organization."""

    __tablename__ = "staged_organization"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedPerson(Digested, canonical.Person, table=True):
    """One source's view of one person."""

    __tablename__ = "staged_person"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedRelation(Digested, canonical.Relation, table=True):
    """One link a source states between two of its records."""

    __tablename__ = "staged_relation"
    __table_args__ = (
        Index("staged_relation_from", "from_record"),
        Index("staged_relation_to", "to_record"),
    )
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedColleague(Digested, canonical.Colleague, table=True):
    """One of our own users or mailboxes, as one source has it."""

    __tablename__ = "staged_colleague"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedTouchpoint(Digested, canonical.Touchpoint, table=True):
    """One interaction as one source has it."""

    __tablename__ = "staged_touchpoint"
    __table_args__ = (
        Index("staged_touchpoint_same_as", "same_as"),
        Index("staged_touchpoint_thread", "thread"),
        Index(
            "staged_touchpoint_left_out",
            "source",
            "left_out",
            sqlite_where=LEFT_OUT,
            postgresql_where=LEFT_OUT,
        ),
    )
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedDeal(Digested, canonical.Deal, table=True):
    """One sales opportunity as one source has it."""

    __tablename__ = "staged_deal"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedDealStageChange(Digested, canonical.DealStageChange, table=True):
    """One stage a deal entered."""

    __tablename__ = "staged_deal_stage_change"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedWorkItem(Digested, canonical.WorkItem, table=True):
    """One task, ticket or issue."""

    __tablename__ = "staged_work_item"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedDocument(Digested, canonical.Document, table=True):
    """One file."""

    __tablename__ = "staged_document"
    __table_args__ = (Index("staged_document_parent", "parent_record"),)
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedPassage(Digested, canonical.Passage, table=True):
    """One citable piece of text in a document."""

    __tablename__ = "staged_passage"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedAgreement(Digested, canonical.Agreement, table=True):
    """One contract or agreement."""

    __tablename__ = "staged_agreement"
    __table_args__ = (by_day("staged_agreement_by_day", "coalesce(renews_on, ends_on, '9999-12-31')"),)
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedCommitment(Digested, canonical.Commitment, table=True):
    """One thing promised, with the day it is due."""

    __tablename__ = "staged_commitment"
    __table_args__ = (by_day("staged_commitment_by_day", "coalesce(due_on, '9999-12-31')"),)
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedLocation(Digested, canonical.Location, table=True):
    """One place of an organization."""

    __tablename__ = "staged_location"
    __table_args__ = (Index("staged_location_organization", "organization_record"),)
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedService(Digested, canonical.Service, table=True):
    """One service an organization offers."""

    __tablename__ = "staged_service"
    record: str = Field(primary_key=True)


@in_layer("staged")
class StagedKey(canonical.Key, table=True):
    """One identifying value of one staged organization, person or colleague."""

    __tablename__ = "key"
    __table_args__ = (Index("key_value", "normalized", "kind"), {"sqlite_with_rowid": False})
    record: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    scheme: str = Field(primary_key=True, default="")
    normalized: str = Field(primary_key=True)


@in_layer("staged")
class StagedParticipant(canonical.Participant, table=True):
    """One address on one touchpoint."""

    __tablename__ = "participant"
    __table_args__ = (Index("participant_address", "address"), {"sqlite_with_rowid": False})
    record: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
