"""Deals and colleagues are published: one row each, however many systems hold them, with where every value is from.

Revision ID: 0005
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0005"
down_revision = "0004"

TABLES: Final = (
    Table(
        "deal",
        "One deal as the hub publishes it now, from all records of it.",
        (
            Field("fact_id", "text key"),
            Field("name", "text"),
            Field("amount_minor", "int null", "in minor units of currency"),
            Field("currency", "text null", "ISO 4217, of amount_minor"),
            Field("pipeline", "text null"),
            Field("stage", "text null", "as the source of its status says it"),
            Field("status", "text null", "open, won or lost"),
            Field("close_date", "date null"),
            Field("deal_type", "text null"),
            Field("owner", "text null", "name of the colleague who owns it"),
            Field("record_count", "int", "live source records behind it", default="0"),
            Field("deleted_at", "time null", "set when every source record is deleted"),
        ),
    ),
    Table(
        "deal_value",
        "Where one value of a deal comes from: winning source record, its raw version, the rule, and who disagrees.",
        (
            Field("fact_id", "text key"),
            Field("field", "text key"),
            Field("value", "text"),
            Field("record", "text", "winning staged record"),
            Field("raw_id", "int"),
            Field("rule", "text", "priority, recency or only"),
            Field("others_json", "json null", "JSON list of {record, value} that say otherwise"),
        ),
    ),
    Table(
        "colleague",
        "One of our own people as the hub publishes them now, whichever systems know them.",
        (
            Field("colleague_id", "text key"),
            Field("name", "text null"),
            Field("email", "text null"),
            Field("active", "bool", "whether any of our systems still lets them in", default="true"),
            Field("team", "text null"),
            Field("record_count", "int", "live source records behind them", default="0"),
        ),
    ),
    Table(
        "colleague_record",
        "A staged colleague is a record of one of our own people.",
        (Field("record", "text key"), Field("colleague_id", "text")),
        (Index("colleague_record_colleague", ("colleague_id",)),),
    ),
)


def upgrade() -> None:
    """Four empty tables; the next publication fills them, because it goes by new rules."""
    for table in TABLES:
        create("golden", table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        drop("golden", table)
