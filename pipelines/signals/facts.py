"""What a rule may know of one partner, and what it answers. Plain rows: no database, no clock.

Times are the hub's UTC text, days `datetime.date`; addresses are normalized, in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from partnerhub.config.signals import Thresholds

INFO, ATTENTION, URGENT = "info", "attention", "urgent"
PERSON: Final = "person"
"""The nature of what people say to one another."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on: a record, what it says, and when it said so. place: a slide, a part of a file."""

    record: str
    quote: str
    at: str | None = None
    fact_id: str | None = None
    place: str | None = None

    def plain(self) -> dict[str, str]:
        """For `evidence_json`; what is unknown is left out, except `at`."""
        said = {"record": self.record, "quote": self.quote, "fact_id": self.fact_id, "place": self.place}
        return {**{name: value for name, value in said.items() if value}, "at": self.at or ""}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found. subject: what inside the partner it is about, the same for as long as it is the same."""

    subject: str
    sentence: str
    level: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of our own people as one source has them."""

    record: str
    name: str
    email: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One live source record of the partner. called: the source's title. values: staged field → value.

    For records read out of a document: what that is called, where in it each field stands, and how it is written.
    """

    record: str
    called: str
    at: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    owner: Colleague | None = None
    document: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person there. current: whether some source still has them there."""

    name: str
    addresses: frozenset[str] = frozenset()
    current: bool = True


@dataclass(frozen=True, slots=True)
class Touch:
    """One touchpoint. sender: its address. theirs, ours: who is on it, by side. text: None where it may not be read.

    Who is on it comes from its participants, the contacts it is logged with, and the colleague who logged it.
    """

    fact_id: str
    record: str
    kind: str
    at: str
    direction: str | None = None
    nature: str = PERSON
    thread: str | None = None
    title: str | None = None
    text: str | None = None
    sender: str | None = None
    sender_name: str | None = None
    theirs: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounce:
    """Mail to an address came back for good. said: the words of the server that returned it, where they may be told."""

    fact_id: str
    record: str
    at: str
    address: str
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal. since: when it entered its stage, as far as the source tells."""

    fact_id: str
    record: str
    called: str
    name: str
    stage: str | None = None
    status: str | None = None
    since: str | None = None
    closes_on: date | None = None
    owner: Colleague | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that is to be done: a work item or a commitment. moved_at: when it last changed. text: more words.

    kind: what the source calls it: task, bug, project.
    """

    fact_id: str
    record: str
    called: str
    entity: str
    title: str
    due_on: date | None = None
    done: bool = False
    status: str | None = None
    priority: str | None = None
    moved_at: str | None = None
    owner: str | None = None
    text: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement with its days."""

    fact_id: str
    record: str
    called: str
    title: str
    status: str | None = None
    ends_on: date | None = None
    renews_on: date | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner and what is known about it. touches: oldest first. pinned: fields a person decided.

    colleagues: our own people by address.
    """

    organization_id: str
    name: str
    owner: str | None = None
    renews_on: date | None = None
    pinned: frozenset[str] = frozenset()
    records: tuple[SourceRecord, ...] = ()
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    deals: tuple[Deal, ...] = ()
    promises: tuple[Promise, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    colleagues: Mapping[str, Colleague] = field(default_factory=dict)

    def owner_is_gone(self) -> bool:
        """Whether the one of us who owns the account is no longer active."""
        owners = [record.owner for record in self.records if record.owner]
        deciding = [owner for owner in owners if self.owner in (None, owner.name)]
        return bool(deciding) and not any(owner.active for owner in deciding)

    def called(self, address: str) -> str:
        """The name of somebody by address, as far as it is known."""
        for contact in self.contacts:
            if address in contact.addresses:
                return contact.name
        known = self.colleagues.get(address)
        named = (each.sender_name for each in reversed(self.touches) if each.sender == address)
        return known.name if known else next(filter(None, named), None) or address


Rule: TypeAlias = Callable[[Partner, date, Thresholds], Iterable[Finding]]


def day_of(at: str) -> date:
    """The day of a time or day in the hub's text."""
    return date.fromisoformat(at[:10])


def days_since(at: str, today: date) -> int:
    """Whole days from a time until today; negative for what lies ahead."""
    return (today - day_of(at)).days


def counted(number: int, word: str) -> str:
    """`1 day`, `12 days`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


LONGEST_QUOTE: Final = 240
LONGEST_GREETING: Final = 60
SIGNATURE: Final = re.compile(r"^-- ?$", re.MULTILINE)


def cut(text: str) -> str:
    """A quote on one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"


def passage(text: str) -> str:
    """What somebody wrote, from where it begins: without the greeting line above and the signature below."""
    body = SIGNATURE.split(text.strip(), maxsplit=1)[0].strip()
    greeting, _, rest = body.partition("\n")
    greets = len(greeting) <= LONGEST_GREETING and greeting.rstrip().endswith((",", "!", ":"))
    return rest.strip() if greets and rest.strip() else body


def cite(touch: Touch, quote: str | None = None) -> Evidence:
    """A touchpoint as evidence: the given words of it, else how its text begins, else what it is called."""
    said = quote or passage(touch.text or "") or touch.title or touch.kind
    return Evidence(touch.record, cut(said), touch.at, touch.fact_id)
