"""Groups while they grow, and what they may not become. Records are numbers here: their place in sorted order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from partnerhub.identity.grouping import Guarded
    from partnerhub.identity.policy import Policy

Joined: TypeAlias = "tuple[str, float | None]"
Numbers: TypeAlias = "dict[str, frozenset[str]]"
Ids: TypeAlias = "NDArray[np.int64]"

MILLI = 1000
BY_DATA = frozenset({"score", "name"})
"""Methods by which records join because they look alike; everything that restrains a join restrains these."""
SAID_OUTRIGHT = frozenset({"decision", "merged_into"})
"""A person or the source said it: only a person's verdict forbids it."""
PERSONAL = "apart"
"""The objection of a person's verdict: it is final, and nobody is asked again."""


class Refusal(NamedTuple):
    """A join that did not happen: thousandths of bits, why, and the strongest pair between the two."""

    score: int
    reason: str
    left: int
    right: int


@cache
def alone(country: str) -> frozenset[str]:
    """A country as the set of one that most records share."""
    return frozenset((country,))


def runs(*columns: Ids) -> tuple[list[int], list[int]]:
    """Where each run of equal rows begins, and where it ends."""
    first = np.flatnonzero(np.any([np.diff(column, prepend=-1) for column in columns], axis=0))
    return first.tolist(), np.append(first, len(columns[0]))[1:].tolist()


NOTHING: Final[Numbers] = {}


def disagree(said: Mapping[int, Numbers], a: int, b: int) -> bool:
    """Whether two groups both say something under one heading, and nothing of it alike."""
    mine, others = said.get(a, NOTHING), said.get(b, NOTHING)
    return any(not mine[each] & others[each] for each in mine.keys() & others.keys())


class Forest:
    """Groups of records. A group is known by its root, its smallest record.

    told: whether somebody will ask how records joined and which joins were refused; where nobody does, whole groups
    may join at once.
    """

    def __init__(
        self, records: Iterable[str], guarded: Mapping[str, Guarded], policy: Policy, *, told: bool = True
    ) -> None:
        """Every record alone."""
        self.policy, self.told = policy, told
        self.records: Sequence[str] = sorted(set(records))
        self.at = {record: number for number, record in enumerate(self.records)}
        self.root = array("q", range(len(self.records)))
        self.grown: dict[int, list[int]] = {}
        self.joined: dict[int, Joined] = {}
        self.gone: set[int] = set()
        self.bare = bytearray(len(self.records))
        self.registry: dict[int, Numbers] = {}
        self.countries: dict[int, frozenset[str]] = {}
        self.owners: dict[int, Numbers] = {}
        self.settled: set[int] = set()
        self.apart: dict[int, set[int]] = {}
        self.strangers: dict[int, set[int]] = {}
        self.refused: list[Refusal] = []
        for record, known in guarded.items():
            if record in self.at:
                self.restrain(self.at[record], known)

    def restrain(self, number: int, known: Guarded) -> None:
        """Note what restrains one record."""
        self.bare[number] = known.mention
        if known.country:
            self.countries[number] = alone(known.country)
        if known.owners:
            self.owners[number] = dict((known.owners,))
        if known.settled:
            self.settled.add(number)
        for scheme, value in known.registry:
            if scheme in self.policy.exclusive_schemes:
                numbers = self.registry.setdefault(number, {})
                numbers[scheme] = numbers.get(scheme, frozenset()) | {value}

    @classmethod
    def of_ranks(
        cls,
        bare: NDArray[np.bool_],
        countries: Sequence[str | None],
        strangers: tuple[Ids, Ids],
        policy: Policy,
    ) -> Forest:
        """Every record alone, known by nothing but its number; nobody is told how it joins."""
        forest = cls((), {}, policy, told=False)
        forest.root = array("q", range(len(bare)))
        forest.bare = bytearray(bare.tobytes())
        forest.countries = {number: alone(said) for number, said in enumerate(countries) if said}
        for a, b in zip(*(side.tolist() for side in strangers), strict=True):
            forest.strangers.setdefault(a, set()).add(b)
            forest.strangers.setdefault(b, set()).add(a)
        return forest

    def keep_apart(self, pairs: Iterable[tuple[str, str]], kept: dict[int, set[int]]) -> None:
        """Note pairs that may not join, of those whose records are here."""
        for left, right in pairs:
            a, b = self.at.get(left), self.at.get(right)
            if a is not None and b is not None:
                kept.setdefault(a, set()).add(b)
                kept.setdefault(b, set()).add(a)

    def in_columns(self) -> tuple[NDArray[np.bool_], Ids]:
        """By record, as it stands now: whether it is a bare name, and its root."""
        return np.array(self.bare, np.bool_), np.array(self.root, np.int64)

    def members(self, root: int) -> list[int]:
        """The records of a group, in no order."""
        return self.grown.get(root) or [root]

    def size(self, root: int) -> int:
        """How many records a group has."""
        return len(self.grown[root]) if root in self.grown else 1

    def standing(self) -> Iterator[tuple[int, list[int]]]:
        """Every group with its members, by root."""
        for number, root in enumerate(self.root):
            if number == root:
                yield root, self.members(root)

    def objection(self, a: int, b: int, method: str) -> str | None:
        """Why two groups may not join in this way; None where they may."""
        if b in self.apart.get(a, ()):
            return PERSONAL
        if method in SAID_OUTRIGHT:
            return None
        if method == "kept" and not (self.all_gone(a) or self.all_gone(b)):
            return "staged"
        if disagree(self.registry, a, b):
            return "registry"
        return self.doubt(a, b) if method in BY_DATA else None

    def doubt(self, a: int, b: int) -> str | None:
        """Why likeness alone may not join two groups."""
        if b in self.strangers.get(a, ()):
            return "family"
        if a in self.settled and b in self.settled:
            return "settled"
        mine, others = self.countries.get(a), self.countries.get(b)
        if mine and others and not mine & others:
            return "country"
        if disagree(self.owners, a, b):
            return "owner"
        return "size" if self.size(a) + self.size(b) > self.policy.largest_group else None

    def all_gone(self, root: int) -> bool:
        """Whether no record of a group is staged any more."""
        return all(record in self.gone for record in self.members(root))

    def bind(self, left: str, right: str, method: str) -> None:
        """Join the groups of two records that belong together, where nothing stronger speaks against it."""
        a, b = self.at.get(left), self.at.get(right)
        if method == "kept" and b is not None:
            self.gone.add(b)
        if a is None or b is None:
            return
        a, b = self.root[a], self.root[b]
        if a != b and self.objection(a, b, method) is None:
            self.join(a, b, method, None)

    def lend(self, left: str, right: str) -> None:
        """What a person said about a record that is gone holds for the one it stays with, too."""
        a, b = self.at.get(left), self.at.get(right)
        if a is not None and b is not None and self.root[b] not in self.apart.get(self.root[a], ()):
            mine = self.root[a]
            told = {self.records[other] for other in self.apart.get(self.root[b], ()) if other != mine}
            self.keep_apart(((self.records[mine], other) for other in told), self.apart)

    def join(self, a: int, b: int, method: str, score: int | None) -> int:
        """Make two groups one, whatever it is; returns its root."""
        keep, gone = min(a, b), max(a, b)
        how = (method, None if score is None else score / MILLI)
        moved = self.members(gone)
        for record in moved:
            self.root[record] = keep
            self.joined.setdefault(record, how)
        self.grown[keep] = (
            [*self.members(keep), *moved] if keep not in self.grown else self.grown[keep] + moved
        )
        self.grown.pop(gone, None)
        self.bare[keep] &= self.bare[gone]
        self.inherit(keep, gone)
        return keep

    def absorb(self, records: Ids, leaders: Ids) -> None:
        """Make records that stand alone groups, whatever they are; the leader of a group is its smallest record."""
        order = np.argsort(leaders, kind="stable")
        members = records[order].tolist()
        for start, end in zip(*runs(leaders[order]), strict=True):
            keep, *others = self.grown[members[start]] = members[start:end]
            for gone in others:
                self.root[gone] = keep
                self.bare[keep] &= self.bare[gone]
                self.inherit(keep, gone)

    def inherit(self, keep: int, gone: int) -> None:
        """What restrained the one group restrains the whole."""
        for said_by in (self.registry, self.owners):
            if gone in said_by:
                numbers = said_by.setdefault(keep, {})
                for scheme, values in said_by.pop(gone).items():
                    numbers[scheme] = numbers.get(scheme, frozenset()) | values
        if gone in self.countries:
            said = self.countries.pop(gone)
            if self.countries.setdefault(keep, said) is not said:
                self.countries[keep] |= said
        if gone in self.settled:
            self.settled.add(keep)
        for kept_apart in (self.apart, self.strangers):
            for other in kept_apart.pop(gone) if gone in kept_apart else ():
                kept_apart[other].discard(gone)
                # Joined in spite of it, by whoever may: nothing is left to keep apart.
                if other != keep:
                    kept_apart[other].add(keep)
                    kept_apart.setdefault(keep, set()).add(other)

    def refuse(self, refusal: Refusal) -> None:
        """Keep a join that a guard forbade, for people to look at; a person's own verdict is no question."""
        if refusal.reason != PERSONAL:
            self.refused.append(refusal)

    def oversized(self) -> Iterator[Refusal]:
        """Groups that grew beyond the limit by what no guard restrains: numbers, merges at the source, decisions."""
        for members in self.grown.values():
            if len(members) > self.policy.largest_group:
                first, second = sorted(members)[:2]
                yield Refusal(0, "size", first, second)
