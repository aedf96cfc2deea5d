"""Asana → staged records: tasks and projects as work, comments as touchpoints, users as colleagues or persons.

What a task is about: the partner its own field names; else whatever its parent task or its projects are about.
Workspaces, memberships and sections stay raw: a section's name comes with each task.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from mappings.canonical import record_key
from mappings.clean.emails import clean_email
from mappings.clean.names import clean_person_name
from mappings.clean.text import border_text, clean_identifier, clean_line, clean_text
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import registrable_domain
from mappings.compile import JSON, staged_row
from mappings.partner_words import anchor_of, partner_anchors
from mappings.rows import Context, Finding, Mapping, Row, StagedOutput, StreamMapping
from mappings.validate import sample_of, skip

PARTNER_FIELD: Final = "Partner"
PRIORITY_FIELD: Final = "priority"
UNTITLED: Final = "Untitled task"
"""Asana allows tasks without a name; they are work all the same."""
COMPLETED, ARCHIVED, OPEN = "completed", "archived", "open"
KIND_OF_SUBTYPE: Final = {"milestone": "milestone", "approval": "approval"}
TASK_PAGE: Final = "https://app.asana.com/0/0/{}/f"

STAMPS: Final = (Row("created_at", "created_at", "time"), Row("modified_at", "modified_at", "time"))
PROJECT_ROWS: Final = (
    Row("title", "name", "line", required=True),
    Row("text", "notes", "text"),
    Row("due_at", "due_on", "time"),
    Row("done_at", "completed_at", "time"),
    Row("owner_record", "owner.gid", "record:users"),
    *STAMPS,
)
TASK_ROWS: Final = (
    Row("title", "name", "line"),
    Row("text", "notes", "text"),
    Row("due_at", "due_at", "time"),
    Row("due_at", "due_on", "time"),
    Row("done_at", "completed_at", "time"),
    Row("owner_record", "assignee.gid", "record:users"),
    *STAMPS,
)
CUSTOM_FIELDS: Final = "custom_fields"
ENVELOPE: Final = frozenset({"gid", "resource_type", "resource_subtype", "permalink_url", CUSTOM_FIELDS})
PROJECT_IGNORED: Final = ENVELOPE | {
    "archived", "completed", "current_status_update", "owner", "public", "team",
}  # fmt: skip
TASK_IGNORED: Final = ENVELOPE | {
    "assignee", "completed", "created_by", "memberships", "num_subtasks", "parent", "projects", "tags",
}  # fmt: skip
"""Read below, or without meaning outside Asana. Custom fields are carried as `custom.<their name>`."""


# Work ----------------------------------------------------------------------------------------------------------------


def project(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A project as work: it has an owner, a due day and an end, and what its tasks are about, they take from it.

    Not a document: nothing of its text is worth quoting beyond the note.
    """
    row = output.rows["work_item"][0]
    row["kind"] = "project"
    row["status"] = _project_status(payload)
    _add_custom_fields(row, payload)
    stated = _partners(payload, context, output) or _partner_in_name(row["title"], context)
    _relate(row["record"], stated, context, output)


def task(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A task as work: where it stands, and what it is about."""
    row = output.rows["work_item"][0]
    row["kind"] = KIND_OF_SUBTYPE.get(str(payload.get("resource_subtype")), "task")
    row["title"] = row["title"] or UNTITLED
    row["status"] = _task_status(payload)
    row["priority"] = _custom_value(payload, PRIORITY_FIELD)
    _add_custom_fields(row, payload)
    # Its own field decides; beside a relation to the project, which has a record here, words would count for nothing.
    stated = _partners(payload, context, output) or _containers(payload, context)
    _relate(row["record"], stated, context, output)


def _project_status(payload: dict[str, Any]) -> str:
    if payload.get("completed"):
        return COMPLETED
    update = payload.get("current_status_update")
    said = _line(update.get("title")) if isinstance(update, dict) else None
    return ARCHIVED if payload.get("archived") else said or OPEN


def _task_status(payload: dict[str, Any]) -> str:
    """Completed, else the section it stands in, as its people call it."""
    if payload.get("completed"):
        return COMPLETED
    sections = (_line(_inner(place, "section").get("name")) for place in _dicts(payload.get("memberships")))
    return next(filter(None, sections), OPEN)


def _containers(payload: dict[str, Any], context: Context) -> list[str]:
    """The records a task belongs to: its parent, else its projects."""
    parent = clean_identifier(_inner(payload, "parent").get("gid"))
    if parent:
        return [record_key(context.source, "tasks", parent)]
    projects = (
        clean_identifier(_inner(place, "project").get("gid")) for place in _dicts(payload.get("memberships"))
    )
    return [record_key(context.source, "projects", gid) for gid in projects if gid]


# What it is about ----------------------------------------------------------------------------------------------------


def _partners(payload: dict[str, Any], context: Context, output: StagedOutput) -> list[str]:
    """Anchors of whom the custom field for the partner names."""
    name = str(context.settings.get("partner_field") or PARTNER_FIELD)
    try:
        return partner_anchors(_custom_value(payload, name))
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, name, ""))
        return []


def _partner_in_name(title: str, context: Context) -> list[str]:
    """The anchor of the partner a project is called after, only where the deployment says how to tell."""
    pattern = context.settings.get("partner_pattern")
    found = re.search(str(pattern), title) if pattern else None
    said = _line(found["partner"]) if found else None
    return [anchor_of(said)] if said else []


def _relate(record: str, targets: list[str], context: Context, output: StagedOutput) -> None:
    """One relation `about` for each target."""
    relations = [
        staged_row("relation", context, target, kind="about", from_record=record, to_record=target)
        for target in sorted(set(targets))
    ]
    if relations:
        output.rows["relation"] = relations


# Custom fields -------------------------------------------------------------------------------------------------------


def _custom_value(payload: dict[str, Any], name: str) -> str | None:
    """What a custom field shows, by its name in any case."""
    wanted = name.strip().casefold()
    for one in _dicts(payload.get("custom_fields")):
        if str(one.get("name") or "").strip().casefold() == wanted and (shown := _shown(one)):
            return shown
    return None


def _shown(one: dict[str, Any]) -> str | None:
    """A custom field's value as text: every choice of a multiple one on a line of its own."""
    choices = [_line(choice.get("name")) for choice in _dicts(one.get("multi_enum_values"))]
    if any(choices):
        return "\n".join(choice for choice in choices if choice)
    try:
        return clean_text(one.get("display_value"))
    except Unreadable:
        return None


def _add_custom_fields(row: dict[str, Any], payload: dict[str, Any]) -> None:
    """Custom fields by the names people gave them, and tags, beside what no row reads."""
    fields = ((_line(one.get("name")), _shown(one)) for one in _dicts(payload.get("custom_fields")))
    shown = {border_text(name): value for name, value in fields if name and value}
    tags = sorted(filter(None, (_line(tag.get("name")) for tag in _dicts(payload.get("tags")))))
    if tags:
        shown["tags"] = "; ".join(tags)
    if shown:
        known = json.loads(row["custom_json"] or "{}")
        row["custom_json"] = JSON({**shown, **known})


# People and what they say --------------------------------------------------------------------------------------------


def user(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A colleague, or a person where the address is of another company: a guest. Without an address, a colleague."""
    try:
        email = clean_email(payload.get("email"))
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, "email", sample_of(payload.get("email"))))
        email = None
    name = clean_person_name(payload.get("name"))
    kind = "person" if email and not _is_own(email, context) else "colleague"
    output.rows[kind] = [staged_row(kind, context, name=name or email, email=email)]


def story(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A comment as a touchpoint about its task.

    What the system notes stays raw: that a task was done, or is due another day, the task itself says, and as entries
    on a timeline they would hide what people wrote.
    """
    if payload.get("type") != "comment":
        return
    happened_at = clean_time(payload.get("created_at"))
    if happened_at is None:
        raise skip(context, "missing_happened_at")
    target, author = _inner(payload, "target"), _inner(payload, "created_by")
    gid, writer = clean_identifier(target.get("gid")), clean_identifier(author.get("gid"))
    by = record_key(context.source, "users", writer) if writer else None
    row = staged_row(
        "touchpoint",
        context,
        kind="comment",
        happened_at=happened_at,
        created_at=happened_at,
        direction="internal",
        subject=_line(target.get("name")),
        text=clean_text(payload.get("text")),
        thread=f"asana:{gid}" if gid else None,
        owner_record=by,
        deep_link=TASK_PAGE.format(gid) if gid else None,
    )
    output.rows["touchpoint"] = [row]
    if by:
        # A guest's comment also belongs to where the guest works.
        output.participants.append((row["record"], 0, "from", None, _line(author.get("name")), by))
    if gid:
        _relate(row["record"], [record_key(context.source, "tasks", gid)], context, output)


def _is_own(address: str, context: Context) -> bool:
    """Whether an address is ours; everybody's is where the deployment names no domains."""
    host = address.rpartition("@")[2]
    own = context.own_domains
    is_named = address in context.own_addresses or host in own or (registrable_domain(host) or "") in own
    return is_named or not own


def _inner(payload: dict[str, Any], name: str) -> dict[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _line(value: object) -> str | None:
    try:
        return clean_line(value)
    except Unreadable:
        return None


MAPPING = Mapping(
    connector="asana",
    streams={
        "users": StreamMapping(None, extra=user, makes=("colleague", "person")),
        "projects": StreamMapping(
            "work_item",
            PROJECT_ROWS,
            ignored=PROJECT_IGNORED,
            extra=project,
            listed=CUSTOM_FIELDS,
            makes=("relation",),
        ),
        "tasks": StreamMapping(
            "work_item",
            TASK_ROWS,
            ignored=TASK_IGNORED,
            extra=task,
            listed=CUSTOM_FIELDS,
            makes=("relation",),
        ),
        "stories": StreamMapping(None, extra=story, makes=("touchpoint", "relation")),
    },
)
