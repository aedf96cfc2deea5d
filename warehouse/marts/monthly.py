"""The mart of figures by month: what happened with each partner, counted, for trends over all there ever was.

It is kept by publication (`pipelines/golden/months.py`), so that asking costs a row for each month and kind, and not
one for each touchpoint.
"""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, text

CONVERSATION: Final = (
    "t.entity = 'touchpoint' AND f.nature = 'person' AND (f.direction IS NULL OR f.direction <> 'internal')"
)
COUNTED: Final = f"""count(*) AS facts, count(CASE WHEN {CONVERSATION} THEN 1 END) AS conversations,
count(CASE WHEN {CONVERSATION} AND f.direction = 'in' THEN 1 END) AS inbound,
count(CASE WHEN {CONVERSATION} AND f.direction = 'out' THEN 1 END) AS outbound,
min(t.happened_at) AS first_at, max(t.happened_at) AS last_at"""
"""What is counted of rows of timelines (`t`) with their facts (`f`), now and as of a moment."""


def of(column: str) -> str:
    """A column of the table it shows, as lineage."""
    return f"timeline_month.{column}"


FCT_PARTNER_ACTIVITY_MONTHLY: Final = Mart(
    "fct_partner_activity_monthly",
    "One kind of thing that happened with one partner in one month, UTC: how many there were.",
    "What is deleted at every source is not counted any more. A merge adds the months of the id that goes to those of"
    " the id that stays, a split parts them. A month without anything has no row. What is on several timelines counts"
    " for each of their partners: sums over partners count it more than once, fct_touchpoint has it once.",
    ("partner_id", "date_month", "entity", "kind"),
    (
        text("partner_id", "the organization", of("organization_id"), required=True),
        Column("date_month", "date", "first day of the month; see dim_date", of("month_on"), required=True),
        text(
            "entity",
            "touchpoint, deal, work_item, document, agreement or commitment",
            of("entity"),
            required=True,
        ),
        text("kind", "as fct_touchpoint and fct_work_item have it", of("kind"), required=True),
        Column(
            "count_total", "integer", "how many were, or began, in that month", of("facts"), required=True
        ),
        Column(
            "count_conversations",
            "integer",
            "of these, touchpoints between people, ours and theirs: nature person, and not internal",
            of("conversations"),
            required=True,
        ),
        Column(
            "count_inbound", "integer", "of the conversations, from them to us", of("inbound"), required=True
        ),
        Column(
            "count_outbound",
            "integer",
            "of the conversations, from us to them",
            of("outbound"),
            required=True,
        ),
        Column("first_at", "time", "when the first of them was", of("first_at"), required=True),
        Column("last_at", "time", "when the last of them was", of("last_at"), required=True),
        text("_hub_run_id", "null: many runs brought what is counted"),
        Column("_hub_loaded_at", "time", "null: as _hub_run_id"),
        Column("_hub_deleted_at", "time", "null: what is deleted at its source is not counted"),
        text("_hub_source", "`hub`: counted over all sources", required=True),
    ),
    """
SELECT m.organization_id AS partner_id, m.month_on AS date_month, m.entity, m.kind, m.facts AS count_total,
m.conversations AS count_conversations, m.inbound AS count_inbound, m.outbound AS count_outbound, m.first_at, m.last_at,
{null(text)} AS _hub_run_id, {no_time()} AS _hub_loaded_at, {no_time()} AS _hub_deleted_at, 'hub' AS _hub_source
FROM timeline_month m
""",
    (
        Question(
            "How many conversations did we have with each partner each month, and how many of them did they begin?",
            "SELECT partner_id, date_month, sum(count_conversations) AS conversations, sum(count_inbound) AS inbound"
            " FROM fct_partner_activity_monthly WHERE count_conversations > 0 GROUP BY partner_id, date_month"
            " ORDER BY partner_id, date_month",
        ),
        Question(
            "How do meetings with partners of each tier develop from month to month?",
            "SELECT a.date_month, p.tier, sum(a.count_total) AS meetings FROM fct_partner_activity_monthly a"
            " JOIN dim_partner p ON p.partner_id = a.partner_id AND p.is_current WHERE a.kind = 'meeting'"
            " GROUP BY a.date_month, p.tier ORDER BY a.date_month, p.tier",
        ),
        Question(
            "With which partners was the last conversation longest ago?",
            "SELECT p.partner_id, p.name, a.last_month FROM dim_partner p LEFT JOIN (SELECT partner_id, max(date_month)"
            " AS last_month FROM fct_partner_activity_monthly WHERE count_conversations > 0 GROUP BY partner_id) a"
            " ON a.partner_id = p.partner_id WHERE p.is_current AND p.is_partner AND p._hub_deleted_at IS NULL"
            " ORDER BY a.last_month IS NOT NULL, a.last_month, p.partner_id",
        ),
    ),
    by_month="date_month",
)

MARTS: Final = (FCT_PARTNER_ACTIVITY_MONTHLY,)
