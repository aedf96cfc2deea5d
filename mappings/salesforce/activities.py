"""What rows cannot say about Salesforce's tasks, events, cases and logged mails.

A task is two things at Salesforce: something to do, or the log of a mail or call that took place. Its subtype tells.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from connectors.record import utc_text
from mappings.clean.emails import clean_email
from mappings.clean.names import clean_person_name
from mappings.clean.scalars import clean_integer, split_list
from mappings.clean.text import clean_line
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.compile import compile_stream
from mappings.mail_identity import mail_same_as
from mappings.rows import Context, Finding, StagedOutput, Stager, StreamMapping
from mappings.salesforce.fields import BOOKKEEPING, CALL_ROWS, TODO_ROWS
from mappings.salesforce.records import STREAM_OF_PREFIX, relate
from mappings.validate import sample_of

REFERENCES = ("WhoId", "WhatId", "AccountId", "ContactId", "Who", "What", "IsClosed", "IsAllDayEvent")
"""What `about` relations are made of."""
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
DIRECTIONS = {"inbound": "in", "outbound": "out", "internal": "internal"}
LONGEST_TITLE = 120


@cache
def _stager(kind: str) -> Stager:
    """The rows of a task as what it is: `email`, `call` or `task`."""
    staged, rows = ("work_item", TODO_ROWS) if kind == TODO else ("touchpoint", CALL_ROWS)

    def complete(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
        """Which of the things a task may be."""
        del payload, context
        output.rows[staged][0]["kind"] = kind

    return compile_stream(
        StreamMapping(staged, rows, ignored=BOOKKEEPING | frozenset(TASK_PARTS), extra=complete)
    )


def task(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A logged mail or call as a touchpoint, anything else as a thing to do. A call nobody made yet is to be done."""
    kind = _kind_of(payload)
    staged = _stager(kind)(_titled(payload) if kind == TODO else payload, context)
    output.rows.update(staged.rows)
    output.findings.extend(staged.findings)
    if kind == TODO:
        row = output.rows["work_item"][0]
        row["done_at"] = row["done_at"] if payload.get("IsClosed") else None
    elif kind == CALL:
        _call(payload, output)
    else:
        _logged_mail(payload, output)
    _relate(payload, context, output)


def _kind_of(payload: dict[str, Any]) -> str:
    subtype = str(payload.get("TaskSubtype") or "").lower()
    if subtype in MAILS:
        return EMAIL
    return CALL if subtype == CALL and payload.get("IsClosed") else TODO


def _titled(payload: dict[str, Any]) -> dict[str, Any]:
    """A task without a subject is called by the first line of its text."""
    if clean_line(payload.get("Subject")):
        return payload
    first = str(payload.get("Description") or "").strip().partition("\n")[0][:LONGEST_TITLE]
    return {**payload, "Subject": first or "Task"}


def _call(payload: dict[str, Any], output: StagedOutput) -> None:
    row = output.rows["touchpoint"][0]
    row["direction"] = DIRECTIONS.get(str(payload.get("CallType") or "").lower())
    try:
        seconds = clean_integer(payload.get("CallDurationInSeconds"))
    except Unreadable:
        seconds = None
    if seconds and row["happened_at"]:
        started = datetime.fromisoformat(row["happened_at"])
        row["ended_at"] = utc_text(started + timedelta(seconds=seconds))
    _attends(payload, output, "attendee")


def _logged_mail(payload: dict[str, Any], output: StagedOutput) -> None:
    """The mail behind the task says who, when and which; without it the task is all there is."""
    row = output.rows["touchpoint"][0]
    mail = _mail_of(payload)
    if mail is None:
        _attends(payload, output, "to")
        return
    row["subject"] = clean_line(mail.get("Subject")) or row["subject"]
    try:
        row["happened_at"] = clean_time(mail.get("MessageDate")) or row["happened_at"]
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, "MessageDate", sample_of(mail.get("MessageDate"))))
    _identify(mail, output)


def _mail_of(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The first mail a task logs, from the child records read with it."""
    children = payload.get("EmailMessages")
    records = children.get("records") if isinstance(children, dict) else None
    first = records[0] if isinstance(records, list) and records else None
    return first if isinstance(first, dict) else None


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
    """A meeting, with the person it was about as the one who attended."""
    row = output.rows["touchpoint"][0]
    row["kind"] = "meeting"
    _relate(payload, context, output)
    _attends(payload, output, "attendee")


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
