"""Which properties each kind of object has, as `GET /crm/v3/properties/{kind}` describes them."""

from __future__ import annotations

from typing import Any, Final

from partnerhub.simulator.world.engagements import OUTCOMES, STAGES

COMMON: Final = {
    "createdate": "datetime",
    "hs_createdate": "datetime",
    "hs_lastmodifieddate": "datetime",
    "hs_object_id": "number",
    "hs_merged_object_ids": "enumeration",
    "hubspot_owner_id": "enumeration",
}
"""Property → type, on every kind of object (contacts have `lastmodifieddate` instead)."""

ENGAGEMENT: Final = {
    "hs_timestamp": "datetime",
    "hs_attachment_ids": "string",
    "hs_activity_type": "enumeration",
}

PROPERTIES: Final[dict[str, dict[str, str]]] = {
    "companies": {
        "name": "string",
        "domain": "string",
        "website": "string",
        "phone": "string",
        "address": "string",
        "city": "string",
        "state": "string",
        "zip": "string",
        "country": "string",
        "industry": "enumeration",
        "numberofemployees": "number",
        "type": "enumeration",
        "lifecyclestage": "enumeration",
        "description": "string",
        "hs_parent_company_id": "number",
        "hs_analytics_num_page_views": "number",
        "partner_tier": "enumeration",
        "partner_type": "enumeration",
        "commercial_register_number": "string",
    },
    "contacts": {
        "firstname": "string",
        "lastname": "string",
        "email": "string",
        "hs_additional_emails": "enumeration",
        "phone": "string",
        "jobtitle": "string",
        "company": "string",
        "lifecyclestage": "enumeration",
        "associatedcompanyid": "number",
        "lastmodifieddate": "datetime",
        "hs_calculated_merged_vids": "enumeration",
    },
    "deals": {
        "dealname": "string",
        "amount": "number",
        "deal_currency_code": "enumeration",
        "pipeline": "enumeration",
        "dealstage": "enumeration",
        "dealtype": "enumeration",
        "closedate": "datetime",
        "hs_is_closed": "bool",
        "hs_is_closed_won": "bool",
        **{f"hs_v2_date_entered_{stage}": "datetime" for stage in (*STAGES, *OUTCOMES)},
    },
    "tickets": {
        "subject": "string",
        "content": "string",
        "hs_pipeline": "enumeration",
        "hs_pipeline_stage": "enumeration",
        "hs_ticket_priority": "enumeration",
        "closed_date": "datetime",
    },
    "notes": {**ENGAGEMENT, "hs_note_body": "string"},
    "calls": {
        **ENGAGEMENT,
        "hs_call_title": "string",
        "hs_call_body": "string",
        "hs_call_direction": "enumeration",
        "hs_call_duration": "number",
        "hs_call_status": "enumeration",
    },
    "meetings": {
        **ENGAGEMENT,
        "hs_meeting_title": "string",
        "hs_meeting_body": "string",
        "hs_meeting_start_time": "datetime",
        "hs_meeting_end_time": "datetime",
        "hs_meeting_outcome": "enumeration",
        "hs_i_cal_uid": "string",
    },
    "emails": {
        **ENGAGEMENT,
        "hs_email_subject": "string",
        "hs_email_text": "string",
        "hs_email_direction": "enumeration",
        "hs_email_status": "enumeration",
        "hs_email_message_id": "string",
        "hs_email_from_email": "string",
        "hs_email_to_email": "string",
        "hs_email_cc_email": "string",
    },
    "tasks": {
        **ENGAGEMENT,
        "hs_task_subject": "string",
        "hs_task_body": "string",
        "hs_task_status": "enumeration",
        "hs_task_priority": "enumeration",
        "hs_task_type": "enumeration",
        "hs_task_completion_date": "datetime",
    },
}
"""Kind → property → type, beside `COMMON`. The last three of companies are custom properties of this account."""

CUSTOM: Final = frozenset({"partner_tier", "partner_type", "commercial_register_number"})

DEFAULTS: Final[dict[str, tuple[str, ...]]] = {
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "deals": (
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
    "tickets": (
        "content",
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
        "hs_pipeline",
        "hs_pipeline_stage",
        "subject",
    ),
}
"""Properties sent when a request names none."""

ENGAGEMENT_DEFAULTS: Final = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")

SCOPES: Final = {
    kind: f"crm.objects.{kind}.read" for kind in ("companies", "contacts", "deals", "owners")
} | {"tickets": "tickets"}
"""Kind → scope a token needs; engagements come with contacts."""


def modified_property(kind: str) -> str:
    """The property holding the modification time. Contacts differ, and the other one is simply absent there."""
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def always_sent(kind: str) -> tuple[str, ...]:
    """Properties every answer carries, asked for or not."""
    created = "createdate" if kind in DEFAULTS else "hs_createdate"
    return (created, modified_property(kind), "hs_object_id")


def described(
    kind: str, extra: tuple[str, ...], removed: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """The property definitions of one kind. extra: names added to objects since. removed: properties deleted since."""
    types = {**COMMON, **PROPERTIES.get(kind, {}), **dict.fromkeys(extra, "string")}
    if kind == "contacts":
        del types["hs_lastmodifieddate"]
    return [_definition(kind, name, type_) for name, type_ in sorted(types.items()) if name not in removed]


def _definition(kind: str, name: str, type_: str) -> dict[str, Any]:
    """One definition in the shape HubSpot sends."""
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": type_,
        "fieldType": {"enumeration": "select", "datetime": "date", "number": "number"}.get(type_, "text"),
        "description": "",
        "groupName": f"{kind.rstrip('s')}information",
        "options": [],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": name not in CUSTOM,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": True, "readOnlyValue": False},
        "formField": False,
    }
