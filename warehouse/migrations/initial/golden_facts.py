"""Tables of the golden layer as migration 0001 creates them. Frozen: later changes are migrations."""

from __future__ import annotations

from warehouse.migrations.tables import Field, Index, Table

TABLES = (
    Table(
        "candidate",
        "An unknown domain with which there is a two-way conversation: perhaps a partner.",
        (
            Field("domain", "text key"),
            Field("inbound", "int"),
            Field("outbound", "int"),
            Field("people", "int"),
            Field("first_at", "time"),
            Field("last_at", "time"),
            Field("sample_subject", "text null"),
        ),
    ),
    Table(
        "fact",
        "One touchpoint, deal, work item or agreement, however many sources hold it.\n\n    fact_id is UUIDv5 of what makes copies equal (`same_as`), else of the source record's key.",
        (
            Field("fact_id", "text key"),
            Field("entity", "text", "touchpoint, deal, work_item, document or agreement"),
            Field("kind", "text"),
            Field("happened_at", "time"),
            Field("title", "text null"),
            Field("record", "text", "the staged record shown: the smallest key among its live copies"),
            Field("nature", "text", default="'person'"),
            Field("direction", "text null"),
            Field("thread", "text null"),
            Field(
                "attached",
                "text",
                "attached; else why it is on no timeline: internal, bulk, unknown, ambiguous, generic or deleted",
            ),
            Field("deleted_at", "time null"),
        ),
    ),
    Table(
        "fact_link",
        "What ties a fact to an organization: an anchor, never an organization id.\n\n    anchor: `record:<record key>`, `email:<address>`, `host:<host>` or `domain:<domain>`. role: what the source calls the\n    relation, or the participant's role; `attach` and `detach` for a person's decision.",
        (
            Field("fact_id", "text key"),
            Field("anchor", "text key"),
            Field("role", "text key", default="''"),
            Field("method", "text", "crm_id, person_address, host, domain or decision"),
            Field("score", "float", default="1.0"),
            Field("since", "date null"),
            Field("until", "date null"),
            Field("stated_by", "text null", "the relation record that says so, where one does"),
        ),
        (
            Index("fact_link_anchor", ("anchor",)),
            Index("fact_link_stated_by", ("stated_by",), where="stated_by IS NOT NULL"),
        ),
    ),
    Table(
        "fact_source",
        "A staged record that is a copy of a fact.",
        (
            Field("record", "text key"),
            Field("fact_id", "text"),
        ),
        (Index("fact_source_fact", ("fact_id",)),),
    ),
    Table(
        "person",
        "One person as the hub publishes them now.",
        (
            Field("person_id", "text key"),
            Field("name", "text null"),
            Field("email", "text null"),
            Field("phone", "text null"),
            Field("title", "text null"),
            Field("record_count", "int", default="0"),
            Field("deleted_at", "time null"),
            Field("anchors_json", "json null", "JSON list of their records and mail addresses"),
        ),
    ),
    Table(
        "person_organization",
        "A person works, or worked, at an organization.",
        (
            Field("person_id", "text key"),
            Field("organization_id", "text key"),
            Field("role", "text key", default="''"),
            Field("record", "text", "the relation record that says so"),
            Field("since", "date null"),
            Field("until", "date null"),
        ),
        (
            Index("person_organization_org", ("organization_id",)),
            Index("person_organization_record", ("record",)),
        ),
    ),
    Table(
        "timeline",
        "One fact on one organization's timeline.",
        (
            Field("organization_id", "text key"),
            Field("happened_at", "time key"),
            Field("fact_id", "text key"),
            Field("entity", "text"),
            Field("kind", "text"),
            Field("method", "text", "how it attached: crm_id, person_address, host, domain, decision"),
            Field("anchor", "text"),
        ),
        (Index("timeline_fact", ("fact_id",)),),
    ),
)
