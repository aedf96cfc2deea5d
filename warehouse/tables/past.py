"""What was published before, of rows that keep no versions: how each stood until the publication that changed it.

A before-image is written when a row is replaced or goes, and one that says "was not there" (`was_there` false) when a
row comes to something that had been published before. How a row stood at a moment says its oldest image that ended
after it, else the row itself. What never changed has none: a first publication writes nothing here.
"""

from __future__ import annotations

from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("golden")
class FactPast(SQLModel, table=True):
    """How a fact stood until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "fact_past"
    __table_args__ = {"sqlite_with_rowid": False}
    fact_id: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    entity: str | None = None
    kind: str | None = None
    happened_at: str | None = None
    record: str | None = None
    nature: str | None = None
    direction: str | None = None
    attached: str | None = None
    deleted_at: str | None = None
    was_there: bool = Field(description="false: there was no such fact until then, though there had been")


@in_layer("golden")
class FactSourcePast(SQLModel, table=True):
    """Which fact a staged record was a copy of until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "fact_source_past"
    __table_args__ = (Index("fact_source_past_fact", "fact_id", "record"), {"sqlite_with_rowid": False})
    record: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    fact_id: str | None = None
    was_there: bool = Field(description="false: it was a copy of nothing until then")


@in_layer("golden")
class TimelinePast(SQLModel, table=True):
    """How a fact stood on one organization's timeline until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "timeline_past"
    __table_args__ = {"sqlite_with_rowid": False}
    organization_id: str = Field(primary_key=True)
    fact_id: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    entity: str | None = None
    happened_at: str | None = None
    method: str | None = Field(default=None, description="how it attached, as in `timeline`")
    role: str | None = Field(
        default=None, description="of deals: the part of the organization as the source says it"
    )
    was_there: bool = Field(description="false: the known fact was not on this timeline until then")


@in_layer("golden")
class ColleaguePast(SQLModel, table=True):
    """How a colleague was published until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "colleague_past"
    __table_args__ = {"sqlite_with_rowid": False}
    colleague_id: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    name: str | None = None
    email: str | None = None
    active: bool | None = None
    team: str | None = None
    record_count: int | None = None
    was_there: bool = Field(description="false: there was no such colleague until then")


@in_layer("golden")
class ColleagueRecordPast(SQLModel, table=True):
    """Which colleague a staged record was of until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "colleague_record_past"
    __table_args__ = {"sqlite_with_rowid": False}
    record: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    colleague_id: str | None = None
    was_there: bool = Field(description="false: it was nobody's until then")


@in_layer("golden")
class PersonPast(SQLModel, table=True):
    """What a person was called until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "person_past"
    __table_args__ = {"sqlite_with_rowid": False}
    person_id: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    title: str | None = None
    was_there: bool = Field(description="always true: who was there says `person_link`")


@in_layer("golden")
class PersonOrganizationPast(SQLModel, table=True):
    """How a role of a person stood until `ended_at`. History, not derived: a rebuild keeps it."""

    __tablename__ = "person_organization_past"
    __table_args__ = {"sqlite_with_rowid": False}
    person_id: str = Field(primary_key=True)
    organization_id: str = Field(primary_key=True)
    role: str = Field(primary_key=True, default="")
    ended_at: str = Field(primary_key=True, description="the publication that changed it")
    record: str | None = None
    since: str | None = None
    until: str | None = None
    was_there: bool = Field(description="false: the known person had no such role until then")


@in_layer("golden")
class DealStageVersion(SQLModel, table=True):
    """A stage a deal was said to have entered, from `recorded_from_at` until `recorded_to_at` (null: still).

    Versions and no before-images, as what stood is replaced when the record is staged. History, not derived.
    """

    __tablename__ = "deal_stage_version"
    __table_args__ = (Index("deal_stage_version_deal", "deal_record"),)
    record: str = Field(primary_key=True, description="the source's entry")
    recorded_from_at: str = Field(primary_key=True)
    recorded_to_at: str | None = None
    deal_record: str
    stage: str
    changed_at: str
    deleted_at: str | None = None
