"""Salesforce's payloads as staged records."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SkipRecord
from connectors.salesforce.streams import OBJECTS
from mappings.compile import compile_stream
from mappings.discover import mapping_for, stream_mapping_for
from mappings.mail_identity import mail_same_as
from mappings.rows import Context, StagedOutput, Stager
from mappings.validate import KINDS

MOMENT = "2026-05-01T12:00:00.000+0000"
UTC_MOMENT = "2026-05-01T12:00:00.000000Z"
ACCOUNT, CONTACT, DEAL, USER = (
    "0015g000000AAAAAA2",
    "0035g000000AAAAAA2",
    "0065g000000AAAAAA2",
    "0055g000000AAAAAA2",
)


@cache
def stager(stream: str) -> Stager:
    mapping = stream_mapping_for(mapping_for("salesforce"), stream)
    assert mapping is not None
    return compile_stream(mapping)


def staged(stream: str, deleted_at: str | None = None, /, **fields: Any) -> StagedOutput:
    payload = {
        "attributes": {"type": stream, "url": f"/services/data/v61.0/sobjects/{stream}/1"},
        "Id": "1", "IsDeleted": False, "CreatedDate": MOMENT, "LastModifiedDate": MOMENT, "SystemModstamp": MOMENT,
        **fields,
    }  # fmt: skip
    settings = {"default_currency": "EUR"}
    nobody: frozenset[str] = frozenset()
    context = Context("crm", stream, "1", 1, "r", UTC_MOMENT, deleted_at, "DE", nobody, nobody, settings)
    return stager(stream)(payload, context)


def only(output: StagedOutput, kind: str) -> dict[str, Any]:
    (row,) = output.rows[kind]
    assert output.findings == []
    return row


def ends(output: StagedOutput) -> set[tuple[str, str]]:
    return {(row["kind"], row["to_record"]) for row in output.rows.get("relation", [])}


@pytest.mark.parametrize("stream", [*OBJECTS, "Deal_Registration__c", "EmailMessage"])
def test_every_stream_has_a_mapping(stream):
    assert callable(stager(stream))


def test_a_custom_object_nobody_knows_stays_raw():
    assert stream_mapping_for(mapping_for("salesforce"), "Fund_Request__c") is None


# ---------------------------------------------------------------- organizations and people


def test_account_with_value_tier_review_owner_and_a_field_of_its_own():
    output = staged(
        "Account", Name="Acme GmbH", Website="www.acme.example", Phone="030 1234567", BillingStreet="Weg 1",
        BillingCity="Dresden", BillingPostalCode="01067", BillingCountry="Germany", Type="Channel Partner / Reseller",
        Partner_Tier__c="Silver", Annual_Value__c=310000.0, CurrencyIsoCode="USD", Last_Review__c="2026-03-01",
        OwnerId=USER, Favorite_Color__c="blue", AccountNumber="K-17",
    )  # fmt: skip
    row = only(output, "organization")
    assert (row["domain"], row["country"], row["postcode"]) == ("acme.example", "DE", "01067")
    assert (row["annual_value_minor"], row["currency"]) == (31_000_000, "USD")
    assert (row["tier"], row["reviewed_on"], row["owner_record"]) == (
        "Silver",
        "2026-03-01",
        f"crm/User/{USER}",
    )
    assert row["created_at"] == UTC_MOMENT
    assert json.loads(row["custom_json"]) == {"AccountNumber": "K-17", "Favorite_Color__c": "blue"}


def test_an_org_with_one_currency_has_the_deployments():
    row = only(staged("Account", Name="Acme", Annual_Value__c=12.5), "organization")
    assert (row["annual_value_minor"], row["currency"]) == (1250, "EUR")


def test_a_parent_account_is_the_parent():
    (relation,) = staged("Account", Name="Branch", ParentId=ACCOUNT).rows["relation"]
    ends_of_it = (relation["kind"], relation["from_record"], relation["to_record"])
    assert ends_of_it == ("parent_of", f"crm/Account/{ACCOUNT}", "crm/Account/1")


def test_account_without_a_name_is_set_aside():
    with pytest.raises(SkipRecord) as caught:
        staged("Account", Name=None)
    assert caught.value.code == "missing_name"


def test_contact_works_at_its_account_until_the_day_noted():
    output = staged(
        "Contact", FirstName="Ada", LastName="L", Email="Ada@A.example", AccountId=ACCOUNT,
        Left_Company_On__c="2026-04-30",
    )  # fmt: skip
    row = only(output, "person")
    assert (row["name"], row["email"], row["custom_json"]) == ("Ada L", "ada@a.example", None)
    (relation,) = output.rows["relation"]
    assert (relation["kind"], relation["to_record"]) == ("works_at", f"crm/Account/{ACCOUNT}")
    assert relation["until"] == "2026-04-30"


def test_lead_names_its_company_in_words():
    output = staged("Lead", FirstName="Bo", LastName="K", Company="Acme", Status="Open")
    row = only(output, "person")
    assert (row["name"], row["company_name"], row["custom_json"]) == ("Bo K", "Acme", '{"Status":"Open"}')
    assert "relation" not in output.rows


@pytest.mark.fault("F53")
def test_a_converted_lead_works_at_its_account_and_began_the_deal():
    converted = {"ConvertedAccountId": ACCOUNT, "ConvertedContactId": CONTACT, "ConvertedOpportunityId": DEAL}
    output = staged("Lead", FirstName="Bo", LastName="K", Company="Acme", IsConverted=True, **converted)
    assert only(output, "person")["custom_json"] == '{"IsConverted":true}'
    works, began = output.rows["relation"]
    assert (works["kind"], works["to_record"]) == ("works_at", f"crm/Account/{ACCOUNT}")
    assert (began["kind"], began["from_record"], began["to_record"], began["role"]) == (
        "party", f"crm/Opportunity/{DEAL}", "crm/Lead/1", "Lead",
    )  # fmt: skip


def test_a_value_added_tax_number_is_a_key_and_the_record_type_a_field():
    output = staged(
        "Account", Name="Acme", VAT_Number__c="DE136695976", RecordType={"attributes": {}, "Name": "Partner"}
    )
    assert only(output, "organization")["custom_json"] == '{"record_type":"Partner"}'
    assert [key[1:4] for key in output.keys if key[1] == "registry"] == [("registry", "vat", "DE136695976")]


@pytest.mark.parametrize(("active", "deleted_at", "shown"), [(True, None, True), (False, None, False)])
def test_user_is_a_colleague(active, deleted_at, shown):
    fields = {"Name": "Bo K", "Email": "Bo@Own.example", "Department": "South", "UserPreferencesX": True}
    row = only(staged("User", deleted_at, IsActive=active, UserType="Standard", **fields), "colleague")
    assert (row["name"], row["email"], row["team"], row["active"]) == (
        "Bo K",
        "bo@own.example",
        "South",
        shown,
    )
    assert row["custom_json"] is None


@pytest.mark.parametrize("kind", ["PowerPartner", "Guest", "AutomatedProcess"])
def test_a_portal_user_or_robot_is_no_colleague(kind):
    assert staged("User", Name="Portal", Email="x@acme.example", IsActive=True, UserType=kind).rows == {}


# ---------------------------------------------------------------- deals


@pytest.mark.parametrize(
    ("closed", "won", "status"), [(False, False, "open"), (True, True, "won"), (True, False, "lost")]
)
def test_opportunity_with_its_status_and_account(closed, won, status):
    output = staged(
        "Opportunity", Name="Big", StageName="Negotiation", Amount=1200.5, CurrencyIsoCode="JPY", Type="Renewal",
        CloseDate="2026-06-30", IsClosed=closed, IsWon=won, AccountId=ACCOUNT, OwnerId=USER,
    )  # fmt: skip
    row = only(output, "deal")
    assert (row["amount_minor"], row["stage"], row["close_date"], row["status"]) == (
        1200, "Negotiation", "2026-06-30", status,
    )  # fmt: skip
    assert ends(output) == {("party", f"crm/Account/{ACCOUNT}")}


def test_an_opportunity_entered_each_stage_once_however_often_its_amount_changed():
    said = [
        ("Proposal", "2026-05-04"),
        ("Lead", "2026-05-01"),
        ("Proposal", "2026-05-02"),
        ("Lead", "2026-05-09"),
    ]
    rows = [
        {"Id": f"00{n}", "StageName": stage, "CreatedDate": f"{day}T08:00:00.000+0000"}
        for n, (stage, day) in enumerate(said)
    ]
    history = {"totalSize": 4, "done": True, "records": rows}
    output = staged("Opportunity", Name="Big", StageName="Lead", OpportunityHistories=history)
    assert [(one["stage"], one["changed_at"][:10]) for one in output.rows["deal_stage_change"]] == [
        ("Lead", "2026-05-01"), ("Proposal", "2026-05-02"), ("Lead", "2026-05-09"),
    ]  # fmt: skip
    assert output.rows["deal_stage_change"][0]["deal_record"] == "crm/Opportunity/1"
    assert staged("OpportunityHistory", OpportunityId=DEAL, StageName="Proposal").rows == {}


def test_roles_and_partners_of_an_opportunity():
    role = only(
        staged("OpportunityContactRole", OpportunityId=DEAL, ContactId=CONTACT, Role="Buyer"), "relation"
    )
    assert (role["kind"], role["to_record"], role["role"]) == ("party", f"crm/Contact/{CONTACT}", "Buyer")
    partner = only(
        staged("OpportunityPartner", OpportunityId=DEAL, AccountToId=ACCOUNT, Role="Reseller"), "relation"
    )
    assert (partner["from_record"], partner["to_record"]) == (
        f"crm/Opportunity/{DEAL}", f"crm/Account/{ACCOUNT}",
    )  # fmt: skip


@pytest.mark.parametrize(("said", "status"), [("Approved", "open"), ("Won", "won"), ("Expired", "lost")])
def test_a_registered_deal_is_a_deal_of_the_account_it_points_to(said, status):
    output = staged(
        "Deal_Registration__c", Name="DR-00001", End_Customer__c="City Works", Status__c=said, Amount__c=9000.0,
        Account__c=ACCOUNT, Expires_On__c="2026-09-01",
    )  # fmt: skip
    row = only(output, "deal")
    assert (row["name"], row["deal_type"]) == ("City Works (DR-00001)", "Deal registration")
    assert (row["amount_minor"], row["status"]) == (900_000, status)
    assert ends(output) == {("party", f"crm/Account/{ACCOUNT}")}


def test_a_deployment_says_what_its_registrations_fields_are_called():
    mapping = stream_mapping_for(mapping_for("salesforce"), "Deal_Registration__c")
    assert mapping is not None
    overrides = {"amount_minor": "Deal_Size__c", "close_date": "Decision_By__c"}
    nobody: frozenset[str] = frozenset()
    context = Context("crm", "Deal_Registration__c", "1", 1, "r", None, None, "DE", nobody, nobody, {})
    payload = {"Id": "1", "Name": "DR-1", "Deal_Size__c": "5000 EUR", "Decision_By__c": "2026-10-01"}
    (row,) = compile_stream(mapping, overrides)(payload, context).rows["deal"]
    assert (row["amount_minor"], row["close_date"]) == (500_000, "2026-10-01")


# ---------------------------------------------------------------- agreements


def test_contract_is_an_agreement_with_its_special_terms():
    output = staged(
        "Contract", ContractNumber="00000101", AccountId=ACCOUNT, Status="Activated", StartDate="2026-01-01",
        EndDate="2026-12-31", Renewal_Date__c="2026-10-01", SpecialTerms="Free support.", Description="Second year.",
        OwnerId=USER, ContractTerm=12,
    )  # fmt: skip
    row = only(output, "agreement")
    assert (row["title"], row["kind"], row["status"]) == ("Contract 00000101", "contract", "Activated")
    assert (row["starts_on"], row["ends_on"], row["renews_on"]) == ("2026-01-01", "2026-12-31", "2026-10-01")
    assert (row["organization_record"], row["text"]) == (
        f"crm/Account/{ACCOUNT}",
        "Free support.\n\nSecond year.",
    )


# ---------------------------------------------------------------- activities


def test_a_task_is_work_about_whatever_it_points_to():
    output = staged(
        "Task", Subject="Call Maya", Status="Not Started", ActivityDate="2026-06-01", TaskSubtype="Task",
        WhoId=CONTACT, WhatId="a0B5g000000AAAAAA2", What={"Type": "Deal_Registration__c"}, AccountId=ACCOUNT,
        IsClosed=False, Effort__c=3,
    )  # fmt: skip
    row = only(output, "work_item")
    assert (row["kind"], row["title"], row["due_at"]) == ("task", "Call Maya", "2026-06-01T00:00:00.000000Z")
    assert (row["done_at"], row["custom_json"]) == (None, '{"Effort__c":3}')
    assert ends(output) == {
        ("about", f"crm/Contact/{CONTACT}"),
        ("about", "crm/Deal_Registration__c/a0B5g000000AAAAAA2"),
        ("about", f"crm/Account/{ACCOUNT}"),
    }


def test_a_task_without_a_subject_is_called_by_its_text():
    assert (
        only(staged("Task", Subject=" ", Description="Send paper\nsoon"), "work_item")["title"]
        == "Send paper"
    )


def test_a_mail_logged_as_a_task_is_the_mail_in_the_mailbox():
    mail = {
        "MessageIdentifier": "<m1@Acme.example>", "FromAddress": "Maya@Acme.example", "FromName": "Maya",
        "ToAddress": "bo@own.example; jo@own.example", "Subject": "Re: Rollout",
        "MessageDate": "2026-04-30T08:15:00.000+0000", "Incoming": True,
    }  # fmt: skip
    output = staged(
        "Task", Subject="Email: Re: Rollout", TaskSubtype="Email", IsClosed=True, Description="We pause.",
        WhoId=CONTACT, EmailMessages={"totalSize": 1, "done": True, "records": [mail]},
    )  # fmt: skip
    row = only(output, "touchpoint")
    assert row["same_as"] == mail_same_as("<m1@acme.example>", None, "maya@acme.example", "Rollout")
    assert (row["kind"], row["happened_at"], row["direction"]) == (
        "email",
        "2026-04-30T08:15:00.000000Z",
        "in",
    )
    assert [(one[2], one[3]) for one in output.participants] == [
        ("from", "maya@acme.example"), ("to", "bo@own.example"), ("to", "jo@own.example"),
    ]  # fmt: skip
    alone = staged("EmailMessage", TextBody="We pause.", RelatedToId=ACCOUNT, **mail)
    assert only(alone, "touchpoint")["same_as"] == row["same_as"]
    assert ends(alone) == {("about", f"crm/Account/{ACCOUNT}")}


def test_a_logged_mail_of_which_only_the_task_is_left_keeps_its_person():
    output = staged(
        "Task", Subject="Email: Hello", TaskSubtype="Email", WhoId=CONTACT, ActivityDate="2026-04-30"
    )
    assert only(output, "touchpoint")["same_as"] is None
    assert [(one[2], one[5]) for one in output.participants] == [("to", f"crm/Contact/{CONTACT}")]


def test_a_call_that_was_made_is_a_touchpoint_and_one_to_make_is_work():
    made = staged(
        "Task", Subject="Call", TaskSubtype="Call", IsClosed=True, CompletedDateTime=MOMENT,
        CallDurationInSeconds=300, CallType="Inbound", WhoId=CONTACT,
    )  # fmt: skip
    row = only(made, "touchpoint")
    assert (row["kind"], row["direction"]) == ("call", "in")
    assert (row["happened_at"], row["ended_at"]) == (UTC_MOMENT, "2026-05-01T12:05:00.000000Z")
    assert "work_item" in staged("Task", Subject="Call", TaskSubtype="Call", IsClosed=False).rows


def test_an_event_is_a_meeting():
    output = staged(
        "Event", Subject="Review", StartDateTime=MOMENT, EndDateTime="2026-05-01T13:00:00.000+0000", WhoId=CONTACT,
        WhatId=DEAL, Location="Room 4",
    )  # fmt: skip
    row = only(output, "touchpoint")
    assert (row["kind"], row["ended_at"]) == ("meeting", "2026-05-01T13:00:00.000000Z")
    assert json.loads(row["custom_json"]) == {"Location": "Room 4"}
    assert ends(output) == {("about", f"crm/Contact/{CONTACT}"), ("about", f"crm/Opportunity/{DEAL}")}


def test_everybody_invited_took_part_and_an_account_among_them_is_what_it_is_about():
    def guest(identifier, kind, email=None):
        return {"RelationId": identifier, "Relation": {"Type": kind, "Name": "Bo K", "Email": email}}

    other = "0035g000000BBBBBA2"
    guests = [
        guest(CONTACT, "Contact"), guest(other, "Contact", "x@acme.example"), guest(USER, "User", "Bo@own.example"),
        guest(ACCOUNT, "Account"), guest(DEAL, "User"), {"RelationId": None},
    ]  # fmt: skip
    output = staged(
        "Event", Subject="Review", StartDateTime=MOMENT, WhoId=CONTACT, EventRelations={"records": guests}
    )
    assert [(one[1], one[3], one[5]) for one in output.participants] == [
        (0, None, f"crm/Contact/{CONTACT}"), (1, None, f"crm/Contact/{other}"), (2, "bo@own.example", None),
    ]  # fmt: skip
    assert ("about", f"crm/Contact/{other}") in ends(output)
    assert ("about", f"crm/Account/{ACCOUNT}") in ends(output)
    assert only(output, "touchpoint")["custom_json"] is None


def test_a_case_is_work():
    output = staged(
        "Case", CaseNumber="00001001", Subject=None, Status="Closed", ClosedDate=MOMENT, AccountId=ACCOUNT,
        ContactId=CONTACT, IsClosed=True,
    )  # fmt: skip
    row = only(output, "work_item")
    assert (row["kind"], row["title"], row["done_at"]) == ("case", "00001001", UTC_MOMENT)
    assert ends(output) == {("about", f"crm/Account/{ACCOUNT}"), ("about", f"crm/Contact/{CONTACT}")}


ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
FIELDS = ("Name", "Subject", "TaskSubtype", "WhoId", "WhatId", "What", "AccountId", "EmailMessages", "Account__c",
          "ParentId", "ActivityDate", "FromAddress", "Amount", "Email", "Left_Company_On__c")  # fmt: skip


@given(
    st.sampled_from([*OBJECTS, "Deal_Registration__c", "EmailMessage"]),
    st.dictionaries(st.sampled_from(FIELDS), ODD),
)
@pytest.mark.fault("F48")
def test_odd_values_quarantine_at_worst(stream, fields):
    try:
        output = staged(stream, **fields)
    except SkipRecord:
        return
    for kind, rows in output.rows.items():
        for row in rows:
            KINDS[kind].model_validate(row)
