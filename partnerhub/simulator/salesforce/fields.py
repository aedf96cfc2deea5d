"""The objects of the simulated org and their fields, as `describe` tells them. Data only."""

from __future__ import annotations

from typing import Any, Final

from partnerhub.simulator.salesforce.identifiers import PREFIXES, UNLISTED

REFERENCES: Final = {
    "OwnerId": ("User", "Owner"),
    "CreatedById": ("User", "CreatedBy"),
    "AccountId": ("Account", "Account"),
    "ContactId": ("Contact", "Contact"),
    "OpportunityId": ("Opportunity", "Opportunity"),
    "ParentId": ("Account", "Parent"),
    "MasterRecordId": ("", "MasterRecord"),
    "AccountToId": ("Account", "AccountTo"),
    "ActivityId": ("Task", "Activity"),
    "RelatedToId": ("Account", "RelatedTo"),
    "WhoId": ("Contact", "Who"),
    "WhatId": ("Account", "What"),
    "Account__c": ("Account", "Account__r"),
    "ConvertedAccountId": ("Account", "ConvertedAccount"),
    "ConvertedContactId": ("Contact", "ConvertedContact"),
    "ConvertedOpportunityId": ("Opportunity", "ConvertedOpportunity"),
    "EventId": ("Event", "Event"),
    "RelationId": ("Contact", "Relation"),
    "ReportsToId": ("Contact", "ReportsTo"),
}
"""Reference field → (object it points to, relationship name); `Case.ParentId` is the one exception, and never set."""

TYPES: Final = {
    "Id": "id",
    "CurrencyIsoCode": "picklist",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "phone",
    "Website": "url",
    "Description": "textarea",
    "SpecialTerms": "textarea",
    "TextBody": "textarea",
    "Amount": "currency",
    "AnnualRevenue": "currency",
    "NumberOfEmployees": "int",
    "ContractTerm": "int",
    "DurationInMinutes": "int",
    "CallDurationInSeconds": "int",
    "Probability": "percent",
    "CloseDate": "date",
    "ConvertedDate": "date",
    "ActivityDate": "date",
    "StartDate": "date",
    "EndDate": "date",
    "BillingAddress": "address",
    "MailingAddress": "address",
    "Address": "address",
    "Type": "picklist",
    "Status": "picklist",
    "StageName": "picklist",
    "Priority": "picklist",
    "Partner_Tier__c": "picklist",
    "Status__c": "picklist",
    "Annual_Value__c": "currency",
    "Amount__c": "currency",
    "Last_Review__c": "date",
    "Left_Company_On__c": "date",
    "Registered_On__c": "date",
    "Expires_On__c": "date",
}
"""Field → its type; `…Date` and `…DateTime` names, stamps and flags are found by their name, the rest is `string`."""

FLAGS: Final = (
    "IsDeleted",
    "IsActive",
    "IsClosed",
    "IsWon",
    "IsPrimary",
    "IsConverted",
    "IsArchived",
    "IsTask",
)
STAMPED: Final = (
    "CreatedDate",
    "LastModifiedDate",
    "SystemModstamp",
    "CompletedDateTime",
    "StartDateTime",
    "EndDateTime",
    "ClosedDate",
    "MessageDate",
    "LastViewedDate",
    "LastReferencedDate",
    "LastLoginDate",
)
COMMON: Final = (
    "Id",
    "IsDeleted",
    "CurrencyIsoCode",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "SystemModstamp",
)

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "Organization": ("Id", "Name", "OrganizationType", "InstanceName", "IsSandbox", "CreatedDate", "SystemModstamp"),
    "User": (
        "Id", "Username", "Name", "FirstName", "LastName", "Email", "IsActive", "Title", "Department", "UserType",
        "CreatedDate", "LastModifiedDate", "SystemModstamp", "LastLoginDate", "SmallPhotoUrl",
    ),
    "Account": (
        *COMMON, "MasterRecordId", "Name", "Type", "ParentId", "BillingStreet", "BillingCity", "BillingState",
        "BillingPostalCode", "BillingCountry", "BillingAddress", "Phone", "Website", "Industry", "NumberOfEmployees",
        "Description", "OwnerId", "AccountNumber", "LastViewedDate", "LastReferencedDate", "Partner_Tier__c",
        "Annual_Value__c", "Last_Review__c",
    ),
    "Contact": (
        *COMMON, "MasterRecordId", "AccountId", "FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone",
        "Title", "MailingCity", "MailingCountry", "MailingAddress", "OwnerId", "ReportsToId", "LastViewedDate",
        "Left_Company_On__c",
    ),
    "Lead": (
        *COMMON, "MasterRecordId", "FirstName", "LastName", "Name", "Company", "Email", "Phone", "Title", "Status",
        "OwnerId", "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
        "Address", "City", "Country", "Website",
    ),
    "Opportunity": (
        *COMMON, "AccountId", "Name", "Description", "StageName", "Amount", "Probability", "CloseDate", "Type",
        "IsClosed", "IsWon", "OwnerId", "ContactId",
    ),
    "OpportunityHistory": (
        "Id", "OpportunityId", "CreatedById", "CreatedDate", "StageName", "Amount", "CloseDate", "CurrencyIsoCode",
        "SystemModstamp", "IsDeleted",
    ),
    "OpportunityContactRole": (*COMMON, "OpportunityId", "ContactId", "Role", "IsPrimary"),
    "OpportunityPartner": (*COMMON, "OpportunityId", "AccountToId", "Role", "IsPrimary"),
    "Contract": (
        *COMMON, "AccountId", "ContractNumber", "Name", "Status", "StartDate", "EndDate", "ContractTerm", "OwnerId",
        "SpecialTerms", "Description",
    ),
    "Task": (
        *COMMON, "WhoId", "WhatId", "AccountId", "Subject", "ActivityDate", "Status", "Priority", "OwnerId",
        "Description", "IsClosed", "TaskSubtype", "CallDurationInSeconds", "CallType", "CompletedDateTime",
        "IsArchived",
    ),
    "Event": (
        *COMMON, "WhoId", "WhatId", "AccountId", "Subject", "Location", "StartDateTime", "EndDateTime",
        "DurationInMinutes", "OwnerId", "Description", "EventSubtype", "IsArchived",
    ),
    "EventRelation": (*COMMON, "EventId", "RelationId", "Status"),
    "Case": (
        *COMMON, "MasterRecordId", "AccountId", "ContactId", "CaseNumber", "Subject", "Description", "Status",
        "Priority", "Origin", "IsClosed", "ClosedDate", "OwnerId",
    ),
    "EmailMessage": (
        *COMMON, "ActivityId", "RelatedToId", "MessageIdentifier", "Subject", "TextBody", "FromAddress", "FromName",
        "ToAddress", "CcAddress", "MessageDate", "Status",
    ),
    "Deal_Registration__c": (
        *COMMON, "Name", "OwnerId", "Account__c", "End_Customer__c", "Status__c", "Amount__c", "Registered_On__c",
        "Expires_On__c",
    ),
}  # fmt: skip
"""Object → its fields, in the order Salesforce lists them."""

CHILDREN: Final = {
    ("Task", "EmailMessages"): ("EmailMessage", "ActivityId"),
    ("Account", "Contacts"): ("Contact", "AccountId"),
    ("Event", "EventRelations"): ("EventRelation", "EventId"),
    ("Opportunity", "OpportunityHistories"): ("OpportunityHistory", "OpportunityId"),
}
"""(object, child relationship) → (child object, its reference)."""


def field_type(name: str) -> str:
    """The type of a field by its name."""
    if name in REFERENCES:
        return "reference"
    if name in FLAGS:
        return "boolean"
    return "datetime" if name in STAMPED else TYPES.get(name, "string")


def described_field(name: str) -> dict[str, Any]:
    """One field as `describe` shows it, with the properties integrations read."""
    target, relation = REFERENCES.get(name, ("", None))
    polymorphic = {
        "Who": ["Contact", "Lead"],
        "What": ["Account", "Opportunity", "Case", "Contract"],
        "Relation": ["Contact", "Lead", "User", "Account"],
    }
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "type": field_type(name),
        "custom": name.endswith("__c"),
        "calculated": False,
        "deprecatedAndHidden": False,
        "nillable": name not in {"Id", "SystemModstamp"},
        "referenceTo": polymorphic.get(relation or "", [target] if target else []),
        "relationshipName": relation,
        "compoundFieldName": None,
    }


def described(name: str, fields: list[str]) -> dict[str, Any]:
    """An object as `describe` shows it to a user who sees these fields."""
    children = [
        {
            "childSObject": child,
            "field": reference,
            "relationshipName": relation,
            "deprecatedAndHidden": False,
        }
        for (parent, relation), (child, reference) in CHILDREN.items()
        if parent == name
    ]
    return {
        **summary(name),
        "fields": [described_field(one) for one in fields],
        "childRelationships": children,
    }


def summary(name: str) -> dict[str, Any]:
    """An object as the global describe lists it."""
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "keyPrefix": PREFIXES.get(name, UNLISTED),
        "custom": name.endswith("__c"),
        "queryable": True,
        "retrieveable": True,
        "replicateable": True,
        "deprecatedAndHidden": False,
    }
