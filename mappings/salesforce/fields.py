"""Salesforce's fields, row by row: staged field, field, cleaner; and what is left out on purpose."""

from __future__ import annotations

from mappings.rows import Row

BOOKKEEPING = frozenset(
    {
        "attributes", "Id", "IsDeleted", "MasterRecordId", "SystemModstamp", "CreatedById", "LastModifiedById",
        "LastActivityDate", "LastCURequestDate", "LastCUUpdateDate", "PhotoUrl", "IsArchived", "Jigsaw*", "CleanStatus",
        "BillingLatitude", "BillingLongitude", "BillingGeocodeAccuracy", "BillingStateCode",
        "ShippingLatitude", "ShippingLongitude", "ShippingGeocodeAccuracy", "ShippingStateCode",
        "MailingLatitude", "MailingLongitude", "MailingGeocodeAccuracy", "MailingStateCode",
        "OtherLatitude", "OtherLongitude", "OtherGeocodeAccuracy", "OtherStateCode",
        "Latitude", "Longitude", "GeocodeAccuracy", "StateCode",
        "HasOpenActivity", "HasOverdueTask", "PushCount", "LastStageChangeInDays", "LastActivityInDays",
        "Fiscal", "FiscalQuarter", "FiscalYear", "ForecastCategory", "ExpectedRevenue", "IsEmailBounced",
    }
)  # fmt: skip
"""Left out on purpose: Salesforce's own counters and caches. Everything else unmapped is carried as `custom.*`."""

OWNER = Row("owner_record", "OwnerId", "record:User")
STAMPS = (
    Row("created_at", "CreatedDate", "time"),
    Row("modified_at", "LastModifiedDate", "time"),
    Row("modified_at", "SystemModstamp", "time"),
)
CURRENCY = Row("currency", "CurrencyIsoCode", "currency")
"""Sent by orgs with several currencies only; the deployment's default stands in."""

ACCOUNT_ROWS = (
    Row("name", "Name", "name", required=True),
    Row("website", "Website", "website"),
    Row("phone", "Phone", "phone"),
    Row("street", "BillingStreet", "street"),
    Row("city", "BillingCity", "line"),
    Row("region", "BillingState", "line"),
    Row("postcode", "BillingPostalCode", "postcode"),
    Row("country", "BillingCountryCode", "country"),
    Row("country", "BillingCountry", "country"),
    Row("industry", "Industry", "line"),
    Row("employees", "NumberOfEmployees", "integer"),
    Row("description", "Description", "text"),
    Row("account_type", "Type", "line"),
    Row("tier", "Partner_Tier__c", "line"),
    Row("tier", "Tier__c", "line"),
    Row("roles_json", "Partner_Type__c", "list"),
    Row("status", "Partner_Status__c", "line"),
    Row("annual_value_minor", "Annual_Value__c", "money"),
    Row("annual_value_minor", "Annual_Contract_Value__c", "money"),
    Row("annual_value_minor", "ARR__c", "money"),
    CURRENCY,
    Row("renews_on", "Renewal_Date__c", "date"),
    Row("reviewed_on", "Last_Review__c", "date"),
    Row("reviewed_on", "Last_Review_Date__c", "date"),
    Row("key.registry.duns", "DunsNumber", "id"),
    *(
        Row("key.registry.vat", f"{name}__c", "id")
        for name in ("VAT_Number", "VAT_ID", "VAT", "VAT_Registration_Number", "Tax_ID", "USt_IdNr")
    ),
    Row("custom.record_type", "RecordType.Name", "line"),
    OWNER,
    *STAMPS,
)
NAMES = (
    Row("given_name", "FirstName", "person_name"),
    Row("family_name", "LastName", "person_name"),
    Row("email", "Email", "email"),
    Row("phone", "Phone", "phone"),
    Row("mobile", "MobilePhone", "phone"),
    Row("title", "Title", "line"),
)
CONTACT_ROWS = (
    *NAMES,
    Row("phone", "HomePhone", "phone"),
    Row("city", "MailingCity", "line"),
    Row("country", "MailingCountryCode", "country"),
    Row("country", "MailingCountry", "country"),
    OWNER,
    *STAMPS,
)
LEAD_ROWS = (
    *NAMES,
    Row("company_name", "Company", "name"),
    Row("city", "City", "line"),
    Row("country", "CountryCode", "country"),
    Row("country", "Country", "country"),
    OWNER,
    *STAMPS,
)
OPPORTUNITY_ROWS = (
    Row("name", "Name", "name", required=True),
    Row("amount_minor", "Amount", "money"),
    CURRENCY,
    Row("pipeline", "RecordType.Name", "line"),
    Row("stage", "StageName", "line"),
    Row("close_date", "CloseDate", "date"),
    Row("deal_type", "Type", "line"),
    OWNER,
    *STAMPS,
)
CONTACT_ROLE_ROWS = (
    Row("from_record", "OpportunityId", "record:Opportunity", required=True),
    Row("to_record", "ContactId", "record:Contact", required=True),
    Row("role", "Role", "line"),
    *STAMPS,
)
PARTNER_ROLE_ROWS = (
    Row("from_record", "OpportunityId", "record:Opportunity", required=True),
    Row("to_record", "AccountToId", "record:Account", required=True),
    Row("role", "Role", "line"),
    *STAMPS,
)
CONTRACT_ROWS = (
    Row("title", "Name", "line"),
    Row("title", "ContractNumber", "line"),
    Row("organization_record", "AccountId", "record:Account"),
    Row("starts_on", "StartDate", "date"),
    Row("ends_on", "EndDate", "date"),
    Row("renews_on", "Renewal_Date__c", "date"),
    Row("reviewed_on", "Last_Review__c", "date"),
    Row("reviewed_on", "Last_Review_Date__c", "date"),
    Row("status", "Status", "line"),
    Row("text", "SpecialTerms", "text"),
    Row("amount_minor", "Contract_Value__c", "money"),
    CURRENCY,
    OWNER,
    *STAMPS,
)
CALL_ROWS = (
    Row("happened_at", "CompletedDateTime", "time"),
    Row("happened_at", "ActivityDate", "time"),
    Row("happened_at", "CreatedDate", "time"),
    Row("subject", "Subject", "line"),
    Row("text", "Description", "text"),
    Row("status", "Status", "line"),
    OWNER,
    *STAMPS,
)
TODO_ROWS = (
    Row("title", "Subject", "line"),
    Row("text", "Description", "text"),
    Row("status", "Status", "line"),
    Row("priority", "Priority", "line"),
    Row("due_at", "ActivityDate", "time"),
    Row("done_at", "CompletedDateTime", "time"),
    OWNER,
    *STAMPS,
)
EVENT_ROWS = (
    Row("happened_at", "StartDateTime", "time"),
    Row("happened_at", "ActivityDateTime", "time"),
    Row("happened_at", "ActivityDate", "time"),
    Row("ended_at", "EndDateTime", "time"),
    Row("subject", "Subject", "line"),
    Row("text", "Description", "text"),
    OWNER,
    *STAMPS,
)
CASE_ROWS = (
    Row("title", "Subject", "line"),
    Row("title", "CaseNumber", "line"),
    Row("text", "Description", "text"),
    Row("status", "Status", "line"),
    Row("priority", "Priority", "line"),
    Row("done_at", "ClosedDate", "time"),
    OWNER,
    *STAMPS,
)
MAIL_ROWS = (
    Row("happened_at", "MessageDate", "time"),
    Row("happened_at", "CreatedDate", "time"),
    Row("subject", "Subject", "line"),
    Row("text", "TextBody", "text"),
    Row("text", "HtmlBody", "html"),
    Row("thread", "ThreadIdentifier", "id"),
    *STAMPS,
)
REGISTRATION_ROWS = (
    Row("name", "Deal_Name__c", "name"),
    Row("name", "Name", "name", required=True),
    Row("amount_minor", "Amount__c", "money"),
    Row("amount_minor", "Deal_Amount__c", "money"),
    Row("amount_minor", "Estimated_Value__c", "money"),
    CURRENCY,
    Row("stage", "Status__c", "line"),
    Row("stage", "Stage__c", "line"),
    Row("close_date", "Close_Date__c", "date"),
    Row("close_date", "Expected_Close_Date__c", "date"),
    OWNER,
    *STAMPS,
)
USER_ROWS = (
    Row("name", "Name", "person_name"),
    Row("email", "Email", "email"),
    Row("active", "IsActive", "boolean"),
    Row("team", "Department", "line"),
    Row("team", "Division", "line"),
    *STAMPS,
)
USER_IGNORED = frozenset({"*"})
"""A user has two hundred fields about preferences and permissions; none of the rest says anything about a partner."""
