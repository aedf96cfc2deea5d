"""Marts of partners: who they are and were, which records they are made of, and by which ids they are known."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage, lineage_of_hub, optional, personal, text

ORGANIZATION: Final = "organization_version"


def of(column: str) -> str:
    """A column of the versions, as lineage."""
    return f"{ORGANIZATION}.{column}"


VALUES: Final = (
    text("name", "the name people read", of("name"), required=True),
    text("legal_name", "name of the legal body", of("legal_name")),
    Column("other_names_json", "json", "list of further names", of("other_names_json")),
    text("website", "address of its site", of("website")),
    text("domain", "registrable domain of the site", of("domain")),
    personal("email", "address of the organization", of("email")),
    personal("phone", "E.164, with ;ext= where given", of("phone")),
    text("street", "street and number", of("street")),
    text("city", "city", of("city")),
    text("region", "state or region", of("region")),
    text("postcode", "postal code", of("postcode")),
    text("country", "ISO 3166-1, two letters", of("country")),
    text("industry", "as the sources say it", of("industry")),
    Column("employees", "integer", "how many work there", of("employees")),
    text("account_type", "the type its system of record gives it", of("account_type")),
    Column("roles_json", "json", "list of roles: reseller, delivery, …", of("roles_json")),
    text("status", "as the sources say it", of("status")),
    text("tier", "tier of the program", of("tier")),
    text("stage", "stage of the partnership", of("stage")),
    text("owner_name", "colleague who owns it; see dim_owner", of("owner"), tags=("pii",)),
)
MONEY: Final = (
    Column(
        "annual_value",
        "decimal",
        "worth a year, in `currency`; never added up across currencies",
        of("annual_value_minor"),
    ),
    Column(
        "annual_value_minor",
        "integer",
        "the same in minor units, exact on both engines",
        of("annual_value_minor"),
    ),
    text("currency", "ISO 4217, of annual_value", of("currency")),
    Column("renews_on", "date", "when the relationship is next renewed", of("renews_on")),
    Column("reviewed_on", "date", "when it was last reviewed with them", of("reviewed_on")),
)

DIM_PARTNER: Final = Mart(
    "dim_partner",
    "One version of one organization: what the hub published about it from valid_from until valid_to.",
    "Deleted at every source: a last version with _hub_deleted_at. Merged: the id that goes has no current version any"
    " more, and xref_partner_alias leads from it to the one that stays. Split: the new id begins with a first version.",
    ("partner_key",),
    (
        text(
            "partner_key",
            "id of this version: partner_id and valid_from",
            of("organization_id"),
            required=True,
        ),
        text("partner_id", "id of the organization, for good", of("organization_id"), required=True),
        Column(
            "valid_from", "time", "since when the hub published this", of("recorded_from_at"), required=True
        ),
        Column("valid_to", "time", "until when; null for what stands now", of("recorded_to_at")),
        Column(
            "is_current", "boolean", "whether this is what stands now", of("recorded_to_at"), required=True
        ),
        Column(
            "is_partner",
            "boolean",
            "whether it is on the partner list now, by any rule",
            "partnership.organization_id",
            required=True,
        ),
        *VALUES,
        *MONEY,
        Column(
            "count_records", "integer", "live source records behind it", of("record_count"), required=True
        ),
        *lineage(of("run_id"), of("recorded_from_at"), of("deleted_at"), ""),
    ),
    """
SELECT v.organization_id || '@' || {stamp(v.recorded_from_at)} AS partner_key, v.organization_id AS partner_id,
v.recorded_from_at AS valid_from, v.recorded_to_at AS valid_to, v.recorded_to_at IS NULL AS is_current,
EXISTS (SELECT 1 FROM partnership p WHERE p.organization_id = v.organization_id) AS is_partner,
v.name, v.legal_name, {json(v.other_names_json)} AS other_names_json, v.website, v.domain, v.email, v.phone, v.street,
v.city, v.region, v.postcode, v.country, v.industry, v.employees, v.account_type, {json(v.roles_json)} AS roles_json,
v.status, v.tier, v.stage, v.owner AS owner_name,
{money(v.annual_value_minor, v.currency)} AS annual_value, v.annual_value_minor, v.currency, v.renews_on, v.reviewed_on,
v.record_count AS count_records,
v.run_id AS _hub_run_id, v.recorded_from_at AS _hub_loaded_at, v.deleted_at AS _hub_deleted_at, 'hub' AS _hub_source
FROM organization_version v
""",
    (
        Question(
            "How many partners are there by tier and country today?",
            "SELECT tier, country, count(*) AS partners FROM dim_partner"
            " WHERE is_current AND is_partner AND _hub_deleted_at IS NULL"
            " GROUP BY tier, country ORDER BY partners DESC",
        ),
        Question(
            "Which partners changed their tier, when, and from what?",
            "SELECT partner_id, name, former, tier, valid_from FROM (SELECT d.*, lag(tier) OVER"
            " (PARTITION BY partner_id ORDER BY valid_from) AS former FROM dim_partner d) AS versions"
            " WHERE former <> tier ORDER BY valid_from",
        ),
    ),
)

XREF_PARTNER_ALIAS: Final = Mart(
    "xref_partner_alias",
    "One id of an organization that was ever published, and the one that answers for it now.",
    "A merge adds a row from the id that goes to the one that stays, in one step however often it was merged; a split"
    " that brings an id back ends that row. Every living id leads to itself, so a join never loses a fact.",
    ("alias_id",),
    (
        text("alias_id", "an id as it was published once", "redirect.from_id", required=True),
        text("partner_id", "the id that answers for it now", "redirect.to_id", required=True),
        Column("is_merged", "boolean", "whether the two differ", "redirect.from_id", required=True),
        Column("merged_at", "time", "since when; null where it answers for itself", "redirect.started_at"),
        *optional(*lineage_of_hub("identity_event.run_id", "identity_event.recorded_at")),
    ),
    """
SELECT a.alias_id, a.partner_id, a.is_merged, a.merged_at,
(SELECT e.run_id FROM identity_event e WHERE e.entity_id = a.alias_id ORDER BY e.event_id DESC LIMIT 1) AS _hub_run_id,
(SELECT max(e.recorded_at) FROM identity_event e WHERE e.entity_id = a.alias_id) AS _hub_loaded_at,
{no_time()} AS _hub_deleted_at, 'hub' AS _hub_source
FROM (SELECT o.organization_id AS alias_id, o.organization_id AS partner_id, 1 = 0 AS is_merged,
{no_time()} AS merged_at FROM organization o
WHERE NOT EXISTS (SELECT 1 FROM redirect r WHERE r.from_id = o.organization_id AND r.ended_at IS NULL)
UNION ALL
SELECT r.from_id, r.to_id, 1 = 1, r.started_at FROM redirect r
WHERE r.entity = 'organization' AND r.ended_at IS NULL) a
""",
    (
        Question(
            "What are my facts, joined by ids of last year, about today?",
            "SELECT a.alias_id, p.partner_id, p.name FROM xref_partner_alias a"
            " JOIN dim_partner p ON p.partner_id = a.partner_id AND p.is_current",
        ),
    ),
)

BRIDGE_PARTNER_SOURCE: Final = Mart(
    "bridge_partner_source",
    "One source record that belongs to one organization, for as long as it does.",
    "A deleted record keeps its row. A merge ends the rows of the id that goes and begins others; so does a split.",
    ("record_key", "valid_from"),
    (
        text("record_key", "source/stream/id of the record", "organization_link.record", required=True),
        text("partner_id", "the organization", "organization_link.organization_id", required=True),
        Column(
            "valid_from", "time", "since when it belongs there", "organization_link.started_at", required=True
        ),
        Column("valid_to", "time", "until when; null while it does", "organization_link.ended_at"),
        Column("is_current", "boolean", "whether it does now", "organization_link.ended_at", required=True),
        text(
            "match_method",
            "what tied it: founding, decision, merged_into, key:<kind>, score, …",
            "organization_link.method",
            required=True,
        ),
        Column("match_bits", "float", "what a match by score was worth, in bits", "organization_link.score"),
        text("record_name", "what the record calls it", "staged_organization.name"),
        Column(
            "modified_at", "time", "when it last changed at its source", "staged_organization.modified_at"
        ),
        *lineage(
            "organization_link.run_id",
            "organization_link.started_at",
            "staged_organization.deleted_at",
            "organization_link.record",
        ),
    ),
    """
SELECT l.record AS record_key, l.organization_id AS partner_id, l.started_at AS valid_from, l.ended_at AS valid_to,
l.ended_at IS NULL AS is_current, l.method AS match_method, l.score AS match_bits, s.name AS record_name, s.modified_at,
l.run_id AS _hub_run_id, l.started_at AS _hub_loaded_at, s.deleted_at AS _hub_deleted_at,
{source_of(l.record)} AS _hub_source
FROM organization_link l LEFT JOIN staged_organization s ON s.record = l.record
""",
    (
        Question(
            "Which partners does only one tool know?",
            "SELECT partner_id, min(_hub_source) AS source FROM bridge_partner_source"
            " WHERE is_current AND _hub_deleted_at IS NULL GROUP BY partner_id HAVING count(DISTINCT _hub_source) = 1",
        ),
    ),
)

IDENTITY_EVENTS: Final = Mart(
    "identity_events",
    "One thing that happened to the id of an organization or person.",
    "Rows are only ever added, in the order of event_id.",
    ("event_id",),
    (
        Column("event_id", "integer", "rises with time", "identity_event.event_id", required=True),
        text("entity", "organization or person", "identity_event.entity", required=True),
        text(
            "event",
            "minted, merged, redirected, revived, split or moved",
            "identity_event.kind",
            required=True,
        ),
        text(
            "entity_id",
            "whose id; merged and redirected: the one that goes",
            "identity_event.entity_id",
            required=True,
        ),
        text(
            "other_id",
            "merged: the one that stays; split, moved, revived: the one of before",
            "identity_event.other_id",
        ),
        text("record_key", "the source record that moved, or founded the id", "identity_event.record"),
        text("cause", "what led to it", "identity_event.cause", required=True),
        Column("happened_at", "time", "when the hub did it", "identity_event.recorded_at", required=True),
        *lineage_of_hub("identity_event.run_id", "identity_event.recorded_at", "identity_event.record"),
    ),
    """
SELECT e.event_id, e.entity, e.kind AS event, e.entity_id, e.other_id, e.record AS record_key, e.cause,
e.recorded_at AS happened_at, e.run_id AS _hub_run_id, e.recorded_at AS _hub_loaded_at, {no_time()} AS _hub_deleted_at,
coalesce({source_of(e.record)}, 'hub') AS _hub_source FROM identity_event e
""",
    (
        Question(
            "Which ids that I joined by were merged or split since a day, and what answers for them now?",
            "SELECT e.happened_at, e.event, e.entity_id, e.other_id, a.partner_id FROM identity_events e"
            " LEFT JOIN xref_partner_alias a ON a.alias_id = e.entity_id"
            " WHERE e.entity = 'organization' AND e.event IN ('merged', 'split') AND e.happened_at >= '2026-01-01'"
            " ORDER BY e.event_id",
        ),
    ),
)

MARTS: Final = (DIM_PARTNER, XREF_PARTNER_ALIAS, BRIDGE_PARTNER_SOURCE, IDENTITY_EVENTS)
