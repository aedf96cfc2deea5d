"""Objects a deployment names itself: what their records become, and what `fields:` says of them and of tasks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.errors import FixSetup
from mappings.catalog import field_catalog
from mappings.compile import compile_stream
from mappings.discover import mapping_for
from mappings.fingerprint import rules_fingerprint
from mappings.rows import Context, StagedOutput
from tests.mappings.test_salesforce import ACCOUNT, CONTACT, DEAL, MOMENT, USER, ends, only

NOBODY: frozenset[str] = frozenset()


def staged(name: str, kind: str, overrides: dict[str, str] | None = None, /, **fields: Any) -> StagedOutput:
    settings = {"default_currency": "EUR", "objects": {name: kind}}
    stream = mapping_for("salesforce").with_settings(settings).streams[name]
    context = Context("crm", name, "1", 1, "r", None, None, "DE", NOBODY, NOBODY, settings)
    payload = {"attributes": {"type": name}, "Id": "1", "CreatedDate": MOMENT, "OwnerId": USER, **fields}
    return compile_stream(stream, overrides or {})(payload, context)


def test_an_object_of_work_has_its_due_day_and_is_about_what_it_points_to():
    output = staged(
        "Fund_Request__c", "work_item", Name="FR-0001", Subject__c="Event budget", Due_Date__c="2026-06-01",
        Status__c="Open", Partner__c=ACCOUNT, Contact__c=CONTACT, Deal__c=DEAL, Size__c=3,
    )  # fmt: skip
    row = only(output, "work_item")
    assert (row["kind"], row["title"], row["status"]) == ("fund request", "Event budget", "Open")
    assert (row["due_at"], row["owner_record"]) == ("2026-06-01T00:00:00.000000Z", f"crm/User/{USER}")
    assert ends(output) == {
        ("about", f"crm/Account/{ACCOUNT}"), ("about", f"crm/Contact/{CONTACT}"), ("about", f"crm/Opportunity/{DEAL}"),
    }  # fmt: skip
    assert json.loads(row["custom_json"]) == {"Name": "FR-0001", "Size__c": 3}


def test_an_object_of_agreements_names_the_account_it_is_with():
    output = staged(
        "Partner_Agreement__c", "agreement", Name="MSA 2026", Account__c=ACCOUNT, Effective_Date__c="2026-01-01",
        Expiration_Date__c="2026-12-31", Contract_Value__c=1000.0,
    )  # fmt: skip
    row = only(output, "agreement")
    assert (row["title"], row["kind"]) == ("MSA 2026", "partner agreement")
    assert (row["starts_on"], row["ends_on"], row["amount_minor"]) == ("2026-01-01", "2026-12-31", 100_000)
    assert row["organization_record"] == f"crm/Account/{ACCOUNT}"


def test_an_object_of_commitments_names_account_and_contract():
    contract = "8005g000000AAAAAA2"
    output = staged(
        "Promise__c",
        "commitment",
        Name="Train",
        Account__c=ACCOUNT,
        Contract__c=contract,
        Due__c="2026-06-01",
    )
    row = only(output, "commitment")
    assert (row["due_on"], row["organization_record"]) == ("2026-06-01", f"crm/Account/{ACCOUNT}")
    assert row["agreement_record"] == f"crm/Contract/{contract}"


def test_an_object_of_meetings_has_its_day_and_the_contact_took_part():
    output = staged(
        "Visit__c", "meeting", Name="V-1", Visit_Date__c="2026-04-01", Who__c=CONTACT, Notes__c="Fine."
    )
    row = only(output, "touchpoint")
    assert (row["kind"], row["happened_at"], row["text"]) == (
        "meeting",
        "2026-04-01T00:00:00.000000Z",
        "Fine.",
    )
    assert [(one[2], one[5]) for one in output.participants] == [("attendee", f"crm/Contact/{CONTACT}")]
    assert ends(output) == {("about", f"crm/Contact/{CONTACT}")}


def test_an_object_of_deals_has_its_account_as_party():
    output = staged(
        "Quote_Request__c", "deal", Name="Q1", Amount__c=10.0, Status__c="Rejected", Account__c=ACCOUNT
    )
    row = only(output, "deal")
    assert (row["amount_minor"], row["status"], row["deal_type"]) == (1000, "lost", "Quote request")
    assert ends(output) == {("party", f"crm/Account/{ACCOUNT}")}


def test_objects_of_organizations_and_persons_have_their_keys():
    site = staged(
        "Branch__c", "organization", Name="Acme Nord", Website__c="nord.acme.example", Account__c=ACCOUNT
    )
    assert only(site, "organization")["domain"] == "acme.example"
    assert ends(site) == {("related", f"crm/Account/{ACCOUNT}")}
    person = staged(
        "Trainer__c", "person", First_Name__c="Ada", Last_Name__c="L", Email__c="Ada@a.example", At__c=ACCOUNT
    )
    assert (only(person, "person")["name"], only(person, "person")["email"]) == ("Ada L", "ada@a.example")
    assert ends(person) == {("works_at", f"crm/Account/{ACCOUNT}")}


def test_fields_say_where_else_a_configured_objects_values_stand():
    output = staged(
        "Visit__c", "note", {"happened_at": "Tag__c"}, Name="V-1", Tag__c="2026-04-01", Date__c="2020-01-01"
    )
    assert only(output, "touchpoint")["happened_at"].startswith("2026-04-01")


def test_an_object_that_shall_stay_raw_gives_nothing_and_one_without_a_word_keeps_its_own_mapping():
    assert staged("Deal_Registration__c", "raw", Name="DR-1").rows == {}
    assert (
        only(staged("Deal_Registration__c", "known", Name="DR-1"), "deal")["deal_type"] == "Deal registration"
    )


def test_the_catalogue_lists_configured_objects_and_what_a_task_may_be():
    mapping = mapping_for("salesforce").with_settings({"objects": {"Visit__c": "meeting"}})
    rows = field_catalog(mapping, {"Task": {"due_at": "Deadline__c"}})
    assert ("Visit_Date__c", "happened_at") in {(r.path, r.target) for r in rows if r.stream == "Visit__c"}
    tasks = {(row.kind, row.path, row.target) for row in rows if row.stream == "Task"}
    assert {
        ("work_item", "Deadline__c", "due_at"),
        ("touchpoint", "CompletedDateTime", "happened_at"),
    } <= tasks


def test_fields_of_a_task_reach_the_thing_it_is():
    stream = mapping_for("salesforce").streams["Task"]
    context = Context("crm", "Task", "1", 1, "r", None, None, "DE", NOBODY, NOBODY, {})
    stage = compile_stream(stream, {"due_at": "Deadline__c", "subject": "Topic__c"})
    todo = {"Id": "1", "Subject": "Call", "Deadline__c": "2026-06-01", "TaskSubtype": "Task"}
    (row,) = stage(todo, context).rows["work_item"]
    assert row["due_at"] == "2026-06-01T00:00:00.000000Z"
    made = {"Id": "1", "Topic__c": "Review", "TaskSubtype": "Call", "IsClosed": True, "CreatedDate": MOMENT}
    (row,) = stage(made, context).rows["touchpoint"]
    assert row["subject"] == "Review"


def test_a_field_no_task_has_is_refused_with_those_there_are():
    stream = mapping_for("salesforce").streams["Task"]
    with pytest.raises(FixSetup, match="work_item or touchpoint") as caught:
        compile_stream(stream, {"employees": "Heads__c"})
    assert caught.value.code == "unknown_target"


def test_the_rules_of_a_task_change_with_its_fields():
    stream = mapping_for("salesforce").streams["Task"]
    assert rules_fingerprint(stream) != rules_fingerprint(stream, {"due_at": "Deadline__c"})
