"""What others are told of: former versions of deals, how far each webhook was told, how full columns are."""

from __future__ import annotations

from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("golden")
class DealVersion(SQLModel, table=True):
    """What the hub published about a deal from `recorded_from_at` until `recorded_to_at` (null: still).

    A deal no record is left of has a last version that ends as it begins. History, not derived: a rebuild keeps it.
    """

    __tablename__ = "deal_version"
    __table_args__ = (Index("deal_version_deal", "fact_id", "version_id"),)
    version_id: int = Field(
        primary_key=True, description="counts up in the order of publication, without a gap"
    )
    fact_id: str
    recorded_from_at: str = Field(
        description="of what came before versions were kept: when its source says it was so"
    )
    recorded_to_at: str | None = None
    name: str
    amount_minor: int | None = None
    currency: str | None = None
    pipeline: str | None = None
    stage: str | None = None
    status: str | None = None
    close_date: str | None = None
    deal_type: str | None = None
    owner: str | None = None
    deleted_at: str | None = None
    run_id: str


@in_layer("ops")
class WebhookEndpoint(SQLModel, table=True):
    """How far one address that is told of changes was told."""

    __tablename__ = "webhook_endpoint"
    name: str = Field(primary_key=True, description="as `changes:` in the settings calls it")
    cursor: str = Field(description="what it took last")
    told: int = Field(default=0, description="changes it took")
    tried_at: str | None = None
    delivered_at: str | None = None
    failures: int = Field(default=0, description="passes in a row that it did not take what it was sent")
    failure: str | None = Field(default=None, description="why, the last time")
    disabled_at: str | None = Field(
        default=None, description="since when nothing is sent to it, until `changes resume`"
    )


@in_layer("ops")
class ColumnFill(SQLModel, table=True):
    """How full one column of one published table was when it was measured."""

    __tablename__ = "column_fill"
    mart: str = Field(primary_key=True)
    name: str = Field(primary_key=True, description="of the column; empty for the table as a whole")
    row_count: int = Field(description="rows of the table")
    sampled: int = Field(description="rows the measure rests on: all, or a sample")
    filled: int = Field(description="of those, rows that hold something")
    measured_at: str
