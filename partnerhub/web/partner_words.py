"""How the page of a partner puts things: the state of its sources, its values with who disagrees, what happened."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from partnerhub.amounts import AMOUNT, CURRENCY, IN_WORDS
from partnerhub.web import wording
from partnerhub.web.deep_links import deep_link
from warehouse.commands.pin import DAYS, PINNABLE
from warehouse.queries.completeness import Completeness
from warehouse.queries.naming import ENTERED
from warehouse.queries.readings import days_between
from warehouse.queries.record import source_of
from warehouse.queries.sources import Face

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.queries.health import Health
    from warehouse.queries.record import Agreement, Disagreement, Event, SourceRecord, Value

FAILED, LATE, INCOMPLETE, PAUSED, FINE, NEVER = "failed", "late", "incomplete", "paused", "fine", "never"
GRAVEST: Final = (FAILED, LATE, INCOMPLETE, PAUSED, NEVER, FINE)
SIGNS: Final = {FAILED: "⚠", LATE: "⚠", INCOMPLETE: "◐", PAUSED: "‖", NEVER: "–", FINE: "✓"}
SAID: Final = {
    FAILED: "failed", LATE: "stale", INCOMPLETE: "still reading", PAUSED: "paused", NEVER: "not read yet", FINE: "",
}  # fmt: skip
SILENCE_DAYS: Final = 21
STANDING: Final = {"stage": "Stage", "reviewed_on": "Last review", "renews_on": "Next renewal"}
"""What is told of every partner in one place, even where nobody says it, by field."""
RENEWAL: Final = "renews_on"
MOST_DAYS: Final = 120
"""Up to so many, days are counted."""
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Chip:
    """One source as the header shows it. state: fine, late, failed, …; why: what is wrong and what to do, in words.

    last_success_at: since when every stream of it was read completely.
    """

    face: Face
    state: str
    why: str
    last_success_at: str | None
    complete: Completeness

    @property
    def sign(self) -> str:
        """The sign before the age."""
        return SIGNS[self.state]

    @property
    def word(self) -> str:
        """The state in a word, nothing for a healthy source."""
        return SAID[self.state]


@dataclass(frozen=True, slots=True)
class Property:
    """One value with everything its panel offers. mark: a name for anchors. may_pin: whether a person can set it.

    others: who says otherwise, by what the record is called and its page at the source.
    """

    value: Value
    mark: str
    label: str
    may_pin: bool
    name: str
    link: str | None
    others: tuple[tuple[Disagreement, str, str | None], ...]

    @property
    def is_pinned(self) -> bool:
        """Whether a person set it."""
        return self.value.rule == "pin"


class Standing(NamedTuple):
    """One of the facts every partner's head has a place for. one: its value; None while nobody says it.

    day: for a value that is a day. instead: what an agreement says where nobody says it of the partner.
    """

    field: str
    label: str
    one: Property | None
    day: str | None
    away: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event on the page. silence: days of nothing after it, if many. is_first_past: today is above.

    earlier: older mails of the same conversation, without a long silence between.
    """

    event: Event
    silence: int
    is_first_past: bool
    earlier: list[Event] = field(default_factory=list)


def chips(
    completeness: Iterable[Completeness], streams: Sequence[Health], faces: Mapping[str, Face]
) -> list[Chip]:
    """The sources of a partner with how well they are read, what needs somebody first."""
    found = []
    for each in completeness:
        own = [stream for stream in streams if stream.source == each.source]
        times = [stream.last_success_at for stream in own]
        states = {state_of(stream) for stream in own} or {FINE if each.source == ENTERED else NEVER}
        state = min(states, key=GRAVEST.index)
        why = next(
            (f"{one.happened} {one.to_do}".strip() for one in own if state_of(one) == state and one.happened),
            "",
        )
        oldest = None if None in times else min((at for at in times if at), default=None)
        found.append(Chip(face_of(each.source, faces), state, why, oldest, each))
    return sorted(found, key=lambda chip: (GRAVEST.index(chip.state) > 1, chip.face.title.casefold()))


def every_source(completeness: Sequence[Completeness], records: Iterable[SourceRecord]) -> list[Completeness]:
    """What is counted by source; of a source nothing raw is held of, the records that are shown."""
    live = Counter(each.source for each in records if each.deleted_at is None)
    counted = {each.source for each in completeness}
    return [
        *completeness,
        *(Completeness(name, name, live[name]) for name in sorted(live) if name not in counted),
    ]


def face_of(source: str, faces: Mapping[str, Face]) -> Face:
    """A source's face; one that is configured no more is called by its key."""
    return faces.get(source) or Face(source, "", source, None)


def state_of(stream: Health) -> str:
    """One stream's state in a word of the page."""
    if stream.is_late:
        return LATE
    return {"red": FAILED, "yellow": INCOMPLETE, "gray": PAUSED}.get(stream.color, FINE)


def short_age(seconds: float | None) -> str:
    """`4 min`, `2 d`; `now` for less than a minute."""
    if seconds is None:
        return ""
    return next((f"{int(seconds // size)} {unit}" for size, unit in UNITS if seconds >= size), "now")


def properties(
    values: Iterable[Value], names: Mapping[str, str], faces: Mapping[str, Face], sites: Mapping[str, str]
) -> list[tuple[str, list[Property]]]:
    """Values under headings, each ready to be shown. Amount and currency are one."""
    return [
        (title, [property_of(value, names, faces, sites) for value in group])
        for title, group in wording.grouped(values)
    ]


def property_of(
    value: Value, names: Mapping[str, str], faces: Mapping[str, Face], sites: Mapping[str, str]
) -> Property:
    """One value ready to be shown."""

    def link(record: str) -> str | None:
        return deep_link(record, faces.get(source_of(record)), sites)

    return Property(
        value,
        mark_of(value.field),
        wording.label(value.field),
        may_pin(value.field),
        names.get(value.record, value.record) if value.record else "a person",
        link(value.record) if value.record else None,
        tuple((other, names.get(other.record, other.record), link(other.record)) for other in value.others),
    )


def standing(
    groups: Iterable[tuple[str, Sequence[Property]]], agreements: Iterable[Agreement], now: str
) -> list[Standing]:
    """Stage, last review and next renewal, said or not: of values and agreements that were read already."""
    known = {one.value.field: one for _, group in groups for one in group}
    found = []
    for field_name, title in STANDING.items():
        one, instead = known.get(field_name), ""
        day = one.value.value if one and field_name in DAYS else None
        if one is None and field_name == RENEWAL:
            ahead = [(at, each.title) for each in agreements if (at := each.renews_on) and at >= now[:10]]
            day, instead = min(ahead, default=(None, ""))
        found.append(Standing(field_name, title, one, day, days_away(day, now), instead))
    return found


def days_away(day: str | None, now: str) -> str:
    """`in 43 days`, `12 days ago`; a longer time in months or years. Nothing for what is no day."""
    try:
        days = (date.fromisoformat(day) - date.fromisoformat(now[:10])).days if day else None
    except ValueError:
        return ""
    if day is None or days is None:
        return ""
    if abs(days) > MOST_DAYS:
        return wording.age(day, wording.parsed(now))
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")


def records_named(values: Iterable[Value], records: Iterable[SourceRecord]) -> list[str]:
    """Every record a page names."""
    found = [each.record for each in records]
    for value in values:
        found += [value.record] if value.record else []
        found += [other.record for other in value.others]
    return list(dict.fromkeys(found))


def may_pin(field: str) -> bool:
    """Whether a person can set a field."""
    return field == IN_WORDS or field in PINNABLE or field.startswith("custom.")


def fields_of(field: str) -> tuple[str, ...]:
    """The stored fields behind one on the page: an amount goes with its currency."""
    return (AMOUNT, CURRENCY) if field == IN_WORDS else (field,)


def mark_of(field: str) -> str:
    """A field's name as an anchor."""
    return f"value-{re.sub(r'[^a-z0-9]+', '-', field.lower()).strip('-')}"


def months_of(events: Sequence[Event], now: str) -> list[tuple[str, list[Moment]]]:
    """Events under their months, with today and long silences between them; conversations in one. The newest first."""
    found: list[Moment] = []
    threads: dict[str, Moment] = {}
    for place, event in enumerate(events):
        later = events[place - 1].happened_at if place else max(now, event.happened_at)
        days = days_between(event.happened_at, min(later, max(now, event.happened_at))) or 0
        is_first_past = event.happened_at <= now and (place == 0 or events[place - 1].happened_at > now)
        if days >= SILENCE_DAYS:
            threads = {}
        known = threads.get(event.thread or "")
        if known and event.happened_at <= now:
            known.earlier.append(event)
            continue
        found.append(Moment(event, int(days) if days >= SILENCE_DAYS else 0, is_first_past))
        if event.thread and event.happened_at <= now:
            threads[event.thread] = found[-1]
    months = groupby(found, key=lambda each: f"{wording.parsed(each.event.happened_at):%B %Y}")
    return [(month, list(group)) for month, group in months]
