"""Salesforce → staged records: accounts, people, opportunities, activities, cases, contracts, users, registered deals.

A custom object without rows here stays raw. One that registers deals is recognized by its usual names; what its fields
are called a deployment says with `fields:`.
"""

from __future__ import annotations

from mappings.rows import Extra, Mapping, Row, StreamMapping
from mappings.salesforce import activities, records
from mappings.salesforce.fields import (
    ACCOUNT_ROWS,
    BOOKKEEPING,
    CASE_ROWS,
    CONTACT_ROLE_ROWS,
    CONTACT_ROWS,
    CONTRACT_ROWS,
    EVENT_ROWS,
    HISTORY_ROWS,
    LEAD_ROWS,
    MAIL_ROWS,
    OPPORTUNITY_ROWS,
    PARTNER_ROLE_ROWS,
    REGISTRATION_ROWS,
    USER_IGNORED,
    USER_ROWS,
)

REGISTRATIONS = ("Deal_Registration__c", "DealRegistration__c", "Deal_Reg__c", "Partner_Deal_Registration__c")
"""What orgs call the object in which partners register deals."""


def _object(kind: str, rows: tuple[Row, ...], extra: Extra | None, *also_ignored: str) -> StreamMapping:
    return StreamMapping(kind, rows, ignored=BOOKKEEPING | frozenset(also_ignored), extra=extra)


MAPPING = Mapping(
    connector="salesforce",
    streams={
        "User": StreamMapping("colleague", USER_ROWS, ignored=USER_IGNORED, extra=records.user),
        "Account": _object("organization", ACCOUNT_ROWS, records.account, "ParentId"),
        "Contact": _object(
            "person", CONTACT_ROWS, records.contact, "AccountId", "Name", "Left_Company_On__c"
        ),
        "Lead": _object("person", LEAD_ROWS, records.person, "Name"),
        "Opportunity": _object(
            "deal",
            OPPORTUNITY_ROWS,
            records.opportunity,
            "AccountId",
            "ContactId",
            "IsClosed",
            "IsWon",
        ),
        "OpportunityHistory": _object(
            "deal_stage_change", HISTORY_ROWS, None, "Amount", "CloseDate", "CurrencyIsoCode"
        ),
        "OpportunityContactRole": _object("relation", CONTACT_ROLE_ROWS, records.party, "CurrencyIsoCode"),
        "OpportunityPartner": _object("relation", PARTNER_ROLE_ROWS, records.party, "CurrencyIsoCode"),
        "Contract": _object("agreement", CONTRACT_ROWS, records.contract, "Description"),
        "Task": StreamMapping(None, extra=activities.task),
        "Event": _object("touchpoint", EVENT_ROWS, activities.event, *activities.REFERENCES),
        "Case": _object("work_item", CASE_ROWS, activities.case, *activities.REFERENCES),
        "EmailMessage": _object("touchpoint", MAIL_ROWS, activities.email, *activities.MAIL_PARTS),
        **{
            name: _object("deal", REGISTRATION_ROWS, records.registration, "End_Customer__c")
            for name in REGISTRATIONS
        },
    },
)
