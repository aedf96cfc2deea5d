"""What Jira's issues, comments and accounts become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.errors import SkipRecord
from mappings.compile import compile_stream
from mappings.discover import mapping_for, stream_mapping_for
from mappings.jira.adf import bare_text, document_text
from mappings.jira.mentions import sites_in
from mappings.rows import Context, StagedOutput

SITE = "https://acme.atlassian.net"


def staged(stream: str, payload: dict[str, Any], **settings: Any) -> StagedOutput:
    mapping = stream_mapping_for(mapping_for("jira"), stream)
    assert mapping is not None
    context = Context(
        "jira", stream, str(payload.get("id") or payload.get("accountId")), 1, "rules", None, None, "DE",
        frozenset({"example.org"}), frozenset({"ida@freelance.example"}), settings,
    )  # fmt: skip
    return compile_stream(mapping)(payload, context)


def account(name: str, address: str | None, kind: str = "atlassian") -> dict[str, Any]:
    found = {"accountId": f"712020:{name}", "accountType": kind, "displayName": name.title(), "active": True}
    return {**found, "emailAddress": address} if address else found


IDA, MAYA = account("ida berg", "ida@example.org"), account("maya ortiz", "Maya@Kestrel.example")


def paragraph(*inline: dict[str, Any] | str) -> dict[str, Any]:
    content = [{"type": "text", "text": one} if isinstance(one, str) else one for one in inline]
    return {"type": "paragraph", "content": content}


def document(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    content = [paragraph(one) if isinstance(one, str) else one for one in blocks]
    return {"type": "doc", "version": 1, "content": content}


def issue(names: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    usual = {
        "summary": "Sign-in loops",
        "issuetype": {"name": "Bug", "subtask": False},
        "status": {"name": "In Review", "statusCategory": {"key": "indeterminate"}},
        "priority": {"name": "Highest"},
        "project": {"id": "10001", "key": "DEL", "name": "Delivery"},
        "assignee": IDA,
        "reporter": IDA,
        "created": "2026-08-01T09:00:00.000+0300",
        "updated": "2026-08-31T14:59:01.120-0700",
        "duedate": "2026-08-20",
    }
    payload = {"id": "20007", "key": "DEL-7", "self": f"{SITE}/rest/api/3/issue/20007"}
    return {**payload, "fields": {**usual, **fields}, **({"names": names} if names else {})}


def work(payload: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return staged("issues", payload, **settings).rows["work_item"][0]


def about(payload: dict[str, Any], **settings: Any) -> list[tuple[str, str | None]]:
    relations = staged("issues", payload, **settings).rows.get("relation", [])
    assert all(one["from_record"] == "jira/issues/20007" and one["kind"] == "about" for one in relations)
    return [(one["to_record"], one["role"]) for one in relations]


def partner(value: Any, name: str = "Partner") -> dict[str, Any]:
    return issue({"customfield_10042": name}, customfield_10042=value)


# ---- issues


def test_an_open_issue_is_a_work_item_of_its_kind_with_its_owner_and_dates():
    row = work(issue(description=document("It comes back to the start page.")))
    assert {name: row[name] for name in ("kind", "title", "status", "priority", "text", "done_at")} == {
        "kind": "bug",
        "title": "Sign-in loops",
        "status": "open",
        "priority": "Highest",
        "text": "It comes back to the start page.",
        "done_at": None,
    }
    assert row["owner_record"] == "jira/users/712020:ida berg"
    assert row["created_at"] == "2026-08-01T06:00:00.000000Z"
    assert row["modified_at"] == "2026-08-31T21:59:01.120000Z"
    assert row["due_at"] == "2026-08-20T00:00:00.000000Z"


def test_the_sources_own_words_and_the_page_are_kept_beside_the_hubs():
    custom = json.loads(work(issue(labels=["rollout"]))["custom_json"])
    assert custom == {
        "issue_type": "Bug",
        "key": "DEL-7",
        "labels": ["rollout"],
        "link": f"{SITE}/browse/DEL-7",
        "project": "Delivery",
        "status": "In Review",
    }


@pytest.mark.parametrize(
    ("dates", "done_at"),
    [
        ({"resolutiondate": "2026-08-30T10:00:00.000+0000"}, "2026-08-30T10:00:00.000000Z"),
        ({"statuscategorychangedate": "2026-08-29T10:00:00.000+0000"}, "2026-08-29T10:00:00.000000Z"),
        ({}, "2026-08-31T21:59:01.120000Z"),
    ],
)
def test_a_done_issue_says_when_whether_or_not_its_workflow_sets_a_resolution(dates, done_at):
    done = {"name": "Abgeschlossen", "statusCategory": {"key": "done"}}
    row = work(issue(status=done, **dates))
    assert (row["status"], row["done_at"]) == ("done", done_at)


@pytest.mark.parametrize(
    ("issue_type", "kind"),
    [
        ({"name": "Story"}, "story"),
        ({"name": "Service Request"}, "ticket"),
        ({"name": "Unteraufgabe", "subtask": True}, "subtask"),
        ({"name": "Freigabe"}, "issue"),
        (None, "issue"),
    ],
)
def test_kinds_people_know_keep_their_names_and_others_are_issues(issue_type, kind):
    assert work(issue(issuetype=issue_type))["kind"] == kind


def test_custom_fields_stand_under_the_names_people_gave_them_as_jira_shows_them():
    names = {
        "customfield_1": "Region",
        "customfield_2": "Notes",
        "customfield_3": "Rank",
        "customfield_4": "Sprint",
    }
    row = work(
        issue(
            names,
            customfield_1={"self": "x", "id": "7", "value": "EMEA", "child": {"value": "DACH"}},
            customfield_2=document("Needs a proxy."),
            customfield_3="0|i052a3:",
            customfield_4=[{"id": 1, "name": "Sprint 9", "state": "active"}],
        )
    )
    custom = json.loads(row["custom_json"])
    assert (custom["Region"], custom["Notes"], custom["Sprint"]) == (
        "EMEA / DACH",
        "Needs a proxy.",
        ["Sprint 9"],
    )
    assert "Rank" not in custom


def test_an_issue_without_a_summary_is_set_aside():
    with pytest.raises(SkipRecord) as caught:
        work(issue(summary=None))
    assert caught.value.code == "missing_title"


# ---- whom it is about


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        ("kestrel.example", ["domain:kestrel.example"]),
        ("https://www.kestrel.example/about", ["domain:kestrel.example"]),
        ("001A000001LkLkzIAF", ["crm_id:crm:001A000001LkLkzIAF"]),
        ("9000007919", ["crm_id:crm:9000007919"]),
        ("Kestrel Systems GmbH", ["name:Kestrel Systems GmbH"]),
        ({"value": "Kestrel Systems", "id": "3"}, ["name:Kestrel Systems"]),
        (["kestrel.example", "Harbor Ltd"], ["domain:kestrel.example", "name:Harbor Ltd"]),
        (document("kestrel.example"), ["domain:kestrel.example"]),
    ],
)
def test_the_partner_field_says_whom_an_issue_is_about(value, ends):
    assert about(partner(value)) == [(end, None) for end in ends]


def test_the_partner_field_may_have_another_name():
    assert about(partner("kestrel.example", "Kunde"), partner_field="kunde") == [
        ("domain:kestrel.example", None)
    ]
    assert about(partner("kestrel.example", "Kunde")) == []


def test_a_partner_field_that_cannot_be_read_is_reported():
    output = staged("issues", partner({"id": "3"}))
    assert [finding.field for finding in output.findings] == ["Partner"]


def test_a_reporter_from_outside_ties_the_issue_where_the_field_is_empty():
    record, site = "jira/users/712020:maya ortiz", "domain:kestrel.example"
    assert about(issue(reporter=MAYA)) == [(record, "reporter"), (site, "reporter")]
    assert about(
        partner("Harbor Ltd") | {"fields": {**partner("Harbor Ltd")["fields"], "reporter": MAYA}}
    ) == [("name:Harbor Ltd", None)]


def test_a_reporter_with_free_mail_is_tied_by_person_alone():
    reporter = account("maya ortiz", "maya.ortiz@gmail.com")
    assert about(issue(reporter=reporter)) == [("jira/users/712020:maya ortiz", "reporter")]


def test_a_subtask_follows_the_issue_it_is_part_of():
    assert about(issue(parent={"id": "20001", "key": "DEL-1"})) == [("jira/issues/20001", "parent")]


def test_sites_in_the_text_are_the_last_resort():
    said = document(
        "For Kestrel (kestrel.example). Maya (maya@harbor.example) asked; see ida@example.org and log.txt."
    )
    assert about(issue(description=said)) == [
        ("domain:kestrel.example", "mentioned"),
        ("domain:harbor.example", "mentioned"),
    ]


def test_only_sites_of_somebody_count_as_mentioned():
    text = (
        "app.py v1.2.3 e.g. gmail.com docs.example.org 10.0.0.1 https://www.acme.example/x?y=z.zip a@b @c.d"
    )
    assert sites_in(text, frozenset({"example.org"})) == ["domain:acme.example"]


# ---- comments


def comment(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "501",
        "issueId": "20007",
        "author": MAYA,
        "body": document("Our test failed again."),
        "created": "2026-08-30T10:00:00.000+0200",
        "updated": "2026-08-30T11:00:00.000+0200",
        "jsdPublic": True,
    }
    return {**usual, **changes}


def test_a_comment_from_outside_is_an_incoming_touchpoint_about_its_issue():
    output = staged("comments", comment())
    row = output.rows["touchpoint"][0]
    wanted = ("kind", "direction", "nature", "text", "thread", "happened_at", "owner_record")
    assert [row[name] for name in wanted] == [
        "comment", "in", "person", "Our test failed again.", "jira/issues/20007", "2026-08-30T08:00:00.000000Z", None,
    ]  # fmt: skip
    assert [one["to_record"] for one in output.rows["relation"]] == ["jira/issues/20007"]
    person = "jira/users/712020:maya ortiz"
    assert output.participants == [
        ("jira/comments/501", 0, "from", "maya@kestrel.example", "Maya Ortiz", person)
    ]


@pytest.mark.parametrize(
    ("changes", "direction", "nature"),
    [
        ({"author": IDA}, "internal", "person"),
        ({"author": account("ida", "ida@freelance.example")}, "internal", "person"),
        ({"author": account("nobody", None)}, "internal", "person"),
        ({"author": account("client", None, "customer")}, "in", "person"),
        ({"author": account("automation", None, "app")}, "internal", "auto_reply"),
        ({"jsdPublic": False}, "internal", "person"),
        ({"author": None}, "internal", "person"),
    ],
)
def test_the_author_decides_the_direction_of_a_comment(changes, direction, nature):
    row = staged("comments", comment(**changes)).rows["touchpoint"][0]
    assert (row["direction"], row["nature"]) == (direction, nature)


def test_a_comment_for_some_eyes_only_is_confidential():
    row = staged("comments", comment(visibility={"type": "role", "value": "Administrators"})).rows[
        "touchpoint"
    ][0]
    assert row["sensitivity"] == "confidential"


def test_a_comment_that_names_no_issue_is_set_aside():
    with pytest.raises(SkipRecord):
        staged("comments", comment(issueId=None))


# ---- accounts


def test_accounts_of_our_domain_are_colleagues_and_others_persons():
    ida, maya = staged("users", IDA).rows, staged("users", MAYA).rows
    assert ida["colleague"][0]["email"] == "ida@example.org"
    assert maya["person"][0]["email"] == "maya@kestrel.example"
    assert set(ida) | set(maya) == {"colleague", "person"}


def test_a_hidden_address_makes_a_licensed_user_a_colleague_and_a_customer_a_person():
    assert set(staged("users", account("ida", None)).rows) == {"colleague"}
    assert set(staged("users", account("client", None, "customer")).rows) == {"person"}


def test_an_app_is_nobody_and_somebody_who_left_is_inactive():
    assert staged("users", account("automation", None, "app")).rows == {}
    assert staged("users", {**IDA, "active": False}).rows["colleague"][0]["active"] is False


def test_streams_kept_raw_have_no_mapping():
    streams = ("projects", "changelog", "worklogs")
    assert [stream_mapping_for(mapping_for("jira"), stream) for stream in streams] == [None, None, None]


# ---- documents


def item(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    return {"type": "listItem", "content": document(*blocks)["content"]}


def node(kind: str, *content: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "attrs": attributes, "content": list(content)}


LINKED = {
    "type": "text",
    "text": "the log",
    "marks": [{"type": "link", "attrs": {"href": "https://x.example/log"}}],
}
BOLD = {"type": "text", "text": "now", "marks": [{"type": "strong"}, {"type": "em"}]}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (paragraph("One ", BOLD, {"type": "hardBreak"}, "two"), "One now\ntwo"),
        (paragraph("See ", LINKED), "See the log (https://x.example/log)"),
        (paragraph({"type": "mention", "attrs": {"id": "1", "text": "Ida"}}, " please"), "@Ida please"),
        (paragraph({"type": "emoji", "attrs": {"shortName": ":fire:", "text": "🔥"}}), "🔥"),
        (paragraph("Due ", {"type": "date", "attrs": {"timestamp": "1788134400000"}}), "Due 2026-08-31"),
        (paragraph({"type": "inlineCard", "attrs": {"url": "https://x.example"}}), "https://x.example"),
        (paragraph({"type": "status", "attrs": {"text": "BLOCKED"}}), "BLOCKED"),
        (node("heading", {"type": "text", "text": "Plan"}, level=2), "Plan"),
        (node("bulletList", item("a", node("bulletList", item("b"))), item("c")), "- a\n  - b\n- c"),
        (node("orderedList", item("a"), item("b"), order=3), "3. a\n4. b"),
        (node("taskList", node("taskItem", {"type": "text", "text": "ship"}, state="DONE")), "[x] ship"),
        (node("codeBlock", {"type": "text", "text": "a = 1\nb = 2"}, language="py"), "a = 1\nb = 2"),
        (node("panel", paragraph("Careful"), panelType="warning"), "Careful"),
        (node("blockquote", paragraph("Said")), "> Said"),
        (node("expand", paragraph("inside"), title="More"), "More\ninside"),
        (node("mediaSingle", node("media", alt="a screenshot")), "[a screenshot]"),
        ({"type": ["odd"], "content": [paragraph("kept")]}, "kept"),
        (node("somethingNew", paragraph("kept"), node("inner", paragraph("too"))), "kept\n\ntoo"),
    ],
)
def test_a_document_reads_as_people_see_it(block, text):
    assert document_text(document(block)) == text


def test_a_table_reads_row_by_row():
    rows = [[("tableHeader", "Depot"), ("tableHeader", "Date")], [("tableCell", "Two"), ("tableCell", "May")]]
    table = node(
        "table", *(node("tableRow", *(node(kind, paragraph(text)) for kind, text in row)) for row in rows)
    )
    assert document_text(document("Dates:", table)) == "Dates:\n\nDepot | Date\nTwo | May"


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", 7, {}, document(), {"type": "doc", "content": [{"type": {}}]}]
)
def test_nothing_to_read_is_nothing(nothing):
    assert document_text(nothing) is None


def test_a_document_nested_beyond_reason_still_gives_its_words():
    deep: dict[str, Any] = paragraph("at the bottom")
    for _ in range(5000):
        deep = {"type": "panel", "content": [deep]}
    assert document_text(document("on top", deep)) == "on top\n\nat the bottom"
    assert bare_text(deep) == "at the bottom"
