"""Salesforce → staged records: accounts, people, opportunities, activities, cases, contracts, users, registered deals.

A further object stays raw unless it registers deals, which is recognized by its usual names, or the settings say what
its records are (`objects: {Visit__c: meeting}`). What its fields are called a deployment says with `fields:`.
"""

from __future__ import annotations

from mappings.rows import Extra, Mapping, Row, StreamMapping
from mappings.salesforce import activities, records
from mappings.salesforce.configured import configured
from mappings.salesforce.fields import (
    ACCOUNT_ROWS,
    BOOKKEEPING,
    CALL_ROWS,
    CASE_ROWS,
    CONTACT_ROLE_ROWS,
    CONTACT_ROWS,
    CONTRACT_ROWS,
    EVENT_ROWS,
    LEAD_ROWS,
    MAIL_ROWS,
    OPPORTUNITY_ROWS,
    PARTNER_ROLE_ROWS,
    REGISTRATION_ROWS,
    TODO_ROWS,
    USER_IGNORED,
    USER_ROWS,
)

REGISTRATIONS = ("Deal_Registration__c", "DealRegistration__c", "Deal_Reg__c", "Partner_Deal_Registration__c")
"""What orgs call the object in which partners register deals."""


def _object(kind: str, rows: tuple[Row, ...], extra: Extra | None, *also_ignored: str) -> StreamMapping:
    makes = (*(("deal_stage_change",) if kind == "deal" else ()), "relation")
    ignored = BOOKKEEPING | frozenset(also_ignored)
    return StreamMapping(kind, rows, ignored=ignored, extra=extra, makes=makes)


MAPPING = Mapping(
    connector="salesforce",
    streams={
        "User": StreamMapping("colleague", USER_ROWS, ignored=USER_IGNORED, extra=records.user),
        "Account": _object("organization", ACCOUNT_ROWS, records.account, "ParentId", "RecordType"),
        "Contact": _object(
            "person", CONTACT_ROWS, records.contact, "AccountId", "Name", "Left_Company_On__c"
        ),
        "Lead": _object("person", LEAD_ROWS, records.lead, "Name", "Converted*"),
        "Opportunity": _object(
            "deal",
            OPPORTUNITY_ROWS,
            records.opportunity,
            "AccountId",
            "ContactId",
            "IsClosed",
            "IsWon",
            "OpportunityHistories",
            "RecordType",
        ),
        # Kept as it came: the stages among its rows are read together with the opportunity.
        "OpportunityHistory": StreamMapping(None),
        "OpportunityContactRole": _object("relation", CONTACT_ROLE_ROWS, records.party, "CurrencyIsoCode"),
        "OpportunityPartner": _object("relation", PARTNER_ROLE_ROWS, records.party, "CurrencyIsoCode"),
        "Contract": _object("agreement", CONTRACT_ROWS, records.contract, "Description"),
        "Task": StreamMapping(
            None,
            choose=activities.task_kind,
            variants={
                activities.TODO: _object("work_item", TODO_ROWS, activities.todo, *activities.TASK_PARTS),
                activities.CALL: _object("touchpoint", CALL_ROWS, activities.call, *activities.TASK_PARTS),
                activities.EMAIL: _object(
                    "touchpoint", CALL_ROWS, activities.logged_mail, *activities.TASK_PARTS
                ),
            },
        ),
        "Event": _object("touchpoint", EVENT_ROWS, activities.event, *activities.EVENT_PARTS),
        "Case": _object("work_item", CASE_ROWS, activities.case, *activities.REFERENCES),
        "EmailMessage": _object("touchpoint", MAIL_ROWS, activities.email, *activities.MAIL_PARTS),
        **{
            name: _object("deal", REGISTRATION_ROWS, records.registration, "End_Customer__c")
            for name in REGISTRATIONS
        },
    },
    configured=configured,
)
