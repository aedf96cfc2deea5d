"""What is measured once a day and kept: how good partners and sources are, and figures by their formulas."""

from __future__ import annotations

from sqlmodel import Field, Index, SQLModel, text

from warehouse.tables.columns import in_layer

STANDING = text("measured_to_at IS NULL")
"""What was measured of each partner last: a partial index finds what a measure has to compare with."""


@in_layer("ops")
class Measurement(SQLModel, table=True):
    """One measure of the hub: of its partners, its sources and its figures."""

    __tablename__ = "measurement"
    measured_at: str = Field(primary_key=True)
    partners: int = Field(description="partners that were measured")
    changed: int = Field(description="of these, those of which something was new")


@in_layer("ops")
class PartnerQuality(SQLModel, table=True):
    """What was counted of one partner, from the measure that first saw it so until the one that saw it otherwise.

    Measures that see nothing new write nothing.
    """

    __tablename__ = "partner_quality"
    __table_args__ = (
        Index(
            "partner_quality_standing",
            "organization_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )
    organization_id: str = Field(primary_key=True)
    measured_from_at: str = Field(primary_key=True)
    measured_to_at: str | None = None
    fields_filled: int
    fields_expected: int
    records_readable: int
    records_held: int
    fields_agreed: int
    fields_compared: int
    doubles: int = Field(description="other organizations that may be the same one, as questions ask")
    changed_at: str | None = Field(
        default=None, description="when any record behind it last changed at its source"
    )


@in_layer("ops")
class SourceQuality(SQLModel, table=True):
    """What was counted of one source in one measure."""

    __tablename__ = "source_quality"
    source: str = Field(primary_key=True)
    measured_at: str = Field(primary_key=True)
    in_hub: int = Field(description="of what it held when it was last compared, what the hub held")
    in_source: int
    records_readable: int
    records_held: int
    fields_agreed: int
    fields_compared: int
    streams_fresh: int
    streams_read: int
    organizations: int
    organization_records: int


@in_layer("ops")
class KpiDefinition(SQLModel, table=True):
    """One version of the formula of one figure. Another formula is another version; the former one ends."""

    __tablename__ = "kpi_definition"
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    title: str
    formula: str = Field(description="in words")
    statement: str | None = Field(
        default=None,
        description="SQL over the marts; null where the program counts for one partner at a time",
    )
    unit: str
    subject: str = Field(description="hub or partner")
    owner: str
    since_at: str
    until_at: str | None = None


@in_layer("ops")
class KpiValue(SQLModel, table=True):
    """One figure as one measure found it, by the version of its formula that stood then."""

    __tablename__ = "kpi_value"
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    measured_at: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True, description="the currency of an amount; else empty")
    ten_thousandths: int | None = Field(
        default=None, description="the value times 10,000; null where nothing counts"
    )
