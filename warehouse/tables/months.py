"""What is counted of every timeline by month: derived from it, and kept up with it by publication."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("golden")
class TimelineMonth(SQLModel, table=True):
    """How many facts of one kind one organization's timeline holds of one month, UTC. Never a row that counts nothing.

    A conversation is a touchpoint between people, ours and theirs.
    """

    __tablename__ = "timeline_month"
    __table_args__ = {"sqlite_with_rowid": False}
    organization_id: str = Field(primary_key=True)
    month_on: str = Field(primary_key=True, description="its first day")
    entity: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    facts: int
    conversations: int = Field(description="of these, touchpoints of nature person that are not internal")
    inbound: int = Field(description="of the conversations, those of direction in")
    outbound: int = Field(description="of the conversations, those of direction out")
    first_at: str = Field(description="when the first of the facts was")
    last_at: str
