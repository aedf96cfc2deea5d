"""How stored values read on a page: times, money, ages, labels of fields and reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from partnerhub.amounts import in_words, money
from partnerhub.web.deep_links import record_page
from warehouse.queries.record import Event, Value

GROUPS: Final = (
    ("Who", ("name", "legal_name", "other_names", "website", "domain", "email", "phone")),
    ("Where", ("street", "postcode", "city", "region", "country")),
    (
        "Partnership",
        (
            "account_type",
            "roles",
            "tier",
            "stage",
            "status",
            "owner",
            "annual_value",
            "renews_on",
            "reviewed_on",
            "labels",
            "services",
        ),
    ),
    ("More", ("industry", "employees", "description", "notes")),
)
LABELS: Final = {
    "other_names": "Also known as",
    "email": "E-mail",
    "account_type": "Type",
    "legal_name": "Legal name",
    "renews_on": "Renews on",
    "reviewed_on": "Last reviewed",
}
RULES: Final = {
    "pin": "Set by a person.",
    "system_of_record": "Its source is the system of record.",
    "validity": "The others can hardly be right.",
    "completeness": "Its record is the fullest.",
    "frequency": "Most records say so.",
    "spelling": "The best spelling of it.",
    "priority": "Its source has priority.",
    "recency": "Changed last.",
    "only": "The only source that says so.",
    "union": "All sources together.",
}
METHODS: Final = {
    "founding": "first record",
    "score": "same by score",
    "decision": "decided by a person",
    "merged_into": "merged at its source",
    "kept": "gone at its source, stays where it was",
    "standing": "stood there when new weights came",
    "crm_id": "linked in the CRM",
    "person_address": "by a person's address",
    "host": "by its host",
    "domain": "by its domain",
    "name": "by its name",
    "mention": "named in its words",
}
KINDS: Final = {
    "email": "Mail",
    "meeting": "Meeting",
    "call": "Call",
    "note": "Note",
    "task": "Task",
    "ticket": "Ticket",
    "agreement": "Agreement",
    "commitment": "Commitment",
    "check_in": "Check-in",
    "quality_report": "Quality report",
    "joint_project": "Joint project",
}
WAYS: Final = {"in": "from them", "out": "to them", "internal": "among us"}
STEPS: Final = (
    (86_400 * 365, "year"),
    (86_400 * 30, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
)
SOON: Final = 60


def parsed(text: str) -> datetime:
    """The hub's UTC text as a datetime."""
    return datetime.fromisoformat(text)


def day(text: str | None) -> str:
    """`14 October 2026`."""
    if not text:
        return ""
    moment = parsed(text)
    return f"{moment.day} {moment:%B %Y}"


def short_day(text: str | None) -> str:
    """`14 Oct 2026`."""
    if not text:
        return ""
    moment = parsed(text)
    return f"{moment.day} {moment:%b %Y}"


def exactly(text: str | None) -> str:
    """`14 October 2026, 09:00 UTC`."""
    if not text:
        return ""
    moment = parsed(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def clock(text: str) -> str:
    """`14 Oct, 09:00`."""
    moment = parsed(text)
    return f"{moment.day} {moment:%b}, {moment:%H:%M}"


def age(text: str | None, now: datetime | None = None) -> str:
    """`3 days ago`; nothing for no time, and `in 3 days` for one ahead."""
    if not text:
        return ""
    moment = parsed(text)
    seconds = ((now or datetime.now(UTC)) - moment.astimezone(UTC)).total_seconds()
    if abs(seconds) < SOON:
        return "just now"
    size, unit = next((size, unit) for size, unit in STEPS if abs(seconds) >= size)
    count = int(abs(seconds) // size)
    words = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def label(field: str) -> str:
    """What a field is called on a page."""
    name = field.removeprefix("custom.")
    return LABELS.get(name, name.replace("_", " ").strip().capitalize())


def method(name: str) -> str:
    """How something came to belong here."""
    return METHODS.get(name, f"same {name.removeprefix('key:')}" if name.startswith("key:") else name)


def grouped(values: Iterable[Value]) -> list[tuple[str, list[Value]]]:
    """Values under headings; empty headings are left out, fields without one come last."""
    by_name = {value.field: value for value in in_words(values)}
    found = [(title, [by_name.pop(name) for name in names if name in by_name]) for title, names in GROUPS]
    return [(title, group) for title, group in [*found, ("Own fields", list(by_name.values()))] if group]


def by_month(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    """Events under the month they fall into, in their order."""
    months = groupby(events, key=lambda event: f"{parsed(event.happened_at):%B %Y}")
    return [(month, list(group)) for month, group in months]


def initials(name: str) -> str:
    """Up to two letters for the round mark beside a name."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "day": day,
    "short_day": short_day,
    "exactly": exactly,
    "clock": clock,
    "age": age,
    "label": label,
    "method": method,
    "initials": initials,
    "rule": lambda name: RULES.get(name, name),
    "kind": lambda name: KINDS.get(name, str(name).replace("_", " ").capitalize()),
    "way": lambda name: WAYS.get(name, ""),
    "money": money,
    "record_page": record_page,
    "source": lambda record: str(record).split("/", 1)[0],
    "count": lambda number: f"{number:,}",
    "shown_id": lambda text: str(text)[:8],
}
