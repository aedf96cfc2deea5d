"""What rows cannot say about Salesforce's tasks, events, cases and logged mails.

A task is two things at Salesforce: something to do, or the log of a mail or call that took place. Its subtype tells.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.record import utc_text
from mappings.clean.emails import clean_email
from mappings.clean.names import clean_person_name
from mappings.clean.scalars import clean_integer, split_list
from mappings.clean.text import clean_identifier, clean_line
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.mail_identity import mail_same_as
from mappings.rows import Context, Finding, StagedOutput
from mappings.salesforce.records import STREAM_OF_PREFIX, children_of, relate
from mappings.validate import sample_of

REFERENCES = ("WhoId", "WhatId", "AccountId", "ContactId", "Who", "What", "IsClosed", "IsAllDayEvent")
"""What `about` relations are made of."""
EVENT_PARTS = (*REFERENCES, "EventRelations")
MAIL_PARTS = (
    "FromAddress", "FromName", "ToAddress", "CcAddress", "BccAddress", "MessageIdentifier", "Incoming", "ActivityId",
    "RelatedToId", "ParentId", "HtmlBody", "Headers", "ValidatedFromAddress", "IsExternallyVisible",
)  # fmt: skip
TASK_PARTS = (
    *REFERENCES,
    "EmailMessages",
    "TaskSubtype",
    "CallType",
    "CallDurationInSeconds",
    "IsHighPriority",
)
MAILS = frozenset({"email", "listemail"})
EMAIL, CALL, TODO = "email", "call", "task"
OUTSIDE = frozenset({"Contact", "Lead"})
PEOPLE = OUTSIDE | {"User"}
DIRECTIONS = {"inbound": "in", "outbound": "out", "internal": "internal"}
LONGEST_TITLE = 120


def task_kind(payload: dict[str, Any]) -> str:
    """What a task is: a logged `email`, a `call` that was made, else a thing to do. A call to be made is to be done."""
    subtype = str(payload.get("TaskSubtype") or "").lower()
    if subtype in MAILS:
        return EMAIL
    return CALL if subtype == CALL and payload.get("IsClosed") else TODO


def todo(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A thing to do. Without a subject it is called by the first line of its text."""
    row = output.rows["work_item"][0]
    row["kind"] = TODO
    first = str(payload.get("Description") or "").strip().partition("\n")[0][:LONGEST_TITLE]
    row["title"] = row["title"] or clean_line(first) or "Task"
    row["done_at"] = row["done_at"] if payload.get("IsClosed") else None
    _relate(payload, context, output)


def call(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A call that was made, with its length."""
    row = output.rows["touchpoint"][0]
    row["kind"] = CALL
    row["direction"] = DIRECTIONS.get(str(payload.get("CallType") or "").lower())
    try:
        seconds = clean_integer(payload.get("CallDurationInSeconds"))
    except Unreadable:
        seconds = None
    if seconds and row["happened_at"]:
        started = datetime.fromisoformat(row["happened_at"])
        row["ended_at"] = utc_text(started + timedelta(seconds=seconds))
    _attends(payload, output, "attendee")
    _relate(payload, context, output)


def logged_mail(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The mail behind the task says who, when and which; without it the task is all there is."""
    row = output.rows["touchpoint"][0]
    row["kind"] = EMAIL
    mail = next(iter(children_of(payload, "EmailMessages")), None)
    if mail is None:
        _attends(payload, output, "to")
    else:
        row["subject"] = clean_line(mail.get("Subject")) or row["subject"]
        try:
            row["happened_at"] = clean_time(mail.get("MessageDate")) or row["happened_at"]
        except Unreadable as unreadable:
            sample = sample_of(mail.get("MessageDate"))
            output.findings.append(Finding(unreadable.code, "MessageDate", sample))
        _identify(mail, output)
    _relate(payload, context, output)


def email(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A mail Salesforce holds itself; the task that logs it, and the mailbox's copy, are the same fact."""
    _identify(payload, output)
    relate("about", payload.get("RelatedToId"), context, output)


def _identify(mail: dict[str, Any], output: StagedOutput) -> None:
    """Kind, direction, who took part, and the identity that makes all copies one fact."""
    row = output.rows["touchpoint"][0]
    row["kind"] = EMAIL
    incoming = mail.get("Incoming")
    row["direction"] = None if incoming is None else "in" if incoming else "out"
    people = _people(mail, output)
    sender = next((address for role, address, _ in people if role == "from"), None)
    row["same_as"] = mail_same_as(
        clean_line(mail.get("MessageIdentifier")), row["happened_at"], sender, row["subject"]
    )
    for position, (role, address, name) in enumerate(people):
        output.participants.append((row["record"], position, role, address, name, None))


def _people(mail: dict[str, Any], output: StagedOutput) -> list[tuple[str, str | None, str | None]]:
    """(role, address, name) of everybody on a mail, each once per role."""
    found: dict[tuple[str, str | None], str | None] = {}
    for role in ("from", "to", "cc", "bcc"):
        field = f"{role.capitalize()}Address"
        name = clean_person_name(mail.get("FromName")) if role == "from" else None
        for written in split_list(mail.get(field), commas=True):
            try:
                address = clean_email(written)
            except Unreadable as unreadable:
                output.findings.append(Finding(unreadable.code, field, sample_of(written)))
                continue
            if address:
                found.setdefault((role, address), name)
    return [(role, address, name) for (role, address), name in found.items()]


def event(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A meeting, with the person it was about and everybody invited as those who attended."""
    row = output.rows["touchpoint"][0]
    row["kind"] = "meeting"
    _relate(payload, context, output)
    _attends(payload, output, "attendee")
    _invited(payload, context, output)


def _invited(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Who else an event names: people take part, accounts and deals are what it is about."""
    record = output.rows["touchpoint"][0]["record"]
    known = {(person, address) for _, _, _, address, _, person in output.participants}
    for entry in children_of(payload, "EventRelations"):
        who = clean_identifier(entry.get("RelationId"))
        behind = entry.get("Relation")
        said = behind if isinstance(behind, dict) else {}
        stream = str(said.get("Type") or STREAM_OF_PREFIX.get((who or "")[:3], ""))
        if not who or not stream:
            continue
        if stream not in PEOPLE:
            relate("about", who, context, output, stream)
            continue
        person = f"{context.source}/{stream}/{who}" if stream in OUTSIDE else None
        address = _address(said.get("Email"), output) if person is None else None
        if person:
            relate("about", who, context, output, stream)
        if (person, address) not in known and (person or address):
            known.add((person, address))
            name = clean_person_name(said.get("Name"))
            output.participants.append((record, len(output.participants), "attendee", address, name, person))


def _address(written: object, output: StagedOutput) -> str | None:
    try:
        return clean_email(written)
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, "EventRelations.Email", sample_of(written)))
        return None


def case(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A case as work, about the account and contact it belongs to."""
    row = output.rows["work_item"][0]
    row["kind"] = "case"
    row["title"] = row["title"] or "Case"
    for name in ("AccountId", "ContactId"):
        relate("about", payload.get(name), context, output)


def _attends(payload: dict[str, Any], output: StagedOutput, role: str) -> None:
    """The person an activity points to took part, under whatever address the person has."""
    row = output.rows["touchpoint"][0]
    who = payload.get("WhoId")
    stream = STREAM_OF_PREFIX.get(str(who or "")[:3])
    if who and stream:
        record = f"{row['source']}/{stream}/{who}"
        output.participants.append((row["record"], 0, role, None, None, record))


def _relate(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """What an activity is about: a person, a record of any object, and the account Salesforce derives from them."""
    for name in ("WhoId", "WhatId"):
        relation = payload.get(name.removesuffix("Id"))
        stream = relation.get("Type") if isinstance(relation, dict) else None
        relate("about", payload.get(name), context, output, str(stream or ""))
    relate("about", payload.get("AccountId"), context, output, "Account")
