"""Average link: the two groups whose pairs are worth most on average become one, again and again.

Only pairs at or above the threshold can carry a join, so records they do not connect are looked at apart from each
other: a million records are many small problems, and memory stays that of the largest.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from partnerhub.identity.bridges import hangs_by_a_thread
from partnerhub.identity.forest import MILLI, Forest, Ids, Refusal, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

Pair: TypeAlias = tuple[int, int, int]
"""Two records and what their likeness is worth, in thousandths of bits."""
Link: TypeAlias = tuple[int, int, tuple[int, int, int]]
"""Between two groups: sum and number of their pairs, then the best pair: its score, negative, and its two records."""
Entry: TypeAlias = tuple[int, int, int, int]
"""Two groups as they wait to be joined: their average, negative, their roots, and how many records they had."""


@dataclass(frozen=True, slots=True)
class Links:
    """Scored pairs of records, in thousandths of bits, column by column: each two once, sorted by left and right."""

    left: Ids
    right: Ids
    score: Ids

    @classmethod
    def of(cls, pairs: list[Pair]) -> Links:
        """Pairs row by row."""
        return cls(*np.array(sorted(pairs), np.int64).reshape(-1, 3).T)

    def among(self, chosen: NDArray[np.bool_] | Ids) -> Links:
        """Some of the pairs: those marked, or those at these places."""
        return Links(self.left[chosen], self.right[chosen], self.score[chosen])

    def among_bare(self, forest: Forest) -> Links:
        """The pairs of which neither record has found an organization."""
        bare, root = forest.in_columns()
        return self.among(bare[root[self.left]] & bare[root[self.right]])


def average_link(forest: Forest, pairs: Links, threshold: int) -> None:
    """Join groups while the average of their pairs, the missing ones included, reaches `threshold`."""
    leader, inside = divided(forest, pairs, threshold)
    if not forest.told:
        whole = whole_parts(forest, leader, inside, threshold)
        records = np.flatnonzero(whole[leader])
        inside = inside.among(~whole[leader[inside.left]])
        forest.absorb(records, leader[records])
    for part in split(leader, inside):
        if len(part) == 1:
            join_two(forest, part[0], threshold)
        else:
            Linkage(forest, part, threshold).run()


def parts(forest: Forest, pairs: Links, threshold: int) -> Iterator[list[Pair]]:
    """The pairs by what the strong ones among them connect; a pair between two such parts can carry no join."""
    return split(*divided(forest, pairs, threshold))


def divided(forest: Forest, pairs: Links, threshold: int) -> tuple[Ids, Links]:
    """For each record the smallest root of its part, and the pairs inside parts."""
    _, root = forest.in_columns()
    a, b = root[pairs.left], root[pairs.right]
    strong = pairs.score >= threshold
    leader = connected(len(root), a[strong], b[strong])[root]
    return leader, pairs.among((leader[a] == leader[b]) & (a != b))


def connected(size: int, one: Ids, other: Ids) -> Ids:
    """For each number below `size` the smallest it is connected with, over any number of pairs."""
    leader = np.arange(size)
    while len(one):
        np.minimum.at(leader, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(above := leader[leader], leader):
            leader = above
        one, other = leader[one], leader[other]
        open_ = one != other
        one, other = one[open_], other[open_]
    return leader


def split(leader: Ids, inside: Links) -> Iterator[list[Pair]]:
    """Pairs inside parts, part by part."""
    of_pair = leader[inside.left]
    order = np.argsort(of_pair, kind="stable")
    found = inside.among(order)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), found.score.tolist(), strict=True))
    for start, end in zip(*runs(of_pair[order]), strict=True):
        yield pairs[start:end]


def whole_parts(forest: Forest, leader: Ids, inside: Links, threshold: int) -> NDArray[np.bool_]:
    """By leader: the parts that certainly become one group, so that nobody has to join them pair by pair.

    Every two records of such a part have a pair that reaches the threshold. So whatever two groups of it have grown,
    their average reaches it too, and joining goes on until there is one. And nothing can object on the way: the
    records stand alone, there are not too many of them, they name one country at most, no two are known to be
    strangers, none has a number, an owner or is settled, and what is tied by all its pairs hangs by no thread.
    """
    size = len(leader)
    records = np.bincount(leader, minlength=size)
    pairs = np.bincount(leader[inside.left], minlength=size)
    strong = np.bincount(leader[inside.left[inside.score >= threshold]], minlength=size)
    whole: NDArray[np.bool_] = (strong == records * (records - 1) // 2) & (pairs == strong)
    whole &= (records > 1) & (records <= forest.policy.largest_group) & (forest.policy.thread > 0)
    for restrained in (forest.grown, forest.registry, forest.owners, forest.settled):
        whole[leader[np.fromiter(restrained, np.int64, len(restrained))]] = False
    for kept in (forest.apart, forest.strangers):
        told = np.array([(a, b) for a, others in kept.items() for b in others], np.int64).reshape(-1, 2)
        a, b = leader[told.T]
        whole[a[a == b]] = False
    return whole & ~of_two_countries(forest, leader, whole)


def of_two_countries(forest: Forest, leader: Ids, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """By leader: whether the records of a part name more than one country; asked of some parts only."""
    records = np.flatnonzero(asked[leader])
    numbers: dict[frozenset[str] | None, int] = {None: -1}
    said = (forest.countries.get(record) for record in records.tolist())
    country = np.fromiter((numbers.setdefault(each, len(numbers)) for each in said), np.int64, len(records))
    records, country = records[country >= 0], country[country >= 0]
    lowest, highest = np.full(len(leader), len(numbers)), np.full(len(leader), -1)
    np.minimum.at(lowest, leader[records], country)
    np.maximum.at(highest, leader[records], country)
    found: NDArray[np.bool_] = lowest < highest
    return found


def join_two(forest: Forest, pair: Pair, threshold: int) -> None:
    """Two groups with one pair between them and nothing else around: by far the commonest part."""
    left, right, score = pair
    a, b = sorted((forest.root[left], forest.root[right]))
    if a in forest.grown or b in forest.grown:
        Linkage(forest, [pair], threshold).run()
    elif objection := forest.objection(a, b, "score"):
        forest.refuse(Refusal(score, objection, left, right))
    else:
        forest.join(a, b, "score", score)


class Linkage:
    """One part of the records while its groups grow."""

    def __init__(self, forest: Forest, pairs: list[Pair], threshold: int) -> None:
        """Sum up the pairs between the groups as they stand."""
        self.forest, self.threshold = forest, threshold
        self.unscored = round(forest.policy.unscored * MILLI)
        self.links: defaultdict[int, dict[int, Link]] = defaultdict(dict)
        self.near: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self.units: dict[int, list[int]] = {}
        self.unit_sizes: dict[int, int] = {}
        self.sizes: dict[int, int] = {}
        root, links, near = forest.root, self.links, self.near
        for left, right, score in pairs:
            a, b = root[left], root[right]
            known, link = links[a].get(b), (score, 1, (-score, left, right))
            links[a][b] = links[b][a] = added(known, link) if known else link
            if score >= threshold:
                near[a][b] = near[b][a] = near[a].get(b, 0) + 1

    def run(self) -> None:
        """Join the best two, look at their neighbors again, until nothing reaches the threshold."""
        self.units = {root: [root] for root in self.links}
        self.unit_sizes = {root: self.forest.size(root) for root in self.links}
        self.sizes = dict(self.unit_sizes)
        waiting = [
            entry for a, links in self.links.items() for entry in self.entries(a, links) if entry[1] == a
        ]
        heapq.heapify(waiting)
        while waiting:
            negative, a, b, size = heapq.heappop(waiting)
            # Whoever has grown since stands further back, as a new entry.
            if b not in self.links.get(a, ()) or size != self.sizes[a] + self.sizes[b]:
                continue
            if objection := self.objection(a, b):
                _, left, right = self.links[a][b][2]
                self.forest.refuse(Refusal(-negative, objection, left, right))
                continue
            self.join(a, b, -negative)
            for entry in self.entries(a, self.links[a]):
                heapq.heappush(waiting, entry)

    def entries(self, a: int, links: Mapping[int, Link]) -> list[Entry]:
        """A group and its neighbors as they wait: highest average first, then the smallest records.

        None below the threshold.
        """
        found, sizes, mine = [], self.sizes, self.sizes[a]
        for b, (total, count, _) in links.items():
            possible = mine * sizes[b]
            average = (total + self.unscored * (possible - count)) // possible
            if average >= self.threshold:
                size = mine + sizes[b]
                found.append((-average, a, b, size) if a < b else (-average, b, a, size))
        return found

    def objection(self, a: int, b: int) -> str | None:
        """Why the two may not become one."""
        objection = self.forest.objection(a, b, "score")
        least = self.forest.policy.thread
        if objection or self.sizes[a] + self.sizes[b] < least + 2:
            return objection
        units = self.units[a] + self.units[b]
        thread = hangs_by_a_thread(units, self.near, self.unit_sizes.__getitem__, least)
        return "bridge" if thread else None

    def join(self, a: int, b: int, average: int) -> None:
        """Make two groups one; `a`, the smaller root, stays, and the links of `b` become its own."""
        self.forest.join(a, b, "score", average)
        self.units[a] += self.units.pop(b)
        self.sizes[a] += self.sizes.pop(b)
        mine, theirs = self.links[a], self.links.pop(b)
        del mine[b], theirs[a]
        for other, link in theirs.items():
            of_other = self.links[other]
            del of_other[b]
            mine[other] = of_other[a] = added(mine[other], link) if other in mine else link


def added(one: Link, other: Link) -> Link:
    """Two links of the same two groups as one: of equally good best pairs the smallest records."""
    return (one[0] + other[0], one[1] + other[1], min(one[2], other[2]))
