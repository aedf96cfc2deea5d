"""The form by which somebody logs a call, a note, an agreement, …: its fields, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mappings.clean.money import amount_minor, currency_meant
from mappings.clean.unreadable import Unreadable
from warehouse.commands.enter import DAYS, DIRECTIONS, MEANT, TEMPLATES, TOUCHPOINTS, check_day
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST: Final = 20_000
WRITTEN_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d)?)?")
GROUPS: Final[dict[str, dict[str, str]]] = {
    "Spoken and written": {
        "call": "Call", "meeting": "Meeting", "note": "Note", "visit": "Visit", "message": "E-mail or message",
        "check_in": "Check-in", "review": "Review",
    },
    "Promised": {"agreement": "Agreement", "commitment": "Commitment"},
    "Done": {
        "task": "Task", "deliverable": "Deliverable", "document": "Document", "outcome": "Outcome",
        "ticket": "Ticket", "quality_report": "Quality report",
    },
    "Business": {
        "deal": "Deal", "order": "Order", "training": "Training", "certification": "Certification",
        "campaign": "Campaign", "joint_project": "Joint project",
    },
}  # fmt: skip
"""What can be logged, as the form offers it: group → kind → label."""
SHOWN_KINDS: Final = {kind: label for kinds in GROUPS.values() for kind, label in kinds.items()}


class Input(NamedTuple):
    """One input of the form. kind: of the HTML input, or textarea, people or choice."""

    name: str
    label: str
    kind: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()


WHEN: Final = Input("happened_at", "When (UTC)", "datetime-local")
PEOPLE: Final = Input("participants", "With whom", "people")
SAID: Final = Input("text", "What was said", "textarea")
SUBJECT: Final = Input("subject", "Subject", "text")
WAY: Final = Input(
    "direction",
    "Who began",
    "choice",
    "",
    (("", "not said"), ("in", "they"), ("out", "we"), ("internal", "among us")),
)
UNTIL: Final = Input("ended_at", "Until (UTC)", "datetime-local", "Where it took longer than a day")
ABOUT: Final = Input("subject", "What it is", "text")
WORDS: Final = Input("text", "More words", "textarea")


def told(said: str, hint: str = "") -> tuple[Input, ...]:
    """When, what it is, and what somebody has to say of it."""
    return (WHEN, ABOUT, Input("text", said, "textarea", hint), PEOPLE)


TITLE: Final = Input("title", "What it is called", "text")
MORE: Final = Input("text", "More words", "textarea")
AMOUNT: Final = Input("amount", "Amount", "text", "With its currency: 480k USD or 1200.50 EUR")
FIELDS: Final[dict[str, tuple[Input, ...]]] = {
    "call": (WHEN, WAY, PEOPLE, SUBJECT, SAID),
    "meeting": (WHEN, PEOPLE, SUBJECT, SAID),
    "visit": (WHEN, PEOPLE, SUBJECT, SAID),
    "message": (WHEN, WAY, PEOPLE, SUBJECT, SAID),
    "note": (WHEN, SUBJECT, Input("text", "The note", "textarea")),
    "check_in": (WHEN, WAY, PEOPLE, SUBJECT, SAID),
    "review": (WHEN, PEOPLE, SUBJECT, Input("text", "What was found", "textarea")),
    "task": (WHEN, Input("subject", "What was done", "text"), PEOPLE, WORDS),
    "deliverable": (WHEN, Input("subject", "What was delivered", "text"), PEOPLE, WORDS),
    "document": told("Where it lies, or what it says", "A link, or the passage that matters"),
    "outcome": told("What came of it"),
    "ticket": told("What was wrong", "With its number, where there is one"),
    "quality_report": told("What it found"),
    "deal": told("What is new", "Deals of the CRM stand on the page by themselves"),
    "order": told("What was ordered", "With amount and currency: 480k USD"),
    "training": (WHEN, UNTIL, ABOUT, PEOPLE, WORDS),
    "certification": (WHEN, Input("subject", "What was certified", "text"), PEOPLE, WORDS),
    "campaign": (WHEN, UNTIL, ABOUT, WORDS),
    "joint_project": (WHEN, UNTIL, ABOUT, Input("text", "What it is for", "textarea"), PEOPLE),
    "agreement": (
        TITLE, Input("starts_on", "Starts on", "date"), Input("ends_on", "Ends on", "date"),
        Input("renews_on", "Renews on", "date"),
        Input("agreement_kind", "Kind", "text", "contract, amendment, nda, …"),
        Input("status", "Status", "text", "As you call it: active, draft, …"), AMOUNT, MORE,
    ),
    "commitment": (
        Input("title", "What was promised", "text"), Input("due_on", "Due on", "date"),
        Input("promised_on", "Promised on", "date"), Input("done_on", "Kept on", "date"), MORE,
    ),
}  # fmt: skip
"""Kind of entry → its inputs, in order."""


@dataclass(slots=True)
class Filled:
    """A form as somebody filled it. said: as written, by input. errors: what is wrong, by input."""

    kind: str
    said: dict[str, str]
    people: list[str]
    fields: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def is_required(kind: str, name: str) -> bool:
    """Whether an entry of a kind needs this by itself; one of several is told by its hint."""
    return any(group == (name,) for group in TEMPLATES[kind].required)


def read_form(kind: str, form: Mapping[str, str], people: Sequence[str], now: str) -> Filled:
    """What was filled in: the fields of an entry, or what is wrong with each input. people: names and addresses."""
    filled = Filled(
        kind, {each.name: form.get(each.name, "").strip()[:LONGEST] for each in FIELDS[kind]}, list(people)
    )
    for name, written in filled.said.items():
        if written and name not in {"amount", "agreement_kind", "participants"}:
            filled.fields[name] = written
    if people:
        filled.fields["participants"] = list(people)
    if TEMPLATES[kind].stream != TOUCHPOINTS:
        read_agreement(filled)
    else:
        read_time(filled, now)
    for name in DAYS & filled.fields.keys():
        try:
            check_day(name, filled.fields[name])
        except WarehouseError as error:
            filled.errors[name] = f"{error.happened} {error.do}"
    if filled.fields.get("direction") not in {None, *DIRECTIONS}:
        filled.errors["direction"] = "Choose one of the list."
    for group in TEMPLATES[kind].required:
        if not any(filled.fields.get(name) for name in group):
            words = " or ".join(MEANT.get(name, name) for name in group)
            filled.errors.setdefault(group[0], f"Say {words}.")
    return filled


def read_time(filled: Filled, now: str) -> None:
    """When it happened, and until when, as UTC text; a day alone is its midnight."""
    for name in ("happened_at", "ended_at"):
        written = filled.fields.get(name)
        if not written:
            continue
        found = WRITTEN_TIME.fullmatch(written)
        try:
            at = datetime.fromisoformat(f"{found.group(1)}T{found.group(2) or '00:00'}") if found else None
        except ValueError:
            at = None
        if at is None:
            filled.errors[name] = f"“{written}” is no time. Write it as 2026-09-01 14:30."
            continue
        filled.fields[name] = f"{at:%Y-%m-%dT%H:%M}:00.000000Z"
    began, ended = filled.fields.get("happened_at", ""), filled.fields.get("ended_at", "")
    if began > now and "happened_at" not in filled.errors:
        filled.errors["happened_at"] = "This is still to come. Log what has happened; times are in UTC."
    if ended and ended < began and not filled.errors:
        filled.errors["ended_at"] = "It would end before it begins."


def read_agreement(filled: Filled) -> None:
    """Kind and amount of an agreement, and whether its days are in order."""
    if filled.kind == "agreement":
        filled.fields["kind"] = filled.said["agreement_kind"] or "contract"
    if written := filled.said.get("amount"):
        currency = currency_meant(written, "")
        try:
            filled.fields |= {"amount_minor": amount_minor(written, currency), "currency": currency}
        except (Unreadable, KeyError, ValueError):
            currency = ""
        if not currency:
            filled.errors["amount"] = f"“{written}” is no amount. Write it as 480k USD or 1200.50 EUR."
    starts, ends = filled.fields.get("starts_on"), filled.fields.get("ends_on")
    if starts and ends and ends < starts:
        filled.errors["ends_on"] = f"It would end before it starts on {starts}."
