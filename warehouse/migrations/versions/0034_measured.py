"""Quality of partners and sources, and figures by versions of their formulas: measured once a day and kept.

Revision ID: 0034
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0034"
down_revision = "0033"

LAYER: Final = "ops"
TABLES: Final = (
    Table(
        "measurement",
        "One measure of the hub: of its partners, its sources and its figures.",
        (
            Field("measured_at", "time key"),
            Field("partners", "int", "partners that were measured"),
            Field("changed", "int", "of these, those of which something was new"),
        ),
    ),
    Table(
        "partner_quality",
        """
        What was counted of one partner, from the measure that first saw it so until the one that saw it otherwise.

        Measures that see nothing new write nothing.
        """,
        (
            Field("organization_id", "text key"),
            Field("measured_from_at", "time key"),
            Field("measured_to_at", "time null"),
            Field("fields_filled", "int"),
            Field("fields_expected", "int"),
            Field("records_readable", "int"),
            Field("records_held", "int"),
            Field("fields_agreed", "int"),
            Field("fields_compared", "int"),
            Field("doubles", "int", "other organizations that may be the same one, as questions ask"),
            Field("changed_at", "time null", "when any record behind it last changed at its source"),
        ),
        (Index("partner_quality_standing", ("organization_id",), "measured_to_at IS NULL", unique=True),),
    ),
    Table(
        "source_quality",
        "What was counted of one source in one measure.",
        (
            Field("source", "text key"),
            Field("measured_at", "time key"),
            Field("in_hub", "int", "of what it held when it was last compared, what the hub held"),
            Field("in_source", "int"),
            Field("records_readable", "int"),
            Field("records_held", "int"),
            Field("fields_agreed", "int"),
            Field("fields_compared", "int"),
            Field("streams_fresh", "int"),
            Field("streams_read", "int"),
            Field("organizations", "int"),
            Field("organization_records", "int"),
        ),
    ),
    Table(
        "kpi_definition",
        "One version of the formula of one figure. Another formula is another version; the former one ends.",
        (
            Field("name", "text key"),
            Field("version", "int key"),
            Field("title", "text"),
            Field("formula", "text", "in words"),
            Field(
                "statement",
                "text null",
                "SQL over the marts; null where the program counts for one partner at a time",
            ),
            Field("unit", "text"),
            Field("subject", "text", "hub or partner"),
            Field("owner", "text"),
            Field("since_at", "time"),
            Field("until_at", "time null"),
        ),
    ),
    Table(
        "kpi_value",
        "One figure as one measure found it, by the version of its formula that stood then.",
        (
            Field("name", "text key"),
            Field("version", "int key"),
            Field("measured_at", "time key"),
            Field("dimension", "text key", "the currency of an amount; else empty"),
            Field("ten_thousandths", "int null", "the value times 10,000; null where nothing counts"),
        ),
    ),
)


def upgrade() -> None:
    """Empty tables: the next measure fills them."""
    for table in TABLES:
        create(LAYER, table)


def downgrade() -> None:
    """Without what was measured."""
    for table in reversed(TABLES):
        drop(LAYER, table)
