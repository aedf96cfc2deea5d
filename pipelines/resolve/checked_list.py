"""A list checked against the hub: each row is known for certain, likely known, or not known; and twice in the list.

By the key index and the scorecard, as one that is entered by hand; nothing is created and nothing is kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from partnerhub.identity.bands import probability_of
from partnerhub.identity.explain import START, reasons_of
from partnerhub.identity.pairwise import levels_of, weight_of
from pipelines.resolve.likely import Weighed, likely_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.identity.features import Features
    from partnerhub.identity.policy import Policy
    from warehouse.database import Connection

PORTION: Final = 500
"""Rows looked up at a time."""
UNLIKELY: Final = 0.02
"""Probability below which nobody is told of a match."""
MATCHES: Final = 5
REASONS: Final = 3
MOST_SHARING: Final = 30
MOST_SHARING_WORDS: Final = 6
"""A value that more rows of the list share leads from none to another: a telling one, and any other one."""
TELLING: Final = ("name:", "host:", "domain:", "phone:", "street:")
WEIGHED: Final = 8
"""Rows that share most values with a row are weighed against it; no further ones."""
TWINS: Final = 5
CERTAIN, LIKELY, NONE, UNREADABLE = "certain", "likely", "none", "unreadable"


class Match(NamedTuple):
    """An organization a row may mean. reasons: the weightiest, in words."""

    organization_id: str
    record: str
    bits: float
    probability: float
    certain: bool
    reasons: tuple[str, ...]


class Twin(NamedTuple):
    """Another row of the list that may mean the same. number: from 1. certain: they would join by themselves."""

    number: int
    probability: float
    certain: bool


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row. number: from 1. state: certain, likely, none or unreadable (neither a name nor a site)."""

    number: int
    state: str
    matches: tuple[Match, ...] = ()
    twins: tuple[Twin, ...] = ()


def check_rows(
    connection: Connection, rows: Sequence[Mapping[str, Any]], policy: Policy, region: str | None = None
) -> list[CheckedRow]:
    """Check rows in order. rows: name, website, email_domain, phone, street, city, postcode, country, as written.

    Writes temporary tables only.
    """
    found: list[Weighed | None] = []
    for first in range(0, len(rows), PORTION):
        found += likely_each(connection, rows[first : first + PORTION], policy, region)
    twins = twins_among(found, policy)
    return [checked(number, each, twins.get(number, ()), policy) for number, each in enumerate(found, 1)]


def checked(number: int, found: Weighed | None, twins: Sequence[Twin], policy: Policy) -> CheckedRow:
    """One row in words."""
    if found is None:
        return CheckedRow(number, UNREADABLE)
    told = [each for each in found.likely if each.probability >= UNLIKELY][:MATCHES]
    matches = tuple(Match(*each, reasons=reasons(found, each.record, policy)) for each in told)
    state = CERTAIN if any(each.certain for each in told) else LIKELY if told else NONE
    return CheckedRow(number, state, matches, tuple(twins))


def reasons(found: Weighed, record: str, policy: Policy) -> tuple[str, ...]:
    """What speaks for and against a match, the weightiest first."""
    levels = levels_of(found.mine, found.rows[record])
    told = reasons_of(levels, found.asked, found.theirs[record], weights=policy.scorecard)
    return tuple(each.sentence for each in told if each.what != START)[:REASONS]


def twins_among(found: Sequence[Weighed | None], policy: Policy) -> dict[int, list[Twin]]:
    """Row → other rows that may mean the same, the likeliest first. Numbers count from 1."""
    numbered = {number: each for number, each in enumerate(found, 1) if each}
    bits: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for one, other in sorted(pairs_sharing({number: each.asked for number, each in numbered.items()})):
        weighs = weight_of(numbered[one].mine, numbered[other].mine, policy.scorecard)
        if weighs >= policy.review:
            bits[one][other] = bits[other][one] = weighs
    return {
        number: [
            Twin(other, probability_of(weighs), weighs >= policy.auto)
            for other, weighs in sorted(others.items(), key=lambda each: (-each[1], each[0]))[:TWINS]
        ]
        for number, others in bits.items()
    }


def pairs_sharing(asked: Mapping[int, Features]) -> set[tuple[int, int]]:
    """Rows that share most telling values, the smaller number first."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, each in asked.items():
        for value in each.blocking_values:
            holders[value].append(number)
    shared: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for value, held in holders.items():
        if 1 < len(held) <= (MOST_SHARING if value.startswith(TELLING) else MOST_SHARING_WORDS):
            for one in held:
                shared[one].update(held)
    found = set[tuple[int, int]]()
    for one, others in shared.items():
        del others[one]
        nearest = sorted(others.items(), key=lambda each: (-each[1], each[0]))[:WEIGHED]
        found |= {(min(one, other), max(one, other)) for other, _ in nearest}
    return found
