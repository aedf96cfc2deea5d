"""The registry of figures: by which formula each is counted, and its series. A changed formula keeps the old series."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from warehouse.marts.mart import Column, Mart, Question, lineage_of_hub, text
from warehouse.queries import readings

WINDOW_DAYS: Final = 90
SINCE: Final = ":since"
PLACE: Final = re.compile(r":(?:moment|since)\b")
PARTNERS: Final = "p.is_current AND p.is_partner AND p._hub_deleted_at IS NULL"
MET: Final = (
    "FROM bridge_touchpoint_partner b JOIN fct_touchpoint f ON f.touchpoint_id = b.touchpoint_id"
    " WHERE b.happened_at > :since AND b.happened_at <= :moment AND f.nature = 'person'"
    " AND (f.direction IS NULL OR f.direction <> 'internal')"
)


class Figure(NamedTuple):
    """One figure.

    statement: SQL over the marts that returns a dimension and a value; in it `:moment` is when, and `:since` 90 days
    before. Empty for what the program counts for one partner at a time.
    """

    name: str
    title: str
    formula: str
    unit: str
    statement: str = ""
    subject: str = "hub"

    @property
    def parameters(self) -> list[str]:
        """The moments its statement asks for, in their order."""
        return PLACE.findall(self.statement)


def strength() -> str:
    """The formula of a relationship's strength, as its parts say it."""
    parts = readings.parts_of((), "2026-01-01T00:00:00.000000Z")
    return (
        f"Over {readings.WINDOW_DAYS} days. " + "; ".join(f"{part.name}: {part.rule}" for part in parts) + "."
    )


FIGURES: Final = (
    Figure(
        "partners",
        "Partners",
        "Organizations on the partner list that at least one source still has.",
        "partners",
        f"SELECT '' AS dimension, count(*) AS value FROM dim_partner p WHERE {PARTNERS}",
    ),
    Figure(
        "partners_in_touch",
        "Partners in touch",
        f"Partners with a conversation in {WINDOW_DAYS} days ÷ partners. A conversation is a touchpoint between people,"
        " ours and theirs.",
        "share",
        f"SELECT '' AS dimension, avg(CASE WHEN p.partner_id IN (SELECT b.partner_id {MET}) THEN 1.0 ELSE 0.0 END)"
        f" AS value FROM dim_partner p WHERE {PARTNERS}",
    ),
    Figure(
        "conversations",
        "Conversations",
        f"Touchpoints between people of {WINDOW_DAYS} days that are on any timeline, each once.",
        "touchpoints",
        f"SELECT '' AS dimension, count(DISTINCT b.touchpoint_id) AS value {MET}",
    ),
    Figure(
        "open_deals",
        "Open deals",
        "Deals whose status is open and that are not deleted.",
        "deals",
        "SELECT '' AS dimension, count(*) AS value FROM fct_deal WHERE status = 'open' AND _hub_deleted_at IS NULL",
    ),
    Figure(
        "open_amount",
        "Open pipeline",
        "Amounts of the open deals, by currency; deals without amount or currency are not in it.",
        "currency",
        "SELECT currency AS dimension, sum(amount) AS value FROM fct_deal WHERE status = 'open'"
        " AND _hub_deleted_at IS NULL AND amount IS NOT NULL AND currency IS NOT NULL GROUP BY currency",
    ),
    Figure(
        "won_amount",
        "Won",
        f"Amounts of the deals won that closed within {WINDOW_DAYS} days, by currency.",
        "currency",
        "SELECT currency AS dimension, sum(amount) AS value FROM fct_deal WHERE status = 'won'"
        " AND close_date > :since AND close_date <= :moment"
        " AND _hub_deleted_at IS NULL AND amount IS NOT NULL AND currency IS NOT NULL GROUP BY currency",
    ),
    Figure(
        "overdue_work",
        "Overdue work",
        "Work items that are neither done nor deleted and were due before.",
        "work items",
        "SELECT '' AS dimension, count(*) AS value FROM fct_work_item WHERE is_open AND due_at < :moment",
    ),
    Figure(
        "record_quality",
        "Quality of records",
        "Mean of quality_partner.score over all partners.",
        "share",
        "SELECT '' AS dimension, avg(score) AS value FROM quality_partner WHERE is_current",
    ),
    Figure("strength", "Relationship strength", strength(), "0 to 100", subject="partner"),
    Figure(
        "engagement",
        "Engagement",
        f"Touchpoints a week over {readings.WEEKS} weeks; rising where the rate of the last {readings.RECENT_WEEKS} is"
        f" at least {readings.RISING} of the rate before, falling at {readings.FALLING} or less.",
        "touchpoints a week",
        subject="partner",
    ),
    Figure(
        "pipeline",
        "Open pipeline of a partner",
        "Amounts of its open deals, by currency; how many say no amount stands beside.",
        "currency",
        subject="partner",
    ),
    Figure(
        "risks",
        "Risks",
        "Open signals; overdue commitments; agreements that renew or end within"
        f" {readings.RENEWAL_DAYS} days; at least {readings.SINGLE_THREADED_TOUCHES} touchpoints with a name on them,"
        " all through one person.",
        "risks",
        subject="partner",
    ),
)
"""Every figure of the registry. Change a formula here and the next measure begins a new version."""


def of(column: str) -> str:
    """A column of the registry, as lineage."""
    return f"kpi_definition.{column}"


KPI: Final = Mart(
    "kpi",
    "One version of the formula of one figure.",
    "A changed formula ends its version and begins the next; a figure that is counted no more has an ended version."
    " What happens to partners does nothing to it.",
    ("name", "version"),
    (
        text("name", "what programs call it", of("name"), required=True),
        Column(
            "version", "integer", "1, and one more with every other formula", of("version"), required=True
        ),
        text("title", "what people call it", of("title"), required=True),
        text("formula", "in words", of("formula"), required=True),
        text(
            "statement",
            "SQL over the marts, with :moment and :since for the moment and 90 days before; null where the program"
            " counts for one partner at a time, on their page",
            of("statement"),
        ),
        text("unit", "share is 0 to 1; currency: the dimension says which", of("unit"), required=True),
        text("subject", "hub or partner", of("subject"), required=True),
        text("owner", "who answers for it", of("owner"), required=True),
        Column("valid_from", "time", "the first measure by it", of("since_at"), required=True),
        Column(
            "valid_to", "time", "the measure that went by another one; null while it stands", of("until_at")
        ),
        Column("is_current", "boolean", "whether it stands", of("until_at"), required=True),
        *lineage_of_hub("", of("since_at")),
    ),
    """
SELECT d.name, d.version, d.title, d.formula, d.statement, d.unit, d.subject, d.owner, d.since_at AS valid_from,
d.until_at AS valid_to, d.until_at IS NULL AS is_current, {null(text)} AS _hub_run_id, d.since_at AS _hub_loaded_at,
{no_time()} AS _hub_deleted_at, 'hub' AS _hub_source FROM kpi_definition d
""",
    (
        Question(
            "By which formula is each figure counted today?",
            "SELECT title, formula, owner, version FROM kpi WHERE is_current ORDER BY subject, title",
        ),
    ),
)
FCT_KPI: Final = Mart(
    "fct_kpi",
    "One figure as one measure found it.",
    "Rows are only added, once a day; none is counted anew, so a deletion, a merge or a split shows from the next"
    " measure on. A changed formula goes on under its next version, and the rows of the former one stay.",
    ("name", "version", "measured_at", "dimension"),
    (
        text("name", "the figure; see kpi", "kpi_value.name", required=True),
        Column("version", "integer", "of its formula; see kpi", "kpi_value.version", required=True),
        Column("measured_at", "time", "when it was measured", "kpi_value.measured_at", required=True),
        Column(
            "measured_date", "date", "the day in UTC; see dim_date", "kpi_value.measured_at", required=True
        ),
        text("dimension", "ISO 4217 of an amount; else empty", "kpi_value.dimension", required=True),
        Column(
            "value",
            "decimal",
            "as kpi.unit says; amounts are never added up across dimensions; null where nothing counts",
            "kpi_value.ten_thousandths",
        ),
        *lineage_of_hub("", "kpi_value.measured_at"),
    ),
    """
SELECT v.name, v.version, v.measured_at, {day(v.measured_at)} AS measured_date, v.dimension,
{whole(v.ten_thousandths)} AS value, {null(text)} AS _hub_run_id, v.measured_at AS _hub_loaded_at,
{no_time()} AS _hub_deleted_at, 'hub' AS _hub_source FROM kpi_value v
""",
    (
        Question(
            "How did each figure develop, and where did its formula change?",
            "SELECT k.title, v.version, v.dimension, v.measured_date, v.value FROM fct_kpi v"
            " JOIN kpi k ON k.name = v.name AND k.version = v.version ORDER BY k.title, v.dimension, v.measured_at",
        ),
    ),
)

MARTS: Final = (KPI, FCT_KPI)
