"""The golden layer: the published record per organization and person, its history, facts and timeline."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer

STATED = text("stated_by IS NOT NULL")
"""Links a source states as a relation: a partial index finds what a vanished relation leaves behind."""

WITHOUT_PLACE = text("attached IN ('unknown', 'generic')")
"""Facts that a free text may still tie to somebody: a partial index finds them when a new name arrives."""

UNMATCHED = text("deleted_at IS NULL AND attached IN ('unknown', 'ambiguous', 'generic')")
"""Facts that somebody may attach by hand."""

LIVE = text("deleted_at IS NULL")
"""Organizations a list may show: an index for each of its orders ends at the page's last row."""

BESIDE = text("entity <> 'touchpoint'")
"""What is few on a timeline: its deals, work, files, agreements and commitments."""
OPEN = text("closed_at IS NULL")
"""Signals that still hold."""


def in_order(name: str, by: str) -> Index:
    """The index for one order of the list of partners."""
    return Index(name, text(by), "organization_id", sqlite_where=LIVE, postgresql_where=LIVE)


class OrganizationValues(SQLModel):
    """The golden fields of an organization: one value each, by survivorship or by a person."""

    name: str
    legal_name: str | None = None
    other_names_json: str | None = None
    website: str | None = None
    domain: str | None = None
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    industry: str | None = None
    employees: int | None = None
    description: str | None = None
    account_type: str | None = None
    roles_json: str | None = None
    labels_json: str | None = None
    status: str | None = None
    tier: str | None = None
    stage: str | None = None
    services: str | None = None
    notes: str | None = None
    owner: str | None = Field(default=None, description="name of the colleague who owns it")
    annual_value_minor: int | None = Field(default=None, description="a year, in minor units of currency")
    currency: str | None = Field(default=None, description="ISO 4217, of annual_value_minor")
    renews_on: str | None = Field(default=None, description="when the relationship is next renewed")
    reviewed_on: str | None = Field(default=None, description="when it was last reviewed with them")
    custom_json: str | None = None
    record_count: int = Field(default=0, description="live source records behind it")
    deleted_at: str | None = Field(default=None, description="set when every source record is deleted")


@in_layer("golden")
class GoldenOrganization(OrganizationValues, table=True):
    """One organization as the hub publishes it now."""

    __tablename__ = "organization"
    __table_args__ = (
        in_order("organization_by_name", "lower(name)"),
        in_order("organization_by_tier", "coalesce(tier, '~')"),
        in_order("organization_by_owner", "coalesce(lower(owner), '~')"),
        in_order("organization_by_country", "coalesce(country, '~')"),
        in_order("organization_by_records", "record_count"),
        Index("organization_live", "organization_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )
    organization_id: str = Field(primary_key=True)
    rules: str
    anchors_json: str | None = Field(
        default=None,
        description="JSON list of its identifying addresses, hosts and domains: what mail attaches by",
    )


@in_layer("golden")
class OrganizationVersion(OrganizationValues, table=True):
    """What the hub published about an organization from `recorded_from_at` until `recorded_to_at` (null: still)."""

    __tablename__ = "organization_version"
    organization_id: str = Field(primary_key=True)
    recorded_from_at: str = Field(primary_key=True)
    recorded_to_at: str | None = None
    records_json: str = Field(description="JSON list of the source records it was made from")
    run_id: str


@in_layer("golden")
class GoldenValue(SQLModel, table=True):
    """Where one golden value comes from: winning source record, its raw version, the rule, and who disagrees.

    An organization with one plain source record and no pin has a single row, field `*`, value empty: every value in
    `organization` comes from that record, by rule `only`. As soon as a second record joins it, or a person pins a
    value, there is a row for each field. To find where a value is from, look for its field first, then for `*`.
    """

    __tablename__ = "golden_value"
    organization_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str
    record: str | None = Field(default=None, description="winning staged record; null for a pin")
    raw_id: int | None = None
    rule: str = Field(
        description=(
            "pin, system_of_record, validity, completeness, frequency, priority, recency, spelling, only or union"
        )
    )
    others_json: str | None = Field(
        default=None, description="JSON list of {record, value} that say otherwise"
    )


@in_layer("golden")
class Partnership(SQLModel, table=True):
    """An organization takes part in a program, because a rule or a person says so."""

    __tablename__ = "partnership"
    organization_id: str = Field(primary_key=True)
    program: str = Field(primary_key=True)
    record: str | None = Field(default=None, description="the first source record (by key) that declares it")
    rule: str
    since_at: str | None = Field(
        default=None, description="earliest creation time among the declaring records"
    )


@in_layer("golden")
class GoldenPerson(SQLModel, table=True):
    """One person as the hub publishes them now."""

    __tablename__ = "person"
    person_id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    title: str | None = None
    record_count: int = 0
    deleted_at: str | None = None
    anchors_json: str | None = Field(
        default=None, description="JSON list of their records and mail addresses"
    )


@in_layer("golden")
class PersonOrganization(SQLModel, table=True):
    """A person works, or worked, at an organization."""

    __tablename__ = "person_organization"
    __table_args__ = (
        Index("person_organization_org", "organization_id"),
        Index("person_organization_record", "record"),
    )
    person_id: str = Field(primary_key=True)
    organization_id: str = Field(primary_key=True)
    role: str = Field(primary_key=True, default="")
    record: str = Field(description="the relation record that says so")
    since: str | None = None
    until: str | None = None


@in_layer("golden")
class Fact(SQLModel, table=True):
    """One touchpoint, deal, work item, document, agreement or commitment, however many sources hold it.

    fact_id is UUIDv5 of what makes copies equal (`same_as`), else of the source record's key.
    """

    __tablename__ = "fact"
    __table_args__ = (
        Index("fact_waiting", "attached", sqlite_where=WITHOUT_PLACE, postgresql_where=WITHOUT_PLACE),
        Index("fact_unmatched", "happened_at", "fact_id", sqlite_where=UNMATCHED, postgresql_where=UNMATCHED),
    )
    fact_id: str = Field(primary_key=True)
    entity: str = Field(description="touchpoint, deal, work_item, document, agreement or commitment")
    kind: str
    happened_at: str
    title: str | None = None
    record: str = Field(
        description="the staged record shown: of its live copies the latest revision, of equals the smallest key"
    )
    nature: str = "person"
    direction: str | None = None
    thread: str | None = None
    attached: str = Field(
        description="attached; else why it is on no timeline: internal, bulk, unknown, ambiguous, generic or deleted"
    )
    deleted_at: str | None = None
    source_count: int = Field(
        default=1,
        description="staged records that are copies of it, deleted ones too: its rows in fact_source",
    )


@in_layer("golden")
class FactSource(SQLModel, table=True):
    """A staged record that is a copy of a fact."""

    __tablename__ = "fact_source"
    __table_args__ = (Index("fact_source_fact", "fact_id", "record"),)
    record: str = Field(primary_key=True)
    fact_id: str


@in_layer("golden")
class FactLink(SQLModel, table=True):
    """What ties a fact to an organization: an anchor, never an organization id.

    anchor: `record:<record key>`, `email:<address>`, `host:<host>`, `domain:<domain>`, `crm_id:<scheme>:<id>` or
    `name:<text>`. role: what the source calls the relation, or the participant's role; `attach` and `detach` for a
    person's decision.
    """

    __tablename__ = "fact_link"
    __table_args__ = (
        Index("fact_link_anchor", "anchor"),
        Index("fact_link_stated_by", "stated_by", sqlite_where=STATED, postgresql_where=STATED),
    )
    fact_id: str = Field(primary_key=True)
    anchor: str = Field(primary_key=True)
    role: str = Field(primary_key=True, default="")
    method: str = Field(description="crm_id, person_address, host, domain, name, mention or decision")
    score: float = 1.0
    since: str | None = None
    until: str | None = None
    stated_by: str | None = Field(
        default=None, description="the relation record that says so, where one does"
    )
    quote: str | None = Field(
        default=None, description="the words of a free text that name somebody, for a mention"
    )


@in_layer("golden")
class GoldenDeal(SQLModel, table=True):
    """One deal as the hub publishes it now, from all records of it."""

    __tablename__ = "deal"
    fact_id: str = Field(primary_key=True)
    name: str
    amount_minor: int | None = Field(default=None, description="in minor units of currency")
    currency: str | None = Field(default=None, description="ISO 4217, of amount_minor")
    pipeline: str | None = None
    stage: str | None = Field(default=None, description="as the source of its status says it")
    status: str | None = Field(default=None, description="open, won or lost")
    close_date: str | None = None
    deal_type: str | None = None
    owner: str | None = Field(default=None, description="name of the colleague who owns it")
    record_count: int = Field(default=0, description="live source records behind it")
    deleted_at: str | None = Field(default=None, description="set when every source record is deleted")


@in_layer("golden")
class DealValue(SQLModel, table=True):
    """Where one value of a deal comes from: winning source record, its raw version, the rule, and who disagrees."""

    __tablename__ = "deal_value"
    fact_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str
    record: str = Field(description="winning staged record")
    raw_id: int
    rule: str = Field(description="priority, recency or only")
    others_json: str | None = Field(
        default=None, description="JSON list of {record, value} that say otherwise"
    )


@in_layer("golden")
class GoldenColleague(SQLModel, table=True):
    """One of our own people as the hub publishes them now, whichever systems know them."""

    __tablename__ = "colleague"
    colleague_id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    active: bool = Field(default=True, description="whether any of our systems still lets them in")
    team: str | None = None
    record_count: int = Field(default=0, description="live source records behind them")


@in_layer("golden")
class ColleagueRecord(SQLModel, table=True):
    """A staged colleague is a record of one of our own people."""

    __tablename__ = "colleague_record"
    __table_args__ = (Index("colleague_record_colleague", "colleague_id"),)
    record: str = Field(primary_key=True)
    colleague_id: str


@in_layer("golden")
class Timeline(SQLModel, table=True):
    """One fact on one organization's timeline."""

    __tablename__ = "timeline"
    __table_args__ = (
        Index("timeline_fact", "fact_id"),
        Index(
            "timeline_beside",
            "organization_id",
            "entity",
            "happened_at",
            "fact_id",
            sqlite_where=BESIDE,
            postgresql_where=BESIDE,
        ),
    )
    organization_id: str = Field(primary_key=True)
    happened_at: str = Field(primary_key=True)
    fact_id: str = Field(primary_key=True)
    entity: str
    kind: str
    method: str = Field(
        description="how it attached: crm_id, person_address, host, domain, name, mention, decision"
    )
    anchor: str


@in_layer("golden")
class Question(SQLModel, table=True):
    """What waits for a steward: two organizations or persons who may be one, by their strongest pair. Derived."""

    __tablename__ = "question"
    __table_args__ = (
        Index("question_order", "unsure", "behind", "left_record", "right_record"),
        Index("question_name", "question_id"),
        Index("question_left", "left_id"),
        Index("question_right", "right_id"),
    )
    left_record: str = Field(primary_key=True)
    right_record: str = Field(primary_key=True)
    question_id: str = Field(description="by which people name it")
    left_id: str = Field(
        description="the organization or person of the left record; its key while it has none"
    )
    right_id: str
    bits: float
    band: str
    pairs: int = Field(description="pairs of records that speak for it")
    proposal: str = Field(description="join, part or related")
    reason: str = Field(description="score, or why the rules ask and do not act: as in identity_review")
    unsure: bool = Field(description="somebody could not tell")
    behind: float = Field(description="minus value times probability: the smallest comes first")


@in_layer("golden")
class Candidate(SQLModel, table=True):
    """An unknown domain with which there is a two-way conversation: perhaps a partner."""

    __tablename__ = "candidate"
    domain: str = Field(primary_key=True)
    inbound: int
    outbound: int
    people: int
    first_at: str
    last_at: str
    sample_subject: str | None = None


@in_layer("golden")
class ChangeLog(SQLModel, table=True):
    """One published change of one field of one organization, or of its place on the partner list."""

    __tablename__ = "change_log"
    __table_args__ = (Index("change_log_organization", "organization_id", "recorded_at"),)
    change_id: int = Field(primary_key=True)
    organization_id: str
    field: str
    before: str | None = None
    after: str | None = None
    run_id: str
    recorded_at: str
