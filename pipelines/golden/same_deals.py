"""Which records of several systems are one deal: one that names the other's id, or one of whom all facts agree. Pure.

Without an id: the same organization, words of the name, amount and currency, and a close date within a few days; and
only where each is the other's one possible counterpart. Two deals of one system stay two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

PATIENCE_DAYS = 4
"""How far two systems' close dates of one deal may lie apart."""


@dataclass(frozen=True, slots=True)
class DealRecord:
    """One staged deal. facts: words, amount and currency as one key; claims: records whose id it names."""

    record: str
    source: str
    words: str
    facts: str | None
    close_date: str | None
    created_at: str | None
    living: bool = True
    organizations: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """Two records that may be one deal, the surest first: by an id, then by how near their close dates are."""

    guessed: bool
    days: int
    left: str
    right: str


def one_deal(records: Sequence[DealRecord]) -> dict[str, str]:
    """The record each deal is known by: the one created first in its group. Independent of order."""
    known = {deal.record: deal for deal in records}
    ties = [*stated(records, known), *guessed(records)]
    groups = {record: [record] for record in known}
    for tie in sorted(ties):
        mine, others = groups[tie.left], groups[tie.right]
        sources = [known[record].source for record in (*mine, *others)]
        # An id may bring what a guess may not: two records of one system in one deal.
        if mine is not others and (not tie.guessed or len(sources) == len(set(sources))):
            merged = mine + others
            groups.update(dict.fromkeys(merged, merged))
    return {record: founder([known[each] for each in group]) for record, group in groups.items()}


def stated(records: Iterable[DealRecord], known: dict[str, DealRecord]) -> list[Tie]:
    """Ties by an id one names of the other. Of several records of a system that name one id, the one that fits."""
    claimants: dict[tuple[str, str], list[DealRecord]] = {}
    for deal in records:
        for target in deal.claims & known.keys():
            if known[target].source != deal.source:
                claimants.setdefault((target, deal.source), []).append(deal)
    ties = []
    for (target, _), deals in sorted(claimants.items()):
        if (one := fitting(deals, known[target])) is not None:
            ties.append(Tie(False, 0, *sorted((one.record, target))))
    return ties


def fitting(deals: Sequence[DealRecord], target: DealRecord) -> DealRecord | None:
    """The one claimant; of several (a deal was cloned with its id) the one the target names, or that looks like it."""
    tests: tuple[Callable[[DealRecord], bool], ...] = (
        lambda deal: deal.living,
        lambda deal: deal.record in target.claims,
        lambda deal: deal.facts is not None and deal.facts == target.facts,
        lambda deal: deal.words == target.words,
    )
    left = list(deals)
    for test in tests:
        left = [deal for deal in left if test(deal)] or left
    return left[0] if len(left) == 1 else None


def guessed(records: Sequence[DealRecord]) -> list[Tie]:
    """Ties by equal facts, where each is the other's one counterpart in its system, and neither is tied by an id."""
    by_facts: dict[str, list[DealRecord]] = {}
    for deal in sorted(records, key=lambda deal: deal.record):
        if deal.facts:
            by_facts.setdefault(deal.facts, []).append(deal)
    choices: dict[tuple[str, str], list[tuple[bool, int, str]]] = {}
    ties = []
    for left, right in (pair for deals in by_facts.values() for pair in combinations(deals, 2)):
        if (days := days_apart(left, right)) is None:
            continue
        ties.append((Tie(True, days, left.record, right.record), left, right))
        choices.setdefault((left.record, right.source), []).append((not right.living, days, right.record))
        choices.setdefault((right.record, left.source), []).append((not left.living, days, left.record))
    meant = {key: nearest(found) for key, found in choices.items()}
    return [
        tie
        for tie, left, right in ties
        if meant[left.record, right.source] == right.record
        and meant[right.record, left.source] == left.record
    ]


def days_apart(left: DealRecord, right: DealRecord) -> int | None:
    """The days between two close dates; None where something speaks against one deal, ids they name included."""
    if left.source == right.source or not left.organizations & right.organizations:
        return None
    if names_another(left, right) or names_another(right, left) or not (left.close_date and right.close_date):
        return None
    days = abs((date.fromisoformat(left.close_date) - date.fromisoformat(right.close_date)).days)
    return days if days <= PATIENCE_DAYS else None


def names_another(deal: DealRecord, other: DealRecord) -> bool:
    """Whether a deal names an id of the other's system that is not the other's."""
    theirs = {claim for claim in deal.claims if claim.startswith(f"{other.source}/")}
    return bool(theirs) and other.record not in theirs


def nearest(found: Sequence[tuple[bool, int, str]]) -> str | None:
    """The one living record with the nearest close date; None where two are as near."""
    best = min(found)[:2]
    meant = [record for *how, record in found if tuple(how) == best]
    return meant[0] if len(meant) == 1 else None


def founder(group: Sequence[DealRecord]) -> str:
    """The record that was created first, whose id the deal keeps when others turn up."""
    return min(group, key=lambda deal: (deal.created_at or "~", deal.record)).record
