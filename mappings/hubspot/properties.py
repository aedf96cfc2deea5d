"""HubSpot's properties, row by row: staged field, property, cleaner; and what is left out on purpose."""

from __future__ import annotations

from mappings.rows import Row

ENVELOPE = frozenset(
    "$." + name
    for name in (
        "id", "archived", "archivedAt", "createdAt", "updatedAt", "associations", "propertiesWithHistory", "url",
        "objectWriteTraceId",
    )
)  # fmt: skip
"""What stands around `properties` in every object; `archived` is the engine's business."""

BOOKKEEPING = ENVELOPE | {
    # HubSpot reserves the prefix: no property a customer defines begins with it.
    "hs_*",
    "hubspot_owner_assigneddate",
    "hubspot_team_id",
    "first_conversion_*",
    "recent_conversion_*",
    "first_contact_createdate",
    "first_contact_createdate_timestamp_earliest_value_78b50eea",
    "first_deal_created_date",
    "recent_deal_amount",
    "recent_deal_close_date",
    "notes_last_contacted",
    "notes_last_updated",
    "notes_next_activity_date",
    "num_associated_contacts",
    "num_associated_deals",
    "num_contacted_notes",
    "num_conversion_events",
    "num_notes",
    "num_unique_conversion_events",
    "associatedcompanyid",
    "associatedcompanylastupdated",
    "days_to_close",
    "lastmodifieddate",
    "ip_*",
}
"""Left out on purpose: HubSpot's own counters and caches. Everything else unmapped is carried as `custom.*`."""

MAIL_DIRECTIONS = {"EMAIL": "out", "INCOMING_EMAIL": "in", "FORWARDED_EMAIL": "in"}
CALL_DIRECTIONS = {"INBOUND": "in", "OUTBOUND": "out"}
OWNER = Row("owner_record", "hubspot_owner_id", "record:owners")
CREATED = (Row("created_at", "createdate", "time"), Row("created_at", "hs_createdate", "time"))
MODIFIED = (
    Row("modified_at", "hs_lastmodifieddate", "time"),
    Row("modified_at", "lastmodifieddate", "time"),
    Row("modified_at", "$.updatedAt", "time"),
)
STAMPS = (*CREATED, Row("created_at", "$.createdAt", "time"), *MODIFIED)

COMPANY_ROWS = (
    Row("name", "name", "name", required=True),
    # HubSpot itself shows the domain where a company was never given a name.
    Row("name", "domain", "name"),
    Row("website", "website", "website"),
    Row("website", "domain", "website"),
    Row("key.host", "domain", "host"),
    Row("key.host", "hs_additional_domains", "host"),
    Row("phone", "phone", "phone"),
    Row("street", "address", "street"),
    Row("city", "city", "line"),
    Row("region", "state", "line"),
    Row("postcode", "zip", "postcode"),
    Row("country", "country", "country"),
    Row("country", "hs_country_code", "country"),
    Row("industry", "industry", "line"),
    Row("employees", "numberofemployees", "integer"),
    Row("description", "description", "text"),
    Row("account_type", "type", "line"),
    Row("stage", "lifecyclestage", "line"),
    Row("status", "hs_lead_status", "line"),
    Row("tier", "partner_tier", "line"),
    Row("roles_json", "partner_type", "list"),
    Row("annual_value_minor", "annual_value", "money"),
    Row("annual_value_minor", "annual_contract_value", "money"),
    Row("annual_value_minor", "arr", "money"),
    Row("currency", "annual_value_currency", "currency"),
    Row("renews_on", "renewal_date", "date"),
    Row("renews_on", "contract_renewal_date", "date"),
    Row("reviewed_on", "last_review_date", "date"),
    Row("reviewed_on", "last_business_review_date", "date"),
    OWNER,
    *STAMPS,
)
CONTACT_ROWS = (
    Row("given_name", "firstname", "person_name"),
    Row("family_name", "lastname", "person_name"),
    Row("email", "email", "email"),
    Row("key.email", "hs_additional_emails", "email"),
    Row("phone", "phone", "phone"),
    Row("mobile", "mobilephone", "phone"),
    Row("title", "jobtitle", "line"),
    Row("city", "city", "line"),
    Row("country", "country", "country"),
    Row("country", "hs_country_region_code", "country"),
    Row("company_name", "company", "name"),
    OWNER,
    *STAMPS,
)
DEAL_ROWS = (
    Row("name", "dealname", "name", required=True),
    Row("amount_minor", "amount", "money"),
    Row("currency", "deal_currency_code", "currency"),
    Row("pipeline", "pipeline", "line"),
    Row("stage", "dealstage", "line"),
    Row("close_date", "closedate", "date"),
    Row("deal_type", "dealtype", "line"),
    # What HubSpot's own link to Salesforce keeps.
    Row("key.crm_id.salesforce", "hs_salesforceopportunityid", "id"),
    OWNER,
    *STAMPS,
)
OWNER_ROWS = (
    Row("email", "email", "email"),
    Row("created_at", "createdAt", "time"),
    Row("modified_at", "updatedAt", "time"),
)
OWNER_IGNORED = frozenset(
    {"id", "userId", "userIdIncludingInactive", "archived", "type", "firstName", "lastName", "teams"}
)
"""Read by `records.owner`, or without meaning outside HubSpot."""
HAPPENED = (
    Row("happened_at", "hs_timestamp", "time"),
    Row("happened_at", "hs_createdate", "time"),
    Row("happened_at", "$.createdAt", "time"),
)
NOTE_ROWS = (*HAPPENED, Row("text", "hs_note_body", "html"), OWNER, *STAMPS)
EMAIL_ROWS = (
    *HAPPENED,
    Row("subject", "hs_email_subject", "line"),
    Row("text", "hs_email_text", "text"),
    Row("text", "hs_email_html", "html"),
    Row("direction", "hs_email_direction", "code:mail_directions"),
    Row("status", "hs_email_status", "line"),
    Row("thread", "hs_email_thread_id", "id"),
    OWNER,
    *STAMPS,
)
MEETING_ROWS = (
    Row("happened_at", "hs_meeting_start_time", "time"),
    *HAPPENED,
    Row("ended_at", "hs_meeting_end_time", "time"),
    Row("subject", "hs_meeting_title", "line"),
    Row("text", "hs_meeting_body", "html"),
    Row("text", "hs_internal_meeting_notes", "html"),
    Row("status", "hs_meeting_outcome", "line"),
    OWNER,
    *STAMPS,
)
CALL_ROWS = (
    *HAPPENED,
    Row("subject", "hs_call_title", "line"),
    Row("text", "hs_call_body", "html"),
    Row("direction", "hs_call_direction", "code:call_directions"),
    Row("status", "hs_call_status", "line"),
    OWNER,
    *STAMPS,
)
TASK_ROWS = (
    Row("title", "hs_task_subject", "line"),
    Row("text", "hs_task_body", "html"),
    Row("status", "hs_task_status", "line"),
    Row("priority", "hs_task_priority", "line"),
    Row("due_at", "hs_timestamp", "time"),
    Row("done_at", "hs_task_completion_date", "time"),
    OWNER,
    *STAMPS,
)
TICKET_ROWS = (
    Row("title", "subject", "line"),
    Row("text", "content", "html"),
    Row("status", "hs_pipeline_stage", "line"),
    Row("priority", "hs_ticket_priority", "line"),
    Row("due_at", "hs_time_to_close_sla_at", "time"),
    Row("done_at", "closed_date", "time"),
    OWNER,
    *STAMPS,
)
