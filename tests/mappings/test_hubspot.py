"""HubSpot's payloads as staged records."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SkipRecord
from connectors.hubspot.streams import ASSOCIATIONS, OBJECTS
from mappings.compile import compile_stream
from mappings.discover import mapping_for, stream_mapping_for
from mappings.keys import hosts_among
from mappings.mail_identity import mail_same_as
from mappings.rows import Context, Finding, StagedOutput, Stager
from mappings.validate import KINDS

MOMENT = "2026-05-01T12:00:00Z"


@cache
def stager(stream: str) -> Stager:
    mapping = stream_mapping_for(mapping_for("hubspot"), stream)
    assert mapping is not None
    return compile_stream(mapping)


def staged(stream: str, payload: dict[str, Any], source_id: str = "1") -> StagedOutput:
    context = Context(
        "crm",
        stream,
        source_id,
        1,
        "r",
        None,
        None,
        "DE",
        frozenset(),
        frozenset(),
        {"default_currency": "EUR"},
    )
    return stager(stream)(payload, context)


def thing(**properties: Any) -> dict[str, Any]:
    envelope = {"id": "1", "createdAt": MOMENT, "updatedAt": MOMENT, "archived": False}
    return {**envelope, "properties": {"hs_object_id": "1", "hs_lastmodifieddate": MOMENT, **properties}}


def only(output: StagedOutput, kind: str) -> dict[str, Any]:
    (row,) = output.rows[kind]
    assert output.findings == []
    return row


@pytest.mark.parametrize(
    "stream", ["owners", *OBJECTS, *(f"{one}_to_{other}" for one, other in ASSOCIATIONS)]
)
def test_every_stream_of_the_connector_has_a_mapping(stream):
    assert callable(stager(stream))


def test_company_with_address_owner_and_a_property_of_its_own():
    company = thing(
        name="Acme GmbH", domain="acme.example", phone="030 1234567", address="Weg 1", address2="2. OG", zip="01067",
        city="Dresden", country="Germany", hubspot_owner_id="5", numberofemployees="1200", favorite_color="blue",
        partner_type="reseller;delivery", num_notes="4",
    )  # fmt: skip
    row = only(staged("companies", company), "organization")
    assert (row["street"], row["postcode"], row["country"]) == ("Weg 1, 2. OG", "01067", "DE")
    assert (row["owner_record"], row["employees"]) == ("crm/owners/5", 1200)
    assert row["roles_json"] == '["reseller", "delivery"]'
    assert json.loads(row["custom_json"]) == {"favorite_color": "blue"}


def test_company_without_a_name_is_called_by_its_domain():
    assert only(staged("companies", thing(domain="acme.example")), "organization")["name"] == "acme.example"


def test_further_domains_are_keys():
    output = staged(
        "companies", thing(name="A", domain="a.example", hs_additional_domains="b.example;gmail.com")
    )
    assert hosts_among(key[1:4] for key in output.keys) == ["a.example", "b.example"]


def test_contact_with_two_addresses():
    output = staged(
        "contacts",
        thing(firstname="Ada", lastname="L", email="Ada@A.example", hs_additional_emails="a@b.example"),
    )
    assert only(output, "person")["name"] == "Ada L"
    assert [key[3] for key in output.keys if key[1] == "email"] == ["ada@a.example", "a@b.example"]


def test_owner_is_a_colleague():
    payload = {
        "id": "5", "email": "Bo@Own.example", "firstName": "Bo", "lastName": "K", "userId": 9, "archived": True,
        "createdAt": MOMENT, "updatedAt": MOMENT,
        "teams": [{"id": "1", "name": "North", "primary": False}, {"id": "2", "name": "South", "primary": True}],
    }  # fmt: skip
    row = only(staged("owners", payload), "colleague")
    assert (row["name"], row["email"], row["team"], row["active"]) == (
        "Bo K",
        "bo@own.example",
        "South",
        False,
    )
    assert row["custom_json"] is None


def test_deal_in_minor_units_with_status_and_stage_history():
    deal = thing(
        dealname="Big", amount="1200.50", dealstage="s2", closedate="2026-06-30T00:00:00Z", hs_is_closed="true",
        hs_is_closed_won="false", hs_v2_date_entered_s1="2026-01-01T00:00:00Z", hs_date_entered_s2=MOMENT,
    )  # fmt: skip
    output = staged("deals", deal)
    row = only(output, "deal")
    assert (row["amount_minor"], row["currency"], row["status"]) == (120050, "EUR", "lost")
    assert row["close_date"] == "2026-06-30"
    changes = [(change["stage"], change["changed_at"][:10]) for change in output.rows["deal_stage_change"]]
    assert changes == [("s1", "2026-01-01"), ("s2", "2026-05-01")]


@pytest.mark.parametrize(
    ("properties", "status"), [({"dealstage": "closedwon"}, "won"), ({"dealstage": "x"}, "open")]
)
def test_deal_status_without_the_closed_properties(properties, status):
    assert only(staged("deals", thing(dealname="D", **properties)), "deal")["status"] == status


def test_logged_mail_is_the_mail_in_the_mailbox():
    email = thing(
        hs_timestamp=MOMENT, hs_email_subject="Re: Offer", hs_email_direction="INCOMING_EMAIL",
        hs_email_html="<p>Hello<br>you</p>", hs_email_message_id="<X@Mail.Example>",
        hs_email_from_email="Ada@A.example", hs_email_to_email="bo@own.example;c@own.example",
    )  # fmt: skip
    output = staged("emails", email)
    row = only(output, "touchpoint")
    assert row["same_as"] == mail_same_as(
        "X@mail.example", "2026-05-01T12:00:07.000000Z", "ada@a.example", "Offer"
    )
    assert (row["direction"], row["text"]) == ("in", "Hello\nyou")
    assert [(role, address) for _, _, role, address, _, _ in output.participants] == [
        ("from", "ada@a.example"),
        ("to", "bo@own.example"),
        ("to", "c@own.example"),
    ]


def test_mail_headers_name_the_participants():
    headers = {
        "from": {"email": "a@a.example", "firstName": "Ada", "lastName": "L"},
        "to": [{"email": "not one"}],
        "cc": [],
    }
    output = staged("emails", thing(hs_timestamp=MOMENT, hs_email_headers=json.dumps(headers)))
    assert output.participants == [("crm/emails/1", 0, "from", "a@a.example", "Ada L", None)]
    assert output.findings == [Finding("unreadable_email", "hs_email_to_email", "not one")]


def test_call_ends_after_its_duration():
    row = only(
        staged("calls", thing(hs_timestamp=MOMENT, hs_call_duration="90000", hs_call_direction="OUTBOUND")),
        "touchpoint",
    )
    assert (row["kind"], row["direction"], row["ended_at"]) == ("call", "out", "2026-05-01T12:01:30.000000Z")


def test_meeting_is_known_by_its_calendar_id():
    row = only(staged("meetings", thing(hs_meeting_start_time=MOMENT, hs_i_cal_uid="u1@x")), "touchpoint")
    assert (row["kind"], row["same_as"]) == ("meeting", "ical:u1@x")


def test_note_in_html_is_text():
    row = only(staged("notes", thing(hs_timestamp=MOMENT, hs_note_body="<p>One &amp; two</p>")), "touchpoint")
    assert (row["kind"], row["text"]) == ("note", "One & two")


def test_task_without_a_title_is_called_by_its_text():
    row = only(
        staged("tasks", thing(hs_timestamp=MOMENT, hs_task_body="<p>Call back</p><p>soon</p>")), "work_item"
    )
    assert (row["kind"], row["title"], row["due_at"]) == ("task", "Call back", "2026-05-01T12:00:00.000000Z")


def test_contact_works_at_each_of_its_companies():
    ends = [
        {"id": "20", "types": [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}]},
        {"id": "3", "types": [{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}]},
    ]
    payload = {"from": {"id": "9", "type": "contacts"}, "to_type": "companies", "to": ends}
    rows = staged("contacts_to_companies", payload, "9").rows["relation"]
    assert [(row["record"], row["kind"], row["to_record"], row["role"]) for row in rows] == [
        ("crm/contacts_to_companies/9#20", "works_at", "crm/companies/20", "Primary"),
        ("crm/contacts_to_companies/9#3", "works_at", "crm/companies/3", None),
    ]


@pytest.mark.parametrize(
    ("type_id", "kind", "parent", "child"),
    [(13, "parent_of", "1", "2"), (14, "parent_of", "2", "1"), (450, "related", "1", "2")],
)
def test_direction_between_companies(type_id, kind, parent, child):
    payload = {
        "from": {"id": "1"},
        "to": [{"id": "2", "types": [{"category": "HUBSPOT_DEFINED", "typeId": type_id}]}],
    }
    row = only(staged("companies_to_companies", payload), "relation")
    assert (row["kind"], row["from_record"], row["to_record"]) == (
        kind,
        f"crm/companies/{parent}",
        f"crm/companies/{child}",
    )


def test_record_without_associations_says_nothing():
    assert (
        staged("deals_to_companies", {"from": {"id": "1"}, "to_type": "companies", "to": []})
        == StagedOutput()
    )


ODD = (
    st.none()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3))
    | st.just({"a": 1})
)
PROPERTIES = st.dictionaries(
    st.sampled_from(
        [
            "name",
            "domain",
            "amount",
            "dealname",
            "hs_timestamp",
            "hs_email_headers",
            "hs_email_to_email",
            "address2",
            "firstname",
            "subject",
        ]
    ),
    ODD,
)


@given(st.sampled_from(OBJECTS), PROPERTIES)
@pytest.mark.fault("F48")
def test_odd_values_quarantine_at_worst(stream, properties):
    try:
        output = staged(stream, thing(**properties))
    except SkipRecord:
        return
    for kind, rows in output.rows.items():
        for row in rows:
            KINDS[kind].model_validate(row)
