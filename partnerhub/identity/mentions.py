"""Bare names: records of which nothing is known but what they call somebody.

A group of them joins the one organization it clearly fits, never two. Whoever fits none waits, with its namesakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from partnerhub.identity.forest import MILLI, Forest, Ids, Refusal, runs

if TYPE_CHECKING:
    from partnerhub.identity.grouping import Guarded
    from partnerhub.identity.linkage import Links

NO_NAME = -1


@dataclass(frozen=True, slots=True)
class Called:
    """What records are called, names as numbers: record n has names[ends[n] : ends[n + 1]].

    first: the name by which a record that is left over is compared, NO_NAME where it has none.
    """

    first: Ids
    names: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, forest: Forest, guarded: Mapping[str, Guarded]) -> Called:
        """As the guards of the records say."""
        numbers: dict[str | None, int] = {None: NO_NAME, "": NO_NAME}
        known = [guarded.get(record) for record in forest.records]
        first = [numbers.setdefault(one.name, len(numbers)) if one else NO_NAME for one in known]
        names = [one.names if one else () for one in known]
        return cls(
            np.array(first, np.int64),
            [numbers.setdefault(name, len(numbers)) for each in names for name in each],
            [0, *accumulate(len(each) for each in names)],
        )

    def by(self, forest: Forest, root: int) -> set[int]:
        """Every name a group goes by."""
        names, ends = self.names, self.ends
        return {name for record in forest.members(root) for name in names[ends[record] : ends[record + 1]]}


class Fit(NamedTuple):
    """A group of bare names, an organization, how well they fit in thousandths of bits, and their best pair."""

    group: int
    organization: int
    value: int
    left: int
    right: int


def place_mentions(forest: Forest, pairs: Links, threshold: int, called: Called) -> None:
    """Let each group of bare names join the organization it clearly fits: by the mean of average and best score."""
    # All are weighed before the first one joins: what has been joined by guess lends no weight.
    chosen = list(clearest(forest, pairs, threshold, called))
    for weighed, fitting, value, left, right in chosen:
        group, organization = forest.root[weighed], forest.root[fitting]
        objection = forest.objection(group, organization, "score")
        if objection is None:
            forest.join(group, organization, "score", value)
        else:
            forest.refuse(Refusal(value, objection, left, right))


def clearest(forest: Forest, pairs: Links, threshold: int, called: Called) -> Iterator[Fit]:
    """By group the organization it fits best, if that reaches the threshold and no other comes close.

    One that bears the very same name comes close whatever it is worth: a name cannot tell two of that name apart.
    """
    lead = round(forest.policy.mention_lead * MILLI)
    names = cache(partial(called.by, forest))
    group, organization, value, left, right = (
        each.tolist() for each in ranked(forest, allowed(forest, pairs))
    )
    for start, end in zip(*runs(np.array(group, np.int64)), strict=True):
        second = start + 1
        if value[start] < threshold or (second < end and value[start] - value[second] < lead):
            continue
        best = Fit(group[start], organization[start], value[start], left[start], right[start])
        if second == end or not bears_it_too(best, organization[second:end], names):
            yield best


def bears_it_too(best: Fit, others: Iterable[int], names: Callable[[int], set[int]]) -> bool:
    """Whether another organization bears a name that the group shares with the one it fits best."""
    shared = names(best.group) & names(best.organization)
    return bool(shared) and any(not shared.isdisjoint(names(other)) for other in others)


def allowed(forest: Forest, pairs: Links) -> Links:
    """The pairs of which no person has said that the two groups are different."""
    if not forest.apart:
        return pairs
    root, apart = forest.root, forest.apart
    sides = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    return pairs.among(
        np.array([root[right] not in apart.get(root[left], ()) for left, right in sides], np.bool_)
    )


def ranked(forest: Forest, pairs: Links) -> tuple[Ids, ...]:
    """The columns of `Fit` for every group of bare names and all it has pairs with, the most fitting first."""
    bare, root = forest.in_columns()
    a, b = root[pairs.left], root[pairs.right]
    group, organization = np.where(bare[a], a, b), np.where(bare[a], b, a)
    # Pairs come sorted by their records, and of equal scores they stay so: the last one is the best.
    order = np.lexsort((pairs.score, group * len(root) + organization))
    group, organization, pairs = group[order], organization[order], pairs.among(order)
    first, ends = (np.array(places, np.int64) for places in runs(group, organization))
    last = ends - 1
    sizes = np.bincount(root, minlength=len(root))
    possible = sizes[group[first]] * sizes[organization[first]]
    unscored = round(forest.policy.unscored * MILLI)
    total = np.add.reduceat(pairs.score, first) if len(first) else first
    # The average counts the pairs there could be; in thousandths of bits, rounded down.
    average = (total + unscored * (possible - (ends - first))) // possible
    columns = (
        group[first],
        organization[first],
        (average + pairs.score[last]) // 2,
        pairs.left[last],
        pairs.right[last],
    )
    best = np.lexsort((columns[1], -columns[2], columns[0]))
    return tuple(column[best] for column in columns)


def join_namesakes(forest: Forest, called: Called) -> None:
    """Those left over that bear one name are one group, whatever the name is worth."""
    bare, root = forest.in_columns()
    left_over = np.flatnonzero(bare[root] & (called.first != NO_NAME))
    names = called.first[left_over]
    borne = np.bincount(names)
    several = left_over[borne[names] > 1]
    first: dict[int, int] = {}
    for number, name in zip(several.tolist(), called.first[several].tolist(), strict=True):
        one, other = forest.root[number], forest.root[first.setdefault(name, number)]
        if other != one and forest.objection(other, one, "name") is None:
            forest.join(other, one, "name", None)
