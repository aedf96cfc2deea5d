"""What rows cannot say about Jira's issues and comments."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from mappings.canonical import record_key
from mappings.clean.text import border_text, clean_identifier, clean_json, clean_line, clean_text
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.compile import JSON, staged_row
from mappings.jira.adf import document_text, is_document
from mappings.jira.mentions import sites_in
from mappings.jira.people import Someone, someone
from mappings.partner_words import partner_anchors
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of, skip

KINDS: Final = {
    "bug": "bug",
    "epic": "epic",
    "incident": "incident",
    "problem": "incident",
    "service request": "ticket",
    "story": "story",
    "support": "ticket",
    "task": "task",
}
"""Kinds of issues people know by name; every other kind is an `issue`, its own name kept in custom."""

DONE, OPEN = "done", "open"
CUSTOM: Final = "customfield_"
NAMED_BY: Final = ("value", "name", "displayName", "key")
"""What a chosen option, version, user or project shows of itself."""
PARTNER_FIELD: Final = "Partner"
RANK: Final = re.compile(r"\d\|[0-9a-z]+:[0-9a-z]*")
"""Where an issue stands on a board: says nothing to a reader, and changes whenever cards are dragged."""
ADDRESS_OF_API: Final = "/rest/api/"


def issue(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Kind, state, text, what people keep in custom fields, and whom it is about."""
    row = output.rows["work_item"][0]
    fields = payload["fields"]
    kind = _name_of(fields.get("issuetype"))
    row["kind"] = _kind(fields.get("issuetype"), kind)
    row["text"] = _text(fields.get("description"))
    status = fields.get("status")
    category = status.get("statusCategory") if isinstance(status, dict) else None
    done = isinstance(category, dict) and category.get("key") == DONE
    row["status"] = DONE if done else OPEN
    row["done_at"] = _done_at(fields) if done else None
    assignee = someone(fields.get("assignee"), context)
    row["owner_record"] = assignee.record if assignee and assignee.ours else None
    custom = _custom(payload, row["custom_json"])
    custom |= {"issue_type": kind, "status": _name_of(status), "project": _name_of(fields.get("project"))}
    custom |= {"key": payload.get("key"), "link": _link(payload)}
    row["custom_json"] = JSON({name: clean_json(value) for name, value in custom.items() if value}) or None
    relations = _relations(row, payload, context, output)
    if relations:
        output.rows["relation"] = relations


def _relations(
    row: dict[str, Any], payload: dict[str, Any], context: Context, output: StagedOutput
) -> list[dict[str, Any]]:
    """Whom the issue is about.

    What people filled into the partner field is their word, and alone counts. Where they left it empty: the people
    outside who reported it or work on it, the issue it is a part of, and last the sites its text names.
    """
    fields = payload["fields"]
    ends: dict[str, str | None] = dict.fromkeys(_partner_ends(payload, context, output))
    if not ends:
        for role in ("reporter", "assignee"):
            ends.update(_outside(someone(fields.get(role), context), role))
        parent = fields.get("parent")
        number = clean_identifier(parent.get("id")) if isinstance(parent, dict) else None
        if number:
            ends.setdefault(record_key(context.source, "issues", number), "parent")
    if not ends:
        said = f"{row['title']}\n{row['text'] or ''}"
        ends = dict.fromkeys(sites_in(said, context.own_domains), "mentioned")
    return [
        staged_row(
            "relation", context, end, kind="about", from_record=row["record"], to_record=end, role=role
        )
        for end, role in ends.items()
    ]


def _outside(who: Someone | None, role: str) -> dict[str, str | None]:
    """Somebody who is none of us: the person, and the site of the address for people no source knows."""
    if who is None or who.ours or who.robot:
        return {}
    ends: dict[str, str | None] = {who.record: role} if who.record else {}
    for site in sites_in(who.address or "", frozenset()):
        ends[site] = role
    return ends


def _partner_ends(payload: dict[str, Any], context: Context, output: StagedOutput) -> list[str]:
    """Ends for the values of the custom field that names the partner; fields of one name in several projects alike."""
    wanted = str(context.settings.get("partner_field") or PARTNER_FIELD).strip().casefold()
    names = payload.get("names")
    ends: list[str] = []
    for field, name in names.items() if isinstance(names, dict) else ():
        if wanted not in {str(name).strip().casefold(), field}:
            continue
        value = _shown(payload["fields"].get(field))
        for one in value if isinstance(value, list) else [value]:
            try:
                ends += partner_anchors(one)
            except Unreadable as unreadable:
                output.findings.append(Finding(unreadable.code, str(name), sample_of(one)))
    return ends


def comment(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A comment as a touchpoint about its issue. A note hidden from customers is internal, whoever wrote it."""
    row = output.rows["touchpoint"][0]
    number = clean_identifier(payload.get("issueId"))
    if number is None:
        raise skip(context, "missing_issue")
    author = someone(payload.get("author"), context)
    hidden = payload.get("jsdPublic") is False
    row["kind"] = "comment"
    row["text"] = _text(payload.get("body"))
    row["direction"] = "internal" if hidden or author is None or author.ours else "in"
    row["nature"] = "auto_reply" if author and author.robot else "person"
    row["sensitivity"] = "confidential" if payload.get("visibility") else "normal"
    row["thread"] = about = record_key(context.source, "issues", number)
    row["owner_record"] = author.record if author and author.ours and not author.robot else None
    output.rows["relation"] = [
        staged_row("relation", context, "issue", kind="about", from_record=row["record"], to_record=about)
    ]
    if author and (author.address or author.name):
        person = None if author.ours else author.record
        output.participants.append((row["record"], 0, "from", author.address, author.name, person))


# Fields ------------------------------------------------------------------------------------------------------------


def _kind(issue_type: object, name: str | None) -> str:
    if isinstance(issue_type, dict) and issue_type.get("subtask") is True:
        return "subtask"
    return KINDS.get((name or "").casefold(), "issue")


def _text(document: object) -> str | None:
    try:
        return clean_text(document_text(document))
    except Unreadable:
        return None


def _done_at(fields: dict[str, Any]) -> str | None:
    """When it was resolved; where the workflow sets no resolution, when it went into a done status."""
    for name in ("resolutiondate", "statuscategorychangedate", "updated"):
        try:
            if found := clean_time(fields.get(name)):
                return found
        except Unreadable:
            continue
    return None


def _custom(payload: dict[str, Any], carried: str | None) -> dict[str, Any]:
    """Fields without a row, under the names people know; options and users as they are shown, documents as text."""
    names = payload.get("names")
    names = names if isinstance(names, dict) else {}
    custom: dict[str, Any] = {}
    for field in json.loads(carried) if carried else {}:
        shown = _shown(payload["fields"][field]) if field in payload["fields"] else None
        name = border_text(str(names.get(field) or field)) if field.startswith(CUSTOM) else field
        ranked = isinstance(shown, str) and RANK.fullmatch(shown)
        if shown not in (None, "", [], {}, "{}") and not ranked:
            custom[name if name not in custom else f"{name} ({field})"] = shown
    return custom


def _shown(value: Any) -> Any:
    """A field's value as Jira shows it."""
    if is_document(value):
        return document_text(value)
    if isinstance(value, dict):
        named = next((value[name] for name in NAMED_BY if isinstance(value.get(name), str)), None)
        child = _shown(value["child"]) if isinstance(value.get("child"), dict) else None
        return f"{named} / {child}" if named and child else named or value
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return value


def _name_of(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    try:
        return clean_line(value.get("name"))
    except Unreadable:
        return None


def _link(payload: dict[str, Any]) -> str | None:
    """The issue's page by its present key."""
    site, found, _ = str(payload.get("self") or "").partition(ADDRESS_OF_API)
    return f"{site}/browse/{payload['key']}" if found and payload.get("key") else None
