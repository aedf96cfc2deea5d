"""Marts of what was published when: changes of partners, their ids and programs by interval, versions of deals."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage_of_hub, optional, text


def of(column: str) -> str:
    """A column of the change log, as lineage."""
    return f"change_log.{column}"


FCT_PARTNER_CHANGE: Final = Mart(
    "fct_partner_change",
    "One change of one field of one organization as the hub published it, or its coming, going or place on the list.",
    "Rows are only added. Deleted at every source: a change of deleted_at. Merged: the id that goes has a last change"
    " of field `organization` without an after. Split: the new id begins with one without a before.",
    ("change_id",),
    (
        Column("change_id", "integer", "rises with time", of("change_id"), required=True),
        text("partner_id", "the organization", of("organization_id"), required=True),
        text(
            "field",
            "as dim_partner calls it; `organization` for the whole, `partnership.<program>` for its place on a list",
            of("field"),
            required=True,
        ),
        text("before", "what stood; null for nothing", of("before"), tags=("pii",)),
        text("after", "what stands since; null for nothing", of("after"), tags=("pii",)),
        Column("changed_at", "time", "when the hub published it", of("recorded_at"), required=True),
        *lineage_of_hub(of("run_id"), of("recorded_at")),
    ),
    """
SELECT c.change_id, c.organization_id AS partner_id, c.field, c.before, c.after, c.recorded_at AS changed_at,
c.run_id AS _hub_run_id, c.recorded_at AS _hub_loaded_at, {no_time()} AS _hub_deleted_at, 'hub' AS _hub_source
FROM change_log c
""",
    (
        Question(
            "What of partners changes most often?",
            "SELECT field, count(*) AS changes, count(DISTINCT partner_id) AS partners FROM fct_partner_change"
            " GROUP BY field ORDER BY changes DESC",
        ),
    ),
    by_month="changed_at",
)


def deal(column: str) -> str:
    """A column of the versions of deals, as lineage."""
    return f"deal_version.{column}"


FCT_DEAL_HISTORY: Final = Mart(
    "fct_deal_history",
    "One version of one deal: what the hub published about it from valid_from until valid_to.",
    "Deleted at every source: a last version with _hub_deleted_at. A deal no record is left of has no current version."
    " Merges and splits of partners leave it as it is: who has a part in a deal stands in bridge_deal_partner.",
    ("version_id",),
    (
        Column("version_id", "integer", "rises with time", deal("version_id"), required=True),
        text("deal_id", "the deal; see fct_deal", deal("fact_id"), required=True),
        Column(
            "valid_from",
            "time",
            "since when the hub published this; of what came before it kept versions, when its source says it was so",
            deal("recorded_from_at"),
            required=True,
        ),
        Column("valid_to", "time", "until when; null for what stands now", deal("recorded_to_at")),
        Column(
            "is_current", "boolean", "whether this is what stands now", deal("recorded_to_at"), required=True
        ),
        text("name", "what it was called", deal("name"), required=True),
        Column("amount", "decimal", "in `currency`; never added up across currencies", deal("amount_minor")),
        Column(
            "amount_minor", "integer", "the same in minor units, exact on both engines", deal("amount_minor")
        ),
        text("currency", "ISO 4217, of amount", deal("currency")),
        text("pipeline", "as the source says it", deal("pipeline")),
        text("stage", "as the source of its status says it", deal("stage")),
        text("status", "open, won or lost", deal("status")),
        Column("close_date", "date", "when it closed, or was meant to", deal("close_date")),
        text("deal_type", "as the source says it", deal("deal_type")),
        text("owner_name", "colleague who owned it", deal("owner"), tags=("pii",)),
        text("_hub_run_id", "run that wrote this version", deal("run_id"), required=True),
        Column("_hub_deleted_at", "time", "when it was deleted at every source", deal("deleted_at")),
        Column("_hub_loaded_at", "time", "when the hub published it", deal("recorded_from_at")),
        text("_hub_source", "`hub`: several sources make a deal", required=True),
    ),
    """
SELECT v.version_id, v.fact_id AS deal_id, v.recorded_from_at AS valid_from, v.recorded_to_at AS valid_to,
v.recorded_to_at IS NULL AS is_current, v.name, {money(v.amount_minor, v.currency)} AS amount, v.amount_minor,
v.currency, v.pipeline, v.stage, v.status, v.close_date, v.deal_type, v.owner AS owner_name, v.run_id AS _hub_run_id,
v.deleted_at AS _hub_deleted_at, v.recorded_from_at AS _hub_loaded_at, 'hub' AS _hub_source FROM deal_version v
WHERE v.recorded_to_at IS NULL OR v.recorded_to_at > v.recorded_from_at
""",
    (
        Question(
            "What was open at the end of each month, by currency?",
            "SELECT d.date_day, h.currency, count(*) AS deals, sum(h.amount) AS amount FROM dim_date d"
            " JOIN fct_deal_history h ON h.valid_from <= d.date_day AND (h.valid_to IS NULL OR h.valid_to > d.date_day)"
            " WHERE d.day = 1 AND d.date_day <= CURRENT_DATE AND h.status = 'open' AND h._hub_deleted_at IS NULL"
            " GROUP BY d.date_day, h.currency ORDER BY d.date_day, h.currency",
        ),
    ),
    by_month="valid_from",
)

XREF_PARTNER_ALIAS_HISTORY: Final = Mart(
    "xref_partner_alias_history",
    "One interval in which one id of an organization was answered by another one.",
    "A merge begins a row, and one for every id that answered by the id that goes. A split that brings an id back ends"
    " its row. Deletion does nothing to it. An id that always answered for itself has no row.",
    ("alias_id", "valid_from"),
    (
        text("alias_id", "an id as it was published once", "redirect.from_id", required=True),
        text("partner_id", "the id that answered for it", "redirect.to_id", required=True),
        Column("valid_from", "time", "since when", "redirect.started_at", required=True),
        Column("valid_to", "time", "until when; null while it does", "redirect.ended_at"),
        Column("is_current", "boolean", "whether it does now", "redirect.ended_at", required=True),
        *optional(*lineage_of_hub("identity_event.run_id", "redirect.started_at")),
    ),
    """
SELECT r.from_id AS alias_id, r.to_id AS partner_id, r.started_at AS valid_from, r.ended_at AS valid_to,
r.ended_at IS NULL AS is_current, (SELECT max(e.run_id) FROM identity_event e WHERE e.entity_id = r.from_id
AND e.recorded_at = r.started_at) AS _hub_run_id, r.started_at AS _hub_loaded_at, {no_time()} AS _hub_deleted_at,
'hub' AS _hub_source FROM redirect r WHERE r.entity = 'organization'
""",
    (
        Question(
            "Which merges were taken back, and after how long?",
            "SELECT alias_id, partner_id, valid_from, valid_to FROM xref_partner_alias_history"
            " WHERE valid_to IS NOT NULL ORDER BY valid_from",
        ),
    ),
)

BRIDGE_PARTNER_PROGRAM: Final = Mart(
    "bridge_partner_program",
    "One interval in which one organization took part in one program, by one rule.",
    "Deleted at every source, merged into another id or taken off by its rule: the row ends. Split: the new id begins a"
    " row where a rule declares it. A rule that is worded otherwise ends a row and begins the next.",
    ("partner_id", "program", "valid_from"),
    (
        text("partner_id", "the organization", of("organization_id"), required=True),
        text("program", "the program; `default` where there is one only", of("field"), required=True),
        text("rule", "what declared it, in words", of("after"), required=True),
        Column(
            "valid_from", "time", "since when the hub had it on the list", of("recorded_at"), required=True
        ),
        Column("valid_to", "time", "until when; null while it is", of("recorded_at")),
        Column("is_current", "boolean", "whether it is now", of("recorded_at"), required=True),
        *lineage_of_hub(of("run_id"), of("recorded_at")),
    ),
    """
SELECT partner_id, program, rule, valid_from, valid_to, valid_to IS NULL AS is_current, run_id AS _hub_run_id,
valid_from AS _hub_loaded_at, {no_time()} AS _hub_deleted_at, 'hub' AS _hub_source FROM (
SELECT c.organization_id AS partner_id, substr(c.field, 13) AS program, c.after AS rule, c.recorded_at AS valid_from,
c.run_id,
lead(c.recorded_at) OVER (PARTITION BY c.organization_id, c.field ORDER BY c.change_id) AS valid_to
FROM change_log c WHERE c.field LIKE 'partnership.%') logged WHERE rule IS NOT NULL
""",
    (
        Question(
            "How many partners did each program have at the beginning of each month?",
            "SELECT d.date_day, b.program, count(*) AS partners FROM dim_date d JOIN bridge_partner_program b"
            " ON b.valid_from <= d.date_day AND (b.valid_to IS NULL OR b.valid_to > d.date_day)"
            " WHERE d.day = 1 AND d.date_day <= CURRENT_DATE GROUP BY d.date_day, b.program"
            " ORDER BY d.date_day, b.program",
        ),
    ),
)

MARTS: Final = (FCT_PARTNER_CHANGE, FCT_DEAL_HISTORY, XREF_PARTNER_ALIAS_HISTORY, BRIDGE_PARTNER_PROGRAM)
