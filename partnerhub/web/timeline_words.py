"""How the timeline puts what happened: stops under months, conversations in one, silences, and filters as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from partnerhub.web import wording
from warehouse.queries.mail_sight import Level
from warehouse.queries.readings import days_between
from warehouse.queries.stream import Happening, Position, Wanted

if TYPE_CHECKING:
    from warehouse.queries.sources import Face

SILENCE_DAYS: Final = 30
KIND_WORDS: Final = {
    "mail": "Mail", "meeting": "Meetings", "call": "Calls", "note": "Notes", "comment": "Comments", "deal": "Deals",
    "stage": "Deal stages", "work": "Issues and tasks", "document": "Documents", "agreement": "Agreements",
    "commitment": "Commitments", "act": "Decisions",
}  # fmt: skip
ICONS: Final = {
    "email": "mail", "call": "phone", "meeting": "calendar-event", "visit": "map-pin", "note": "note",
    "comment": "message", "message": "message", "deal": "briefcase", "stage": "trending-up", "work_item": "checklist",
    "document": "presentation", "agreement": "scale", "commitment": "flag", "act": "shield-check", "ticket": "ticket",
    "case": "ticket", "check_in": "phone", "review": "eye", "task": "checklist", "deliverable": "subtask",
    "outcome": "flag", "quality_report": "list-check", "order": "briefcase", "training": "presentation",
    "certification": "shield-check", "campaign": "bell", "joint_project": "users",
}  # fmt: skip
WITHHELD: Final = {
    Level.PRIVATE: "Private mail",
    Level.METADATA: "Mail, its subject is not shown to you",
}
WHY_WITHHELD: Final = {
    Level.PRIVATE: "Its mailbox shows others only that it exists.",
    Level.METADATA: "Its mailbox shows others who wrote and when.",
    Level.SUBJECT: "Its mailbox shows others no text.",
}


@dataclass(slots=True)
class Stop:
    """One stop of the timeline. earlier: older mails of the same conversation. silence: days of nothing after it.

    today: the line of today stands above it.
    """

    happening: Happening
    earlier: list[Happening] = field(default_factory=list)
    silence: int = 0
    today: bool = False

    @property
    def icon(self) -> str:
        """Its sign."""
        return ICONS.get(self.happening.kind, ICONS.get(self.happening.entity, "activity"))


class Chip(NamedTuple):
    """A filter that is set, in words, and the address without it."""

    words: str
    without: str


def stops_of(happenings: Sequence[Happening], now: str, before: Position | None) -> list[Stop]:
    """Stops, the newest first. before: where the page before this one ended."""
    stops: list[Stop] = []
    threads: dict[str, Stop] = {}
    later = before[0] if before else now
    is_first_past = before is None
    for each in happenings:
        is_past = each.happened_at <= now
        days = (days_between(each.happened_at, later) or 0) if is_past and each.entity != "act" else 0
        silence = int(days) if days >= SILENCE_DAYS else 0
        if silence:
            threads = {}
        if is_past and each.entity != "act":
            later = each.happened_at
        known = threads.get(each.thread or "") if each.is_mail else None
        if known:
            known.earlier.append(each)
            continue
        stop = Stop(each, silence=silence, today=is_past and is_first_past)
        is_first_past = is_first_past and not is_past
        stops.append(stop)
        if each.is_mail and each.thread and is_past:
            threads[each.thread] = stop
    return stops


def by_month(stops: Sequence[Stop]) -> list[tuple[str, list[Stop]]]:
    """Stops under their months, in their order."""
    found: list[tuple[str, list[Stop]]] = []
    for stop in stops:
        month = month_of(stop.happening.happened_at)
        if not found or found[-1][0] != month:
            found.append((month, []))
        found[-1][1].append(stop)
    return found


def month_of(at: str) -> str:
    """`October 2026`."""
    return f"{wording.parsed(at):%B %Y}"


def title_of(each: Happening) -> str:
    """What a stop is called."""
    if each.title:
        return each.title
    if each.is_mail and each.level in WITHHELD:
        return WITHHELD[each.level]
    if each.level < Level.SUBJECT:
        return "Not shown to you"
    return first_line(each.text) or f"{wording.FILTERS['kind'](each.kind)} without a subject"


def first_line(text: str | None) -> str:
    """How a text begins."""
    line = next((line.strip() for line in (text or "").split("\n") if line.strip()), "")
    return line if len(line) <= 140 else f"{line[:139]}…"  # noqa: PLR2004  # as long as a title may be


def pairs_of(wanted: Wanted) -> list[tuple[str, str]]:
    """A filter as the parameters of an address."""
    named = (("person", wanted.person), ("since", wanted.since), ("until", wanted.until), ("q", wanted.text))
    return [
        *(("kind", kind) for kind in wanted.kinds),
        *(("source", source) for source in wanted.sources),
        *((name, value) for name, value in named if value),
    ]


def address_of(base: str, wanted: Wanted, **more: str) -> str:
    """The address of the timeline with a filter."""
    pairs = [*pairs_of(wanted), *more.items()]
    return f"{base}?{urlencode(pairs)}" if pairs else base


def chips(base: str, wanted: Wanted, faces: Mapping[str, Face], people: Mapping[str, str]) -> list[Chip]:
    """The filters that are set; each can be taken away."""
    found = []
    for kind in wanted.kinds:
        rest = replace(wanted, kinds=tuple(each for each in wanted.kinds if each != kind))
        found.append(Chip(KIND_WORDS[kind], address_of(base, rest)))
    for source in wanted.sources:
        rest = replace(wanted, sources=tuple(each for each in wanted.sources if each != source))
        found.append(
            Chip(f"from {faces[source].title if source in faces else source}", address_of(base, rest))
        )
    if wanted.person:
        found.append(
            Chip(
                f"with {people.get(wanted.person, 'somebody')}", address_of(base, replace(wanted, person=""))
            )
        )
    if wanted.since:
        found.append(Chip(f"since {wanted.since}", address_of(base, replace(wanted, since=""))))
    if wanted.until:
        found.append(Chip(f"until {wanted.until}", address_of(base, replace(wanted, until=""))))
    if wanted.text:
        found.append(Chip(f"“{wanted.text}”", address_of(base, replace(wanted, text=""))))
    return found
