"""What rows cannot say about HubSpot's notes, mails, meetings, calls, tasks and tickets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from connectors.record import utc_text
from mappings.clean.emails import clean_email
from mappings.clean.names import clean_person_name
from mappings.clean.scalars import clean_integer, split_list
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable
from mappings.hubspot.records import properties_of
from mappings.mail_identity import mail_same_as
from mappings.rows import Context, Extra, Finding, StagedOutput
from mappings.validate import sample_of

MAIL_ROLES = ("from", "to", "cc", "bcc")
LONGEST_TITLE = 120

Person: TypeAlias = tuple[str, str | None, str | None]
"""Role, address, name."""


def touchpoint(kind: str) -> Extra:
    """What completes a touchpoint of a stream that holds one kind."""

    def complete(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
        """What kind of touchpoint the stream holds."""
        del payload, context
        output.rows["touchpoint"][0]["kind"] = kind

    return complete


def email(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Kind, participants, and the identity that makes the CRM's copy and the mailbox's copy one fact."""
    del context
    row = output.rows["touchpoint"][0]
    row["kind"] = "email"
    properties = properties_of(payload)
    people = _mail_participants(properties, output)
    senders = [address for role, address, _ in people if role == "from"]
    row["same_as"] = mail_same_as(
        clean_line(properties.get("hs_email_message_id")),
        row["happened_at"],
        senders[0] if senders else None,
        row["subject"],
    )
    for position, (role, address, name) in enumerate(people):
        output.participants.append((row["record"], position, role, address, name, None))


def _mail_participants(properties: dict[str, Any], output: StagedOutput) -> list[Person]:
    """(role, address, name) from the headers as JSON, else from the flat properties; each once per role."""
    headers = _headers(properties.get("hs_email_headers"))
    people: dict[tuple[str, str | None], str | None] = {}
    for role in MAIL_ROLES:
        entries = headers.get(role) or []
        named = [
            entry
            for entry in (entries if isinstance(entries, list) else [entries])
            if isinstance(entry, dict)
        ]
        written = [(entry.get("email"), _header_name(entry)) for entry in named]
        if not written:
            flat = properties.get(f"hs_email_{role}_email")
            written = [(address, None) for address in split_list(flat, commas=True)]
        for address, name in written:
            try:
                key = (role, clean_email(address))
            except Unreadable as unreadable:
                output.findings.append(Finding(unreadable.code, f"hs_email_{role}_email", sample_of(address)))
                key = (role, None)
            if (key[1] or name) and key not in people:
                people[key] = name
    return [(role, address, name) for (role, address), name in people.items()]


def _headers(value: object) -> dict[str, Any]:
    try:
        headers = json.loads(value) if isinstance(value, str) and value else {}
    except ValueError:
        return {}
    return headers if isinstance(headers, dict) else {}


def _header_name(entry: dict[str, Any]) -> str | None:
    halves = (entry.get("firstName"), entry.get("lastName"))
    return clean_person_name(" ".join(half for half in halves if isinstance(half, str) and half))


def meeting(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Kind, and the calendar's own id, which the invitation in a mailbox carries too."""
    del context
    row = output.rows["touchpoint"][0]
    row["kind"] = "meeting"
    uid = clean_line(properties_of(payload).get("hs_i_cal_uid"))
    row["same_as"] = f"ical:{uid}" if uid else None


def call(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Kind, and the end from the duration in milliseconds."""
    del context
    row = output.rows["touchpoint"][0]
    row["kind"] = "call"
    try:
        duration = clean_integer(properties_of(payload).get("hs_call_duration"))
    except Unreadable:
        duration = None
    if duration and row["happened_at"]:
        started = datetime.fromisoformat(row["happened_at"]).astimezone(UTC)
        row["ended_at"] = utc_text(started + timedelta(milliseconds=duration))


def work_item(kind: str) -> Extra:
    """What completes a work item of a stream that holds one kind."""

    def complete(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
        """Kind, and a title from the text where nobody wrote one."""
        del payload, context
        row = output.rows["work_item"][0]
        row["kind"] = kind
        row["title"] = row["title"] or (row["text"] or "").partition("\n")[0][:LONGEST_TITLE].strip() or None

    return complete
