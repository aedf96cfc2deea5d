"""How common values are: what many hold says little, and what too many hold says nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from partnerhub.identity.features import Features
from partnerhub.identity.policy import Policy

IDENTIFYING = ("host:", "phone:", "street:")
"""Blocking values that become generic once they are held under many different names."""
BORDERS = (0, 1, 2, 3, 4, 6, 8, 10, 16, 20, 39)
"""Counts are told apart up to each of these; the scorecard knows no other borders."""


class Count(NamedTuple):
    """How common a value is. names, domains: how many different ones the records that hold it have."""

    records: int
    names: int
    domains: int

    @property
    def classes(self) -> tuple[int, ...]:
        """Between which borders each count lies: as long as these stay, no pair weighs differently."""
        return tuple(bisect_left(BORDERS, count) for count in self)

    def without(self, records: int) -> Count:
        """The least it can have been before so many of the records held it."""
        return Count(*(max(0, count - records) for count in self))


ONCE = Count(1, 1, 0)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common the values are (by blocking value), and which ones are to be left out."""

    counts: Mapping[str, Count]
    too_common: frozenset[str]

    def of(self, value: str) -> Count:
        """How common one value is; what was not counted is held once."""
        return self.counts.get(value, ONCE)


def most_holders(value: str, policy: Policy) -> int:
    """How many records may hold a value for it to lead from one to the other."""
    return policy.largest_blocks.get(value.partition(":")[0], policy.largest_block)


def counted_up_to(policy: Policy) -> int:
    """Values held by more records than this are not counted any further: it would change nothing."""
    return max(policy.largest_block, BORDERS[-1] + 1, *policy.largest_blocks.values())


def many(policy: Policy) -> Count:
    """The count of a value that is held by more records than are counted."""
    most = counted_up_to(policy) + 1
    return Count(most, most, most)


def is_generic(value: str, count: Count, policy: Policy) -> bool:
    """Whether a site, phone or street is held under so many names that it identifies nobody."""
    return value.startswith(IDENTIFYING) and count.names > policy.generic_names


def is_too_common(value: str, count: Count, policy: Policy) -> bool:
    """Whether a value is not used to find candidates."""
    return count.records > most_holders(value, policy) or is_generic(value, count, policy)


def frequencies_of(counts: Mapping[str, Count], policy: Policy) -> Frequencies:
    """Counts with what follows from them."""
    common = {value for value, count in counts.items() if is_too_common(value, count, policy)}
    return Frequencies(counts, frozenset(common))


def counted(features: Iterable[Features], policy: Policy) -> Frequencies:
    """Frequencies within the given records."""
    records: Counter[str] = Counter()
    names: defaultdict[str, set[str]] = defaultdict(set)
    domains: defaultdict[str, set[str]] = defaultdict(set)
    most = counted_up_to(policy)
    for f in features:
        for value in f.blocking_values:
            records[value] += 1
            if records[value] <= most:
                names[value].update(f.names)
                if f.domain:
                    domains[value].add(f.domain)
    counts = {
        value: Count(held, len(names[value]), len(domains[value])) if held <= most else many(policy)
        for value, held in records.items()
    }
    return frequencies_of(counts, policy)
