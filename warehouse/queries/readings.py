"""The four readings of a relationship: strength, open pipeline, engagement, risks; formulas over what is recorded.

Two queries read what the formulas need; the formulas themselves are pure, so a page can show them with their numbers.
A touchpoint counts when people talked across the border between us and them: newsletters, automatic answers, bounces
and what was said among us only do not.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.queries.record import Agreement, Commitment, Deal
    from warehouse.viewer import Viewer

WINDOW_DAYS: Final = 180
LOOKED_BACK: Final = timedelta(days=2 * WINDOW_DAYS)
RECENCY, FREQUENCY, BOTH_WAYS, PEOPLE = 30, 30, 25, 15
"""The most points of each part; together 100."""
RECENCY_HALVES_DAYS: Final = 30
FULL_FREQUENCY: Final = 26
"""Touchpoints in the window that earn all points for frequency: one a week."""
FULL_PEOPLE: Final = 4
STRONG, FAIR = 70, 40
WEEKS: Final = 13
"""The weeks of the engagement: the last 91 days."""
RECENT_WEEKS: Final = 4
RISING, FALLING = 1.25, 0.75
"""The rate of the recent weeks by that of the weeks before."""
RENEWAL_DAYS: Final = 90
DONE: Final = frozenset({"done", "completed", "closed", "kept", "cancelled", "canceled"})
SINGLE_THREADED_TOUCHES: Final = 3
IN_SPAN: Final = "t.organization_id = ? AND t.happened_at > ? AND t.happened_at <= ?"
"""What the timeline's own key answers; what a fact is, the fact itself is asked."""
TOUCHES: Final = (
    "SELECT t.fact_id, t.happened_at, f.direction, p.address FROM timeline t CROSS JOIN fact f"
    f" LEFT JOIN participant p ON p.record = f.record WHERE {IN_SPAN} AND f.fact_id = t.fact_id"
    " AND f.entity = 'touchpoint' AND f.nature = 'person' AND f.deleted_at IS NULL"
    " AND (f.direction IS NULL OR f.direction <> 'internal') ORDER BY t.happened_at, t.fact_id"
)
LINKS: Final = (
    "SELECT t.fact_id, l.anchor FROM timeline t CROSS JOIN fact_link l"
    f" WHERE {IN_SPAN} AND l.fact_id = t.fact_id"
)
KNOWN: Final = (
    "SELECT p.person_id, p.anchors_json FROM person_organization w JOIN person p ON p.person_id = w.person_id"
    " WHERE w.organization_id = ? AND p.deleted_at IS NULL"
)


class Touch(NamedTuple):
    """One touchpoint. at: UTC text. direction: in, out, or None where the source does not say. people: of theirs."""

    at: str
    direction: str | None = None
    people: frozenset[str] = frozenset()


class Part(NamedTuple):
    """One part of the strength: its points of at most so many, and the numbers it came from in words."""

    name: str
    points: float
    most: int
    rule: str
    numbers: str


@dataclass(frozen=True, slots=True)
class Strength:
    """How close we are, 0 to 100. before: the same figure for the window before this one. touches: how many counted."""

    value: int
    before: int
    touches: int
    parts: tuple[Part, ...]

    @property
    def word(self) -> str:
        """In a word."""
        if not self.touches:
            return "no contact"
        return "strong" if self.value >= STRONG else "fair" if self.value >= FAIR else "weak"

    @property
    def change(self) -> int:
        """Against the window before."""
        return self.value - self.before


@dataclass(frozen=True, slots=True)
class Engagement:
    """Touchpoints a week, the oldest week first. recent, before: touchpoints a week lately, and in the weeks before."""

    weeks: tuple[int, ...]
    recent: float
    before: float

    @property
    def total(self) -> int:
        """Touchpoints in all these weeks."""
        return sum(self.weeks)

    @property
    def momentum(self) -> str:
        """Where it goes: quiet, rising, falling, steady or new."""
        if not self.total:
            return "quiet"
        if not self.before:
            return "new"
        ratio = self.recent / self.before
        return "rising" if ratio >= RISING else "falling" if ratio <= FALLING else "steady"


class Amount(NamedTuple):
    """Open deals in one currency. amount_minor: their sum. currency: ISO 4217, empty where the source names none."""

    currency: str
    amount_minor: int
    deals: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The open deals: how many, how much by currency, and how many of them say no amount."""

    deals: int = 0
    amounts: tuple[Amount, ...] = ()
    without_amount: int = 0


class Risk(NamedTuple):
    """One thing that may go wrong. level: urgent, attention or info. kind: a signal's rule, or what stands for it.

    about: what of the partner no signal tells of, the same for as long as it is the same; empty for a signal's.
    """

    level: str
    kind: str
    sentence: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """The four together, with when each person of theirs was last met (`last_met`: person id → UTC text)."""

    strength: Strength
    engagement: Engagement
    pipeline: Pipeline
    risks: tuple[Risk, ...]
    last_met: Mapping[str, str] = field(default_factory=dict)
    met: Mapping[str, int] = field(default_factory=dict)


def touches_of(viewer: Viewer, connection: Connection, organization_id: str, now: str) -> list[Touch]:
    """What counts of the last 360 days before a moment (UTC text), the oldest first."""
    return list(touches_by_fact(viewer, connection, organization_id, now).values())


def touches_by_fact(
    viewer: Viewer, connection: Connection, organization_id: str, now: str
) -> dict[str, Touch]:
    """The same by the facts they are.

    People are person ids; `email:<address>` for an address at a domain of theirs that nobody wrote down.
    """
    since = text_of(datetime.fromisoformat(now) - LOOKED_BACK)
    span = (viewer.only(organization_id), since, now)
    persons = {
        anchor: person_id
        for person_id, written in connection.query(KNOWN, (viewer.only(organization_id),))
        for anchor in json.loads(written or "[]")
    }
    theirs = sites_of(connection, viewer.only(organization_id))
    touched: dict[str, tuple[str, str | None]] = {}
    people: dict[str, set[str]] = defaultdict(set)
    met = connection.query(LINKS, span)
    for fact_id, at, direction, address in connection.query(TOUCHES, span):
        touched[fact_id] = (at, direction)
        met += [(fact_id, f"email:{address}")] if address else []
    for fact_id, anchor in met:
        known = persons.get(anchor)
        if known or (anchor.startswith("email:") and anchor.rpartition("@")[2] in theirs):
            people[fact_id].add(known or anchor)
    return {
        fact_id: Touch(at, direction, frozenset(people.get(fact_id, ())))
        for fact_id, (at, direction) in touched.items()
    }


def sites_of(connection: Connection, organization_id: str) -> set[str]:
    """The domains and hosts of an organization."""
    row = connection.one(
        "SELECT anchors_json FROM organization WHERE organization_id = ?", (organization_id,)
    )
    anchors = json.loads(row[0] or "[]") if row else []
    return {anchor.partition(":")[2] for anchor in anchors if anchor.startswith(("domain:", "host:"))}


def readings(
    touches: Sequence[Touch],
    deals: Iterable[Deal],
    signals: Iterable[Mapping[str, Any]],
    promised: tuple[Sequence[Commitment], Sequence[Agreement]],
    now: str,
) -> Readings:
    """All four at a moment (UTC text). promised: commitments and agreements."""
    last_met = {person: touch.at for touch in touches for person in touch.people}
    met = Counter(person for touch in within(touches, now, WINDOW_DAYS) for person in touch.people)
    return Readings(
        strength(touches, now),
        engagement(touches, now),
        pipeline(deals),
        risks(list(signals), promised, touches, now),
        last_met,
        met,
    )


def strength(touches: Sequence[Touch], now: str) -> Strength:
    """The strength at a moment, and what it was one window earlier."""
    earlier = text_of(datetime.fromisoformat(now) - timedelta(days=WINDOW_DAYS))
    recent = within(touches, now, WINDOW_DAYS)
    parts = parts_of(recent, now)
    former = parts_of(within(touches, earlier, WINDOW_DAYS), earlier)
    return Strength(total(parts), total(former), len(recent), parts)


def total(parts: Iterable[Part]) -> int:
    """All points together, rounded half up."""
    return int(sum(part.points for part in parts) + 0.5)


def parts_of(touches: Sequence[Touch], now: str) -> tuple[Part, ...]:
    """The four parts of the strength over the touchpoints of one window."""
    days = days_between(max((touch.at for touch in touches), default=None), now)
    inbound, outbound = (sum(touch.direction == way for touch in touches) for way in ("in", "out"))
    share = 2 * min(inbound, outbound) / (inbound + outbound) if inbound + outbound else 0.0
    people = len(frozenset().union(*(touch.people for touch in touches)))
    return (
        Part(
            "Recency", RECENCY * 0.5 ** (days / RECENCY_HALVES_DAYS) if days is not None else 0.0, RECENCY,
            f"{RECENCY}, halved for every {RECENCY_HALVES_DAYS} days since the last touchpoint",
            "none in these days" if days is None else f"{int(days)} days since the last one",
        ),
        Part(
            "Frequency", FREQUENCY * min(1.0, len(touches) / FULL_FREQUENCY), FREQUENCY,
            f"{FREQUENCY} × touchpoints ÷ {FULL_FREQUENCY} (one a week), at most {FREQUENCY}",
            f"{len(touches)} in {WINDOW_DAYS} days",
        ),
        Part(
            "Both ways", BOTH_WAYS * share, BOTH_WAYS,
            f"{BOTH_WAYS} × 2 × the smaller of in and out ÷ both",
            f"{inbound} from them, {outbound} to them",
        ),
        Part(
            "People", PEOPLE * min(1.0, people / FULL_PEOPLE), PEOPLE,
            f"{PEOPLE} × different people of theirs ÷ {FULL_PEOPLE}, at most {PEOPLE}",
            f"{people} met in {WINDOW_DAYS} days",
        ),
    )  # fmt: skip


def engagement(touches: Iterable[Touch], now: str) -> Engagement:
    """Touchpoints by week, the last seven days being the last week."""
    weeks = [0] * WEEKS
    end = datetime.fromisoformat(now)
    for touch in within(touches, now, 7 * WEEKS):
        weeks[WEEKS - 1 - (end - datetime.fromisoformat(touch.at)).days // 7] += 1
    before = WEEKS - RECENT_WEEKS
    return Engagement(tuple(weeks), sum(weeks[before:]) / RECENT_WEEKS, sum(weeks[:before]) / before)


def pipeline(deals: Iterable[Deal]) -> Pipeline:
    """The open deals by currency, the currency of most deals first. Amounts of two currencies are never added."""
    still_open = [deal for deal in deals if deal.status == "open"]
    sums, counts = Counter[str](), Counter[str]()
    for deal in still_open:
        if deal.amount_minor is not None:
            sums[deal.currency or ""] += deal.amount_minor
            counts[deal.currency or ""] += 1
    amounts = [Amount(currency, sums[currency], count) for currency, count in counts.items()]
    return Pipeline(
        len(still_open),
        tuple(sorted(amounts, key=lambda each: (-each.deals, each.currency))),
        len(still_open) - counts.total(),
    )


def risks(
    signals: Sequence[Mapping[str, Any]],
    promised: tuple[Sequence[Commitment], Sequence[Agreement]],
    touches: Iterable[Touch],
    now: str,
) -> tuple[Risk, ...]:
    """The open signals, and what no signal tells of: overdue commitments, renewals that come near, one contact only."""
    today, told = now[:10], {piece["record"] for signal in signals for piece in signal["evidence"]}
    rules = {signal["rule"] for signal in signals}
    found = [Risk(signal["level"], signal["rule"], signal["sentence"]) for signal in signals]
    commitments, agreements = promised
    found += [
        Risk(
            "attention",
            "overdue",
            f"“{each.title}” was due on {each.due_on}.",
            f"{each.record} {each.due_on}",
        )
        for each in commitments
        if is_overdue(each, today) and each.record not in told
    ]
    for agreement in agreements:
        day = agreement.renews_on or agreement.ends_on
        left = days_between(now[:10], day) if day else None
        if day and left is not None and 0 <= left <= RENEWAL_DAYS and agreement.record not in told:
            word = "renews" if agreement.renews_on else "ends"
            sentence = f"“{agreement.title}” {word} in {int(left)} days, on {day}."
            found.append(Risk("attention", "renewal_due", sentence, f"{agreement.record} {day}"))
    recent = [touch.people for touch in within(touches, now, WINDOW_DAYS) if touch.people]
    if (
        "single_threaded" not in rules
        and len(recent) >= SINGLE_THREADED_TOUCHES
        and len(set().union(*recent)) == 1
    ):
        sentence = f"All {len(recent)} touchpoints with a name on them went through one person of theirs."
        found.append(Risk("info", "single_threaded", sentence, next(iter(set().union(*recent)))))
    order = {"urgent": 0, "attention": 1, "info": 2}
    return tuple(sorted(found, key=lambda risk: order.get(risk.level, len(order))))


def is_overdue(commitment: Commitment, today: str) -> bool:
    """Whether it was due before a day (ISO) and is not done."""
    is_done = commitment.done_on is not None or (commitment.status or "").casefold() in DONE
    return commitment.due_on is not None and commitment.due_on < today and not is_done


def within(touches: Iterable[Touch], until: str, days: int) -> list[Touch]:
    """Those of so many days up to a moment. Compared as text: the hub's times sort as they follow one another."""
    since = text_of(datetime.fromisoformat(until) - timedelta(days=days))
    return [touch for touch in touches if since < touch.at <= until]


def days_between(then: str | None, now: str) -> float | None:
    """Days from one time to another, negative for one ahead."""
    if then is None:
        return None
    return (datetime.fromisoformat(now) - datetime.fromisoformat(then)).total_seconds() / 86_400


def text_of(moment: datetime) -> str:
    """The hub's UTC text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
