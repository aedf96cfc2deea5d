"""Marts of what happened: touchpoints and work, and whose timeline each is on.

Texts, subjects and addresses of mail are not here: who may read them is decided mailbox by mailbox, and a table that
others copy cannot ask.
"""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage, lineage_of_tie, text, tied_by

ARRIVED: Final = "LEFT JOIN raw_record a ON a.raw_id = s.raw_id"
"""The version of a source record that is shown."""
OWNED: Final = "LEFT JOIN colleague_record own ON own.record = s.owner_record"

FCT_TOUCHPOINT: Final = Mart(
    "fct_touchpoint",
    "One mail, call, meeting, note or comment, however many tools hold it.",
    "Deleted at every source: the row stays, with _hub_deleted_at, and leaves bridge_touchpoint_partner. Merges and"
    " splits of partners move rows of the bridge only.",
    ("touchpoint_id",),
    (
        text("touchpoint_id", "id of the touchpoint, for good", "fact.fact_id", required=True),
        text("kind", "email, call, meeting, note or comment", "fact.kind", required=True),
        Column("happened_at", "time", "when it was, or begins", "fact.happened_at", required=True),
        Column("happened_date", "date", "the day in UTC; see dim_date", "fact.happened_at", required=True),
        Column("ended_at", "time", "when it ended, of calls and meetings", "staged_touchpoint.ended_at"),
        text("direction", "in, out or internal", "fact.direction"),
        text("nature", "person, auto_reply, bounce, list or invite", "fact.nature", required=True),
        text("status", "of calls and meetings, as the source says it", "staged_touchpoint.status"),
        text("attached", "attached; else why it is on no timeline", "fact.attached", required=True),
        text("owner_id", "colleague it belongs to; see dim_owner", "staged_touchpoint.owner_record"),
        text("record_key", "the source record shown", "fact.record", required=True),
        # Counted when the fact is published (fact.source_count): what it says comes from its records all the same.
        Column("count_sources", "integer", "records that hold it", "fact_source.record", required=True),
        *lineage("raw_record.run_id", "raw_record.landed_at", "fact.deleted_at", "fact.record"),
    ),
    f"""
SELECT f.fact_id AS touchpoint_id, f.kind, f.happened_at, {{day(f.happened_at)}} AS happened_date, s.ended_at,
f.direction, f.nature, s.status, f.attached, own.colleague_id AS owner_id, f.record AS record_key,
f.source_count AS count_sources, a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at,
f.deleted_at AS _hub_deleted_at, {{source_of(f.record)}} AS _hub_source
FROM fact f LEFT JOIN staged_touchpoint s ON s.record = f.record {ARRIVED} {OWNED} WHERE f.entity = 'touchpoint'
""",
    (
        Question(
            "How many conversations with partners were there each month, by kind?",
            "SELECT d.year, d.month, f.kind, sum(f.touchpoints) AS touchpoints FROM (SELECT happened_date, kind,"
            " count(*) AS touchpoints FROM fct_touchpoint WHERE attached = 'attached' AND nature = 'person'"
            " GROUP BY happened_date, kind) f JOIN dim_date d ON d.date_day = f.happened_date"
            " GROUP BY d.year, d.month, f.kind ORDER BY d.year, d.month, f.kind",
        ),
    ),
    by_month="happened_at",
)

BRIDGE_TOUCHPOINT_PARTNER: Final = Mart(
    "bridge_touchpoint_partner",
    "One touchpoint on one organization's timeline.",
    "A deleted touchpoint has no rows. A merge moves the rows to the id that stays, a split to where they belong.",
    ("touchpoint_id", "partner_id"),
    (
        text("touchpoint_id", "the touchpoint", "timeline.fact_id", required=True),
        text("partner_id", "the organization", "timeline.organization_id", required=True),
        Column("happened_at", "time", "when it was", "timeline.happened_at", required=True),
        text(
            "attach_method",
            "what tied it: crm_id, person_address, host, domain, name, mention or decision",
            "timeline.method",
            required=True,
        ),
        *lineage_of_tie("fact"),
    ),
    f"""
SELECT t.fact_id AS touchpoint_id, t.organization_id AS partner_id, t.happened_at, t.method AS attach_method,
{tied_by("staged_touchpoint")} FROM timeline t WHERE t.entity = 'touchpoint'
""",
    (
        Question(
            "With which partners was there nothing in ninety days?",
            "SELECT p.partner_id, p.name, max(b.happened_at) AS last_at FROM dim_partner p"
            " LEFT JOIN bridge_touchpoint_partner b ON b.partner_id = p.partner_id"
            " WHERE p.is_current AND p.is_partner GROUP BY p.partner_id, p.name ORDER BY last_at",
        ),
    ),
    by_month="happened_at",
)

FCT_WORK_ITEM: Final = Mart(
    "fct_work_item",
    "One task, ticket, case, issue or project, however many tools hold it.",
    "As fct_touchpoint.",
    ("work_item_id",),
    (
        text("work_item_id", "id of the work item, for good", "fact.fact_id", required=True),
        text("kind", "task, ticket, case, bug, story, project, …", "fact.kind", required=True),
        text("title", "what it says", "fact.title"),
        text("status", "as the source says it", "staged_work_item.status"),
        text("priority", "as the source says it", "staged_work_item.priority"),
        Column("opened_at", "time", "when it was made", "fact.happened_at", required=True),
        Column("due_at", "time", "when it is due", "staged_work_item.due_at"),
        Column("done_at", "time", "when it was done; null while it is open", "staged_work_item.done_at"),
        Column(
            "is_open",
            "boolean",
            "whether it is neither done nor deleted",
            "staged_work_item.done_at",
            required=True,
        ),
        text("owner_id", "colleague it belongs to; see dim_owner", "staged_work_item.owner_record"),
        text("record_key", "the source record shown", "fact.record", required=True),
        *lineage("raw_record.run_id", "raw_record.landed_at", "fact.deleted_at", "fact.record"),
    ),
    f"""
SELECT f.fact_id AS work_item_id, f.kind, f.title, s.status, s.priority, f.happened_at AS opened_at, s.due_at,
s.done_at, f.deleted_at IS NULL AND CASE WHEN f.kind IS NOT NULL THEN s.done_at IS NULL END AS is_open,
own.colleague_id AS owner_id, f.record AS record_key,
a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, f.deleted_at AS _hub_deleted_at,
{{source_of(f.record)}} AS _hub_source
FROM fact f LEFT JOIN staged_work_item s ON s.record = f.record {ARRIVED} {OWNED} WHERE f.entity = 'work_item'
""",
    (
        Question(
            "Which partners wait for us longest?",
            "SELECT b.partner_id, count(*) AS overdue, min(w.due_at) AS since FROM fct_work_item w"
            " JOIN bridge_work_item_partner b ON b.work_item_id = w.work_item_id"
            " WHERE w.is_open AND w.due_at < CURRENT_DATE GROUP BY b.partner_id ORDER BY since",
        ),
    ),
    by_month="opened_at",
)

BRIDGE_WORK_ITEM_PARTNER: Final = Mart(
    "bridge_work_item_partner",
    "One work item on one organization's timeline.",
    "As bridge_touchpoint_partner.",
    ("work_item_id", "partner_id"),
    (
        text("work_item_id", "the work item", "timeline.fact_id", required=True),
        text("partner_id", "the organization", "timeline.organization_id", required=True),
        text("attach_method", "what tied it", "timeline.method", required=True),
        *lineage_of_tie("fact"),
    ),
    f"""
SELECT t.fact_id AS work_item_id, t.organization_id AS partner_id, t.method AS attach_method,
{tied_by("staged_work_item")} FROM timeline t WHERE t.entity = 'work_item'
""",
    (
        Question(
            "How much is open with each partner, and how much of it is overdue?",
            "SELECT b.partner_id, count(*) AS open, sum(CASE WHEN w.due_at < CURRENT_DATE THEN 1 ELSE 0 END)"
            " AS overdue FROM bridge_work_item_partner b JOIN fct_work_item w ON w.work_item_id = b.work_item_id"
            " WHERE w.is_open GROUP BY b.partner_id ORDER BY overdue DESC",
        ),
    ),
)

MARTS: Final = (FCT_TOUCHPOINT, BRIDGE_TOUCHPOINT_PARTNER, FCT_WORK_ITEM, BRIDGE_WORK_ITEM_PARTNER)
