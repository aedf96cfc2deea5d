"""How common values are: what many hold says little, and what too many hold says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from partnerhub.identity.features import Features
from partnerhub.identity.policy import Policy

IDENTIFYING = ("host:", "phone:", "street:")
"""Blocking values that become generic once they are held under many different names."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common values are.

    holders: folded name → how many domains use it. names: blocking value → under how many names it is held.
    too_common: blocking values to leave out.
    """

    holders: Mapping[str, int]
    names: Mapping[str, int]
    too_common: frozenset[str]


def is_too_common(value: str, records: int, names: int, policy: Policy) -> bool:
    """Whether a blocking value held by so many records under so many names is left out."""
    if records > policy.largest_block:
        return True
    return value.startswith(IDENTIFYING) and names > policy.generic_names


def counted(features: Iterable[Features], policy: Policy) -> Frequencies:
    """Frequencies within the given records."""
    records: Counter[str] = Counter()
    names: defaultdict[str, set[str]] = defaultdict(set)
    domains: defaultdict[str, set[str]] = defaultdict(set)
    for f in features:
        values = f.blocking_values()
        records.update(values)
        for value in values:
            names[value].update(f.names)
        for name in f.names:
            domains[name].update({f.domain} if f.domain else ())
    common = {v for v, n in records.items() if is_too_common(v, n, len(names[v]), policy)}
    holders = {name: len(held) for name, held in domains.items()}
    return Frequencies(holders, {value: len(held) for value, held in names.items()}, frozenset(common))
