"""Asana's payloads as staged records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SkipRecord
from mappings.clean.unreadable import Unreadable
from mappings.compile import compile_stream
from mappings.discover import mapping_for, stream_mapping_for
from mappings.partner_words import partner_anchors
from mappings.rows import Context, StagedOutput

MOMENT = "2026-05-01T12:00:00.000Z"
STAMP = "2026-05-01T12:00:00.000000Z"
OWN = frozenset({"northwind.example"})


def staged(stream: str, payload: dict[str, Any], own: frozenset[str] = OWN, **settings: Any) -> StagedOutput:
    mapping = stream_mapping_for(mapping_for("asana"), stream)
    assert mapping is not None
    context = Context("asana", stream, "1", 1, "r", None, None, "DE", own, frozenset(), settings)
    return compile_stream(mapping)(payload, context)


def only(output: StagedOutput, kind: str) -> dict[str, Any]:
    (row,) = output.rows[kind]
    assert output.findings == []
    return row


def about(output: StagedOutput) -> list[str]:
    rows = output.rows.get("relation", [])
    assert {row["kind"] for row in rows} <= {"about"}
    return [row["to_record"] for row in rows]


def field(name: str, shown: str | None, **more: Any) -> dict[str, Any]:
    return {
        "gid": "7",
        "resource_type": "custom_field",
        "name": name,
        "type": "text",
        "display_value": shown,
        **more,
    }


def task(**others: Any) -> dict[str, Any]:
    place = {
        "project": {"gid": "90", "name": "Onboarding – Kestrel"},
        "section": {"gid": "9", "name": "Doing"},
    }
    usual = {
        "gid": "1", "resource_type": "task", "resource_subtype": "default_task", "name": "Sign the  contract",
        "notes": "Ask Lena.", "completed": False, "completed_at": None, "created_at": MOMENT, "modified_at": MOMENT,
        "due_on": "2026-06-01", "due_at": None, "assignee": {"gid": "5", "name": "Ana"}, "parent": None,
        "memberships": [place], "custom_fields": [], "tags": [], "num_subtasks": 0,
    }  # fmt: skip
    return {**usual, **others}


def project(**others: Any) -> dict[str, Any]:
    usual = {
        "gid": "90",
        "resource_type": "project",
        "name": "Onboarding – Kestrel",
        "notes": "",
        "archived": False,
    }
    stamps = {"created_at": MOMENT, "modified_at": MOMENT, "due_on": None, "owner": {"gid": "5"}}
    return {**usual, **stamps, "custom_fields": [], **others}


def comment(**others: Any) -> dict[str, Any]:
    usual = {"gid": "8", "resource_type": "story", "type": "comment", "resource_subtype": "comment_added"}
    said = {
        "created_at": MOMENT,
        "created_by": {"gid": "5", "name": "Ana Sommer"},
        "text": "Signed.\nAt last.",
    }
    return {
        **usual,
        **said,
        "target": {"gid": "1", "resource_type": "task", "name": "Sign the contract"},
        **others,
    }


# ---------------------------------------------------------------- work


def test_a_task_is_work_with_its_section_as_status():
    row = only(staged("tasks", task()), "work_item")
    assert (row["kind"], row["title"], row["status"], row["text"]) == (
        "task", "Sign the contract", "Doing", "Ask Lena.",
    )  # fmt: skip
    assert (row["due_at"], row["done_at"]) == ("2026-06-01T00:00:00.000000Z", None)
    assert (row["owner_record"], row["modified_at"]) == ("asana/users/5", STAMP)
    assert row["custom_json"] is None


def test_a_completed_task_is_done_whatever_section_it_stands_in():
    row = only(staged("tasks", task(completed=True, completed_at=MOMENT)), "work_item")
    assert (row["status"], row["done_at"]) == ("completed", STAMP)


def test_an_exact_due_time_outranks_the_day():
    row = only(staged("tasks", task(due_at="2026-06-01T15:30:00.000Z")), "work_item")
    assert row["due_at"] == "2026-06-01T15:30:00.000000Z"


@pytest.mark.parametrize(
    ("changes", "target", "expected"),
    [
        ({"name": ""}, "title", "Untitled task"),
        ({"resource_subtype": "milestone"}, "kind", "milestone"),
        ({"resource_subtype": "approval"}, "kind", "approval"),
        ({"resource_subtype": "something_new"}, "kind", "task"),
        ({"memberships": []}, "status", "open"),
        ({"memberships": [None, {"section": None}]}, "status", "open"),
        ({"custom_fields": [field("Priority", "High")]}, "priority", "High"),
        ({"assignee": None}, "owner_record", None),
    ],
)
def test_what_a_task_may_lack_or_be(changes, target, expected):
    assert only(staged("tasks", task(**changes)), "work_item")[target] == expected


def test_custom_fields_and_tags_are_carried_by_their_own_names():
    fields = [field("Region", "DACH"), field("Empty", None), field("Partner", "kestrel.example")]
    row = only(
        staged("tasks", task(custom_fields=fields, tags=[{"gid": "3", "name": "urgent"}])), "work_item"
    )
    assert json.loads(row["custom_json"]) == {
        "Partner": "kestrel.example",
        "Region": "DACH",
        "tags": "urgent",
    }


def test_a_project_is_work_that_others_hang_on():
    update = {"gid": "4", "title": "At risk: no date yet"}
    row = only(staged("projects", project(current_status_update=update, due_on="2026-07-01")), "work_item")
    assert (row["kind"], row["status"], row["due_at"]) == (
        "project", "At risk: no date yet", "2026-07-01T00:00:00.000000Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, "open"), ({"archived": True}, "archived"), ({"completed": True, "archived": True}, "completed")],
)
def test_a_project_says_how_it_stands(changes, status):
    assert only(staged("projects", project(**changes)), "work_item")["status"] == status


# ---------------------------------------------------------------- about whom


def test_a_task_of_its_own_partner_is_about_that_one_alone():
    assert about(staged("tasks", task(custom_fields=[field("partner ", "kestrel.example")]))) == [
        "domain:kestrel.example"
    ]


def test_a_task_without_one_is_about_what_its_projects_are_about():
    places = [{"project": {"gid": gid}, "section": None} for gid in ("91", "90")]
    assert about(staged("tasks", task(memberships=places))) == ["asana/projects/90", "asana/projects/91"]


def test_a_subtask_without_one_is_about_what_its_parent_is_about():
    assert about(staged("tasks", task(parent={"gid": "17"}))) == ["asana/tasks/17"]


def test_the_deployment_may_call_the_field_otherwise():
    payload = task(custom_fields=[field("Partner", "wrong.example"), field("Kunde", "kestrel.example")])
    assert about(staged("tasks", payload, partner_field="Kunde")) == ["domain:kestrel.example"]


def test_a_field_of_several_choices_names_several():
    choices = [{"gid": "1", "name": "Kestrel GmbH"}, {"gid": "2", "name": "osprey.example"}]
    payload = project(
        custom_fields=[field("Partner", "Kestrel GmbH, osprey.example", multi_enum_values=choices)]
    )
    assert about(staged("projects", payload)) == ["domain:osprey.example", "name:Kestrel GmbH"]


def test_a_project_is_about_the_partner_in_its_name_only_where_a_pattern_says_so():
    pattern = "^Onboarding – (?P<partner>.+)$"
    assert about(staged("projects", project())) == []
    assert about(staged("projects", project(), partner_pattern=pattern)) == ["name:Kestrel"]
    assert about(staged("projects", project(name="Partner day"), partner_pattern=pattern)) == []
    filled = project(custom_fields=[field("Partner", "kestrel.example")])
    assert about(staged("projects", filled, partner_pattern=pattern)) == ["domain:kestrel.example"]


@pytest.mark.parametrize(
    ("said", "anchor"),
    [
        ("kestrel.example", "domain:kestrel.example"),
        ("https://www.kestrel.example/de", "domain:kestrel.example"),
        ("lena@kestrel.example", "domain:kestrel.example"),
        ("Kestrel GmbH & Co. KG", "name:Kestrel GmbH & Co. KG"),
        ("Kestrel", "name:Kestrel"),
        ("Inc.", "name:Inc."),
        ("001D000000IqhSLIAZ", "crm_id:crm:001D000000IqhSLIAZ"),
        ("001D000000IqhSL", "crm_id:crm:001D000000IqhSL"),
        ("9000007919", "crm_id:crm:9000007919"),
        (
            "https://acme.lightning.force.com/lightning/r/Account/001D000000IqhSLIAZ/view",
            "crm_id:salesforce:001D000000IqhSLIAZ",
        ),
        ("https://acme.my.salesforce.com/001D000000IqhSL", "crm_id:salesforce:001D000000IqhSL"),
        ("https://app-eu1.hubspot.com/contacts/48000001/record/0-2/9000007919", "crm_id:hubspot:9000007919"),
        ("https://app.hubspot.com/contacts/48000001/company/9000007919/", "crm_id:hubspot:9000007919"),
    ],
)
def test_words_for_a_partner(said, anchor):
    assert partner_anchors(said) == [anchor]


@given(st.text())
def test_whatever_is_written_becomes_anchors_or_is_unreadable(said):
    try:
        anchors = partner_anchors(said)
    except Unreadable:
        anchors = []
    assert all(anchor.partition(":")[2] for anchor in anchors)


# ---------------------------------------------------------------- people and comments


@pytest.mark.parametrize(
    ("email", "own", "kind"),
    [
        ("ana@northwind.example", OWN, "colleague"),
        ("ana@eu.northwind.example", OWN, "colleague"),
        ("lena@kestrel.example", OWN, "person"),
        (None, OWN, "colleague"),
        ("lena@kestrel.example", frozenset(), "colleague"),
    ],
)
def test_a_user_is_a_colleague_unless_the_address_is_somebody_elses(email, own, kind):
    output = staged(
        "users", {"gid": "5", "resource_type": "user", "name": "Ana  Sommer", "email": email}, own
    )
    row = only(output, kind)
    assert (row["name"], row["email"]) == ("Ana Sommer", email)


def test_a_guest_can_be_found_by_address():
    output = staged("users", {"gid": "5", "name": "Lena Vogt", "email": "lena@kestrel.example"})
    assert ("email", "lena@kestrel.example") in {(key[1], key[3]) for key in output.keys}


def test_a_comment_is_a_touchpoint_about_its_task():
    output = staged("stories", comment())
    row = only(output, "touchpoint")
    assert (row["kind"], row["happened_at"], row["text"]) == ("comment", STAMP, "Signed.\nAt last.")
    assert (row["subject"], row["thread"], row["direction"]) == ("Sign the contract", "asana:1", "internal")
    assert (row["owner_record"], row["deep_link"]) == ("asana/users/5", "https://app.asana.com/0/0/1/f")
    assert about(output) == ["asana/tasks/1"]
    assert output.participants == [(row["record"], 0, "from", None, "Ana Sommer", "asana/users/5")]


@pytest.mark.parametrize("subtype", ["marked_complete", "due_date_changed", "section_changed"])
def test_what_the_system_notes_stays_raw(subtype):
    output = staged("stories", comment(type="system", resource_subtype=subtype))
    assert (output.rows, output.findings) == ({}, [])


def test_a_comment_without_a_time_is_set_aside():
    with pytest.raises(SkipRecord) as caught:
        staged("stories", comment(created_at=None))
    assert caught.value.code == "missing_happened_at"


def test_a_comment_of_somebody_who_left_still_stands():
    output = staged("stories", comment(created_by=None, target=None))
    row = only(output, "touchpoint")
    assert (row["owner_record"], row["thread"], output.participants, about(output)) == (None, None, [], [])


@pytest.mark.parametrize("stream", ["workspaces", "project_memberships", "sections"])
def test_what_says_nothing_by_itself_stays_raw(stream):
    assert stream_mapping_for(mapping_for("asana"), stream) is None
