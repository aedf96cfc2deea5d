"""Mails and attachments from a mailbox as staged records: touchpoints with participants, and documents."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from connectors.record import utc_text
from mappings.canonical import record_key
from mappings.mail.attachments import attachment
from mappings.mail.bodies import message_text, part_text
from mappings.mail.calendars import Invitation, read_invitation
from mappings.mail.headers import Headers, MailPerson
from mappings.mail.nature import direction_of, nature_of
from mappings.mail.quotes import split_quoted
from mappings.mail_identity import mail_same_as, normalized_message_id
from mappings.rows import Context, Finding, Mapping, StagedOutput, StreamMapping
from mappings.validate import sample_of, skip

FIRST_YEAR = 1981
"""No mail is older; machines without a clock write 1970."""
CLOCK_SKEW = timedelta(days=1)
"""How far a sender's clock may run ahead of the moment the server took the mail."""
LONGEST_SUBJECT = 2000
SENSITIVITY = {"personal": "private", "private": "private", "company-confidential": "confidential"}
"""The Sensitivity header (RFC 4021) in the hub's words."""


def message(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """One mail as a touchpoint with its participants; an invitation as the meeting it is about."""
    headers = Headers(str(payload.get("header") or ""))
    parts = [part for part in payload.get("body") or [] if isinstance(part, dict)]
    mailbox = str(payload.get("mailbox") or "") or None
    people = headers.participants()
    sender = next((person for person in people if person.role == "from"), None)
    subject = (headers.text("subject") or "")[:LONGEST_SUBJECT] or None
    row: dict[str, Any] = {
        "record": record_key(context.source, context.stream, context.source_id),
        "kind": "email",
        "happened_at": _happened_at(headers, payload, context, output),
        "created_at": payload.get("internaldate"),
        "subject": subject,
        "thread": _thread(headers, context),
        "mailbox": mailbox,
        "sensitivity": SENSITIVITY.get(headers.word("sensitivity"), "normal"),
        "nature": nature_of(headers, _types(payload, parts), subject, sender),
    }
    row["same_as"] = _same_as(headers, parts, row["happened_at"], sender, subject)
    said = split_quoted(message_text(parts))
    row["text"], row["quoted"], row["signature"] = said
    row["left_out"] = None if payload.get("body_state") == "fetched" else sample_of(payload.get("body_state"))
    people = _with_meeting(row, people, parts, output)
    own = context.own_addresses | ({mailbox} if mailbox else set())
    row["direction"] = direction_of(people, own, context.own_domains)
    output.rows["touchpoint"] = [row]
    for position, person in enumerate(people):
        output.participants.append((row["record"], position, person.role, person.address, person.name, None))
    _report(payload, row, people, output)


def _happened_at(headers: Headers, payload: dict[str, Any], context: Context, output: StagedOutput) -> str:
    """When it was sent; when it arrived, with a finding, where the sender's date is absent or cannot be true."""
    arrived = _arrived(payload.get("internaldate"))
    sent = headers.date()
    if sent is not None and sent.year >= FIRST_YEAR and (arrived is None or sent <= arrived + CLOCK_SKEW):
        return utc_text(sent)
    said = headers.raw("date")
    code = "date_absent" if not said else "date_unreadable" if sent is None else "date_implausible"
    output.findings.append(Finding(code, "date", sample_of(said)))
    if arrived is None:
        raise skip(context, code)
    return utc_text(arrived)


def _arrived(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _thread(headers: Headers, context: Context) -> str:
    """The id of the first mail of the conversation, as far as the headers tell."""
    roots = [*headers.ids("references"), *headers.ids("in-reply-to"), headers.raw("message-id")]
    root = next((known for value in roots if (known := normalized_message_id(value))), None)
    return f"mail:{root}" if root else f"mail:{context.source_id}"


def _same_as(
    headers: Headers,
    parts: list[dict[str, Any]],
    happened_at: str,
    sender: MailPerson | None,
    subject: str | None,
) -> str | None:
    """Equal for every copy of the mail. Without a Message-ID the content must speak, and only where it was fetched."""
    address = sender.address or sender.name if sender else None
    known = mail_same_as(headers.raw("message-id"), happened_at, address, subject)
    if known or not parts or not address or headers.date() is None:
        return known
    said = "\n".join(
        [happened_at, address, subject or "", headers.raw("to"), *(part_text(part) for part in parts)]
    )
    return f"mail::{hashlib.blake2b(said.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def _types(payload: dict[str, Any], parts: list[dict[str, Any]]) -> list[str]:
    known = [part for part in payload.get("structure") or [] if isinstance(part, dict)]
    return [str(part.get("type")) for part in (*parts, *known) if part.get("disposition") != "attachment"]


def _with_meeting(
    row: dict[str, Any], people: list[MailPerson], parts: list[dict[str, Any]], output: StagedOutput
) -> list[MailPerson]:
    """Make the touchpoint the meeting that an invitation is about; its guests join the participants.

    What a guest answers stays a mail, with the answer as its status: it says nothing new about the meeting.
    """
    invitation = _invitation(parts) if row["nature"] == "invite" else None
    if invitation is None:
        return people
    if invitation.zone_unknown:
        output.findings.append(Finding("unknown_zone", "calendar", sample_of(invitation.zone_unknown)))
    if invitation.is_answer:
        row["status"] = invitation.answer
        return people
    stamped = utc_text(invitation.stamped) if invitation.stamped else row["happened_at"]
    row["kind"], row["same_as"], row["status"] = "meeting", invitation.same_as, invitation.status
    row["revision"], row["recurrence"] = f"{invitation.sequence:05}/{stamped}", invitation.rule
    row["happened_at"] = utc_text(invitation.starts) if invitation.starts else row["happened_at"]
    row["ended_at"] = utc_text(invitation.ends) if invitation.ends else None
    row["subject"] = row["subject"] or invitation.summary
    named = {person.address for person in people}
    return people + [person for person in invitation.people if person.address not in named]


def _invitation(parts: list[dict[str, Any]]) -> Invitation | None:
    calendars = (part for part in parts if part.get("type") == "text/calendar")
    return next((found for part in calendars if (found := read_invitation(part_text(part)))), None)


def _report(
    payload: dict[str, Any], row: dict[str, Any], people: list[MailPerson], output: StagedOutput
) -> None:
    """What a person may want to know: a body that is not whole, unreadable letters, people without address."""
    if payload.get("body_state") not in {"fetched", "left_by_policy"}:
        output.findings.append(Finding("body_incomplete", "body", sample_of(payload.get("body_state"))))
    for name in ("subject", "text"):
        if "\ufffd" in (row[name] or ""):
            output.findings.append(Finding("damaged_text", name, ""))
    for person in people:
        if person.address is None:
            output.findings.append(Finding("unreadable_email", person.role, ""))


MAPPING = Mapping(
    connector="imap",
    streams={
        "messages": StreamMapping(kind=None, extra=message, version=3, makes=("touchpoint",)),
        "attachments": StreamMapping(kind=None, extra=attachment, version=2, makes=("document", "passage")),
    },
)
