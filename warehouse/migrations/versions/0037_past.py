"""What was published before, of facts, timelines, colleagues and employments; versions of the stages of deals.

Revision ID: 0037
"""

from __future__ import annotations

from typing import Final

from alembic import op

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0037"
down_revision = "0036"

LAYER: Final = "golden"
ENDED: Final = Field("ended_at", "time key", "the publication that changed it")
KEEP_STAGES: Final = (
    "INSERT INTO deal_stage_version (record, recorded_from_at, deal_record, stage, changed_at, deleted_at)"
    " SELECT c.record, coalesce(r.landed_at, c.changed_at), c.deal_record, c.stage, c.changed_at, c.deleted_at"
    " FROM staged_deal_stage_change c LEFT JOIN raw_record r ON r.raw_id = c.raw_id"
)
TABLES: Final = (
    Table(
        "fact_past",
        "How a fact stood until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("fact_id", "text key"),
            ENDED,
            Field("entity", "text null"),
            Field("kind", "text null"),
            Field("happened_at", "time null"),
            Field("record", "text null"),
            Field("nature", "text null"),
            Field("direction", "text null"),
            Field("attached", "text null"),
            Field("deleted_at", "time null"),
            Field("was_there", "bool", "false: there was no such fact until then, though there had been"),
        ),
        by_key=True,
    ),
    Table(
        "fact_source_past",
        "Which fact a staged record was a copy of until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("record", "text key"),
            ENDED,
            Field("fact_id", "text null"),
            Field("was_there", "bool", "false: it was a copy of nothing until then"),
        ),
        (Index("fact_source_past_fact", ("fact_id", "record")),),
        by_key=True,
    ),
    Table(
        "timeline_past",
        "How a fact stood on one organization's timeline until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("organization_id", "text key"),
            Field("fact_id", "text key"),
            ENDED,
            Field("entity", "text null"),
            Field("happened_at", "time null"),
            Field("method", "text null", "how it attached, as in `timeline`"),
            Field("role", "text null", "of deals: the part of the organization as the source says it"),
            Field("was_there", "bool", "false: the known fact was not on this timeline until then"),
        ),
        by_key=True,
    ),
    Table(
        "colleague_past",
        "How a colleague was published until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("colleague_id", "text key"),
            ENDED,
            Field("name", "text null"),
            Field("email", "text null"),
            Field("active", "bool null"),
            Field("team", "text null"),
            Field("record_count", "int null"),
            Field("was_there", "bool", "false: there was no such colleague until then"),
        ),
        by_key=True,
    ),
    Table(
        "colleague_record_past",
        "Which colleague a staged record was of until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("record", "text key"),
            ENDED,
            Field("colleague_id", "text null"),
            Field("was_there", "bool", "false: it was nobody's until then"),
        ),
        by_key=True,
    ),
    Table(
        "person_organization_past",
        "How a role of a person stood until `ended_at`. History, not derived: a rebuild keeps it.",
        (
            Field("person_id", "text key"),
            Field("organization_id", "text key"),
            Field("role", "text key", default="''"),
            ENDED,
            Field("record", "text null"),
            Field("since", "date null"),
            Field("until", "date null"),
            Field("was_there", "bool", "false: the known person had no such role until then"),
        ),
        by_key=True,
    ),
    Table(
        "deal_stage_version",
        """
        A stage a deal was said to have entered, from `recorded_from_at` until `recorded_to_at` (null: still).

        Versions and no before-images, as what stood is replaced when the record is staged. History, not derived.
        """,
        (
            Field("record", "text key", "the source's entry"),
            Field("recorded_from_at", "time key"),
            Field("recorded_to_at", "time null"),
            Field("deal_record", "text"),
            Field("stage", "text"),
            Field("changed_at", "time"),
            Field("deleted_at", "time null"),
        ),
        (Index("deal_stage_version_deal", ("deal_record",)),),
    ),
)


def upgrade() -> None:
    """Stages that stand count as known since what tells of them landed; of all else the past begins now."""
    for table in TABLES:
        create(LAYER, table)
    op.execute(KEEP_STAGES)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        drop(LAYER, table)
