"""What staged records said before: how each staged row stood until the staging that changed it.

Kept as `warehouse.tables.past` keeps what was published: the oldest image that ended after a moment says how a row
stood then, else the row itself. What was staged once and never changed has none, so a first load writes nothing here.
"""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("staged")
class StagedPast(SQLModel, table=True):
    """How a staged row stood until `ended_at`. History, not derived: a rebuild keeps it.

    Words of mail are left out, as no view of a stream shows them.
    """

    __tablename__ = "staged_past"
    kind: str = Field(primary_key=True, description="staged kind: organization, touchpoint, …")
    record: str = Field(primary_key=True)
    ended_at: str = Field(primary_key=True, description="the staging that changed it")
    source: str
    stream: str
    row_json: str = Field(description="its values by column, without those that are null")
    was_there: bool = Field(
        description="false: there was no such row until then, though its record was staged"
    )
