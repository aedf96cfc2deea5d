"""Marts of deals: what they are worth, the stages they went through, and which partners had which part in them."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage, lineage_of_tie, text, tied_by

FCT_DEAL: Final = Mart(
    "fct_deal",
    "One deal, however many tools hold it.",
    "Deleted at every source: the row stays, with _hub_deleted_at. Two records that turn out to be one deal become one"
    " row; the id of the first record stays. Merges and splits of partners move rows of bridge_deal_partner only.",
    ("deal_id",),
    (
        text("deal_id", "id of the deal, for good", "deal.fact_id", required=True),
        text("name", "what it is called", "deal.name", required=True),
        Column("amount", "decimal", "in `currency`; never added up across currencies", "deal.amount_minor"),
        Column(
            "amount_minor", "integer", "the same in minor units, exact on both engines", "deal.amount_minor"
        ),
        text("currency", "ISO 4217, of amount", "deal.currency"),
        text("pipeline", "as the source says it", "deal.pipeline"),
        text("stage", "as the source of its status says it", "deal.stage"),
        text("status", "open, won or lost", "deal.status"),
        Column("opened_at", "time", "when it was made", "fact.happened_at", required=True),
        Column("close_date", "date", "when it closed, or is meant to", "deal.close_date"),
        text("deal_type", "as the source says it", "deal.deal_type"),
        text("owner_name", "colleague who owns it", "deal.owner", tags=("pii",)),
        text("record_key", "the source record shown", "fact.record", required=True),
        Column(
            "count_records", "integer", "live source records behind it", "deal.record_count", required=True
        ),
        *lineage("raw_record.run_id", "raw_record.landed_at", "deal.deleted_at", "fact.record"),
    ),
    """
SELECT d.fact_id AS deal_id, d.name, {money(d.amount_minor, d.currency)} AS amount, d.amount_minor, d.currency,
d.pipeline, d.stage, d.status, f.happened_at AS opened_at, d.close_date, d.deal_type, d.owner AS owner_name,
f.record AS record_key, d.record_count AS count_records,
a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, d.deleted_at AS _hub_deleted_at,
{source_of(f.record)} AS _hub_source
FROM deal d JOIN fact f ON f.fact_id = d.fact_id LEFT JOIN staged_deal s ON s.record = f.record
LEFT JOIN raw_record a ON a.raw_id = s.raw_id
""",
    (
        Question(
            "What is open, by currency and stage?",
            "SELECT currency, stage, count(*) AS deals, sum(amount) AS amount FROM fct_deal"
            " WHERE status = 'open' AND _hub_deleted_at IS NULL"
            " GROUP BY currency, stage ORDER BY currency, amount DESC",
        ),
    ),
    by_month="opened_at",
)

FCT_DEAL_STAGE: Final = Mart(
    "fct_deal_stage",
    "One stage that one source record of a deal was in, from when until when.",
    "Rows are added as stages change; those of a deleted record stay.",
    ("stage_key",),
    (
        text("stage_key", "the source's entry", "staged_deal_stage_change.record", required=True),
        text("deal_id", "the deal; null while its record is not published", "fact_source.fact_id"),
        text("record_key", "the source record", "staged_deal_stage_change.deal_record", required=True),
        text("stage", "as the source says it", "staged_deal_stage_change.stage", required=True),
        Column(
            "entered_at", "time", "when it came there", "staged_deal_stage_change.changed_at", required=True
        ),
        Column(
            "left_at",
            "time",
            "when it came to the next; null while it stands there",
            "staged_deal_stage_change.changed_at",
        ),
        Column(
            "is_current",
            "boolean",
            "whether it stands there",
            "staged_deal_stage_change.changed_at",
            required=True,
        ),
        *lineage(
            "raw_record.run_id",
            "raw_record.landed_at",
            "staged_deal_stage_change.deleted_at",
            "staged_deal_stage_change.source",
        ),
    ),
    """
SELECT c.record AS stage_key, fs.fact_id AS deal_id, c.deal_record AS record_key, c.stage, c.changed_at AS entered_at,
lead(c.changed_at) OVER in_order AS left_at, lead(c.changed_at) OVER in_order IS NULL AS is_current,
a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, c.deleted_at AS _hub_deleted_at, c.source AS _hub_source
FROM staged_deal_stage_change c LEFT JOIN fact_source fs ON fs.record = c.deal_record
LEFT JOIN raw_record a ON a.raw_id = c.raw_id
WINDOW in_order AS (PARTITION BY c.deal_record ORDER BY c.changed_at, c.record)
""",
    (
        Question(
            "How often is each stage entered, and by how many deals?",
            "SELECT stage, count(*) AS entered, count(DISTINCT record_key) AS deals FROM fct_deal_stage"
            " GROUP BY stage ORDER BY entered DESC",
        ),
    ),
    by_month="entered_at",
)

RESELLING: Final = ("resell", "distribut", "var", "dealer")
SOURCING: Final = ("sourc", "referr", "registr", "alliance")
INFLUENCING: Final = ("influenc", "consult", "integrator", "agent", "agency", "partner", "advis")


UNSAID: Final = "'party', 'attach'"
"""What the hub writes where a source, or whoever attached it, says no role."""


def any_of(words: tuple[str, ...]) -> str:
    """A condition: one of these words in the role, in small letters."""
    return " OR ".join(f"lower(l.role) LIKE '%{word}%'" for word in words)


BRIDGE_DEAL_PARTNER: Final = Mart(
    "bridge_deal_partner",
    "One deal and one organization that has a part in it.",
    "A deleted deal has no rows. A merge moves the rows to the id that stays, a split to where they belong.",
    ("deal_id", "partner_id"),
    (
        text("deal_id", "the deal", "timeline.fact_id", required=True),
        text("partner_id", "the organization", "timeline.organization_id", required=True),
        text(
            "partner_role",
            "customer, sourcing, influencing or reselling, by source_role",
            "fact_link.role",
            required=True,
        ),
        text(
            "source_role",
            "the part as the source says it; empty where it says none",
            "fact_link.role",
            required=True,
        ),
        text("attach_method", "what tied it", "timeline.method", required=True),
        *lineage_of_tie("fact"),
    ),
    f"""
SELECT t.fact_id AS deal_id, t.organization_id AS partner_id,
CASE WHEN {any_of(RESELLING)} THEN 'reselling' WHEN {any_of(SOURCING)} THEN 'sourcing'
WHEN {any_of(INFLUENCING)} THEN 'influencing' ELSE 'customer' END AS partner_role,
coalesce(CASE WHEN l.role NOT IN ({UNSAID}) THEN l.role END, '') AS source_role, t.method AS attach_method,
{tied_by("staged_deal")}
FROM timeline t LEFT JOIN fact_link l ON l.fact_id = t.fact_id AND l.anchor = t.anchor
AND NOT EXISTS (SELECT 1 FROM fact_link o WHERE o.fact_id = l.fact_id AND o.anchor = l.anchor AND o.role > l.role)
WHERE t.entity = 'deal'
""",
    (
        Question(
            "What did partners bring, by partner and currency?",
            "SELECT p.partner_id, p.name, f.currency, count(*) AS deals, sum(f.amount) AS amount"
            " FROM bridge_deal_partner b"
            " JOIN fct_deal f ON f.deal_id = b.deal_id"
            " JOIN dim_partner p ON p.partner_id = b.partner_id AND p.is_current"
            " WHERE b.partner_role <> 'customer' AND f.status = 'won' GROUP BY p.partner_id, p.name, f.currency",
        ),
    ),
)

MARTS: Final = (FCT_DEAL, FCT_DEAL_STAGE, BRIDGE_DEAL_PARTNER)
