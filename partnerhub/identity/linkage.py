"""Average link: the two groups whose pairs are worth most on average become one, again and again.

Only pairs at or above the threshold can carry a join, so records they do not connect are looked at apart from each
other: a million records are many small problems, and memory stays that of the largest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from partnerhub.identity.bridges import hangs_by_a_thread
from partnerhub.identity.forest import MILLI, Forest, Refusal

Pair: TypeAlias = tuple[int, int, int]
"""Two records and what their likeness is worth, in thousandths of bits."""
Link: TypeAlias = tuple[int, int, int, int, int]
"""Between two groups: sum and number of their pairs, then the best pair: its score and its two records."""


def average_link(forest: Forest, pairs: Sequence[Pair], threshold: int) -> None:
    """Join groups while the average of their pairs, the missing ones included, reaches `threshold`."""
    for part in parts(forest, pairs, threshold):
        if len(part) == 1:
            join_two(forest, part[0], threshold)
        else:
            Linkage(forest, part, threshold).run()


def parts(forest: Forest, pairs: Sequence[Pair], threshold: int) -> Iterator[list[Pair]]:
    """The pairs by what the strong ones among them connect; a pair between two such parts can carry no join."""
    leader, root = list(range(len(forest.root))), forest.root
    for left, right, score in pairs:
        if score >= threshold:
            a, b = find(leader, root[left]), find(leader, root[right])
            leader[max(a, b)] = min(a, b)
    found: dict[int, list[int]] = {}
    for number, (left, right, _) in enumerate(pairs):
        a, b = root[left], root[right]
        if a != b and (lead := find(leader, a)) == find(leader, b):
            found.setdefault(lead, []).append(number)
    while found:
        yield [pairs[number] for number in found.popitem()[1]]


def find(leader: list[int], one: int) -> int:
    """The leader of a part; the way there is shortened as it is gone."""
    while (above := leader[one]) != one:
        leader[one] = leader[above]
        one = above
    return one


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
        self.links: dict[int, dict[int, Link]] = {}
        self.near: dict[int, dict[int, int]] = {}
        self.units: dict[int, list[int]] = {}
        self.sizes: dict[int, int] = {}
        for left, right, score in pairs:
            a, b = forest.root[left], forest.root[right]
            self.link(a, b, (score, 1, score, left, right))
            if score >= threshold:
                for one, other in ((a, b), (b, a)):
                    near = self.near.setdefault(one, {})
                    near[other] = near.get(other, 0) + 1

    def link(self, a: int, b: int, link: Link) -> None:
        """Add to what is known between two groups."""
        of_a = self.links.setdefault(a, {})
        if b in of_a:
            link = added(of_a[b], link)
        of_a[b] = self.links.setdefault(b, {})[a] = link

    def run(self) -> None:
        """Join the best two, look at their neighbors again, until nothing reaches the threshold."""
        self.units = {root: [root] for root in self.links}
        self.sizes = {root: self.forest.size(root) for root in self.links}
        waiting = [entry for a in self.links for b in self.links[a] if a < b for entry in self.entries(a, b)]
        heapq.heapify(waiting)
        while waiting:
            negative, a, b, size = heapq.heappop(waiting)
            # Whoever has grown since stands further back, as a new entry.
            if b not in self.links.get(a, ()) or size != self.forest.size(a) + self.forest.size(b):
                continue
            if objection := self.objection(a, b):
                *_, left, right = self.links[a][b]
                self.forest.refuse(Refusal(-negative, objection, left, right))
                continue
            self.join(a, b, -negative)
            for other in self.links[a]:
                for entry in self.entries(min(a, other), max(a, other)):
                    heapq.heappush(waiting, entry)

    def entries(self, a: int, b: int) -> Iterator[tuple[int, int, int, int]]:
        """Two groups as they wait: highest average first, then the smallest records. None below the threshold."""
        total, count, *_ = self.links[a][b]
        size_a, size_b = self.forest.size(a), self.forest.size(b)
        possible = size_a * size_b
        average = (total + self.unscored * (possible - count)) // possible
        if average >= self.threshold:
            yield (-average, a, b, size_a + size_b)

    def objection(self, a: int, b: int) -> str | None:
        """Why the two may not become one."""
        objection = self.forest.objection(a, b, "score")
        least = self.forest.policy.thread
        if objection or self.forest.size(a) + self.forest.size(b) < least + 2:
            return objection
        thread = hangs_by_a_thread(self.units[a] + self.units[b], self.near, self.sizes.__getitem__, least)
        return "bridge" if thread else None

    def join(self, a: int, b: int, average: int) -> None:
        """Make two groups one; `a`, the smaller root, stays, and the links of `b` become its own."""
        self.forest.join(a, b, "score", average)
        self.units[a] += self.units.pop(b)
        del self.links[a][b]
        for other, link in self.links.pop(b).items():
            if other != a:
                del self.links[other][b]
                self.link(a, other, link)


def added(one: Link, other: Link) -> Link:
    """Two links of the same two groups as one: of equally good best pairs the smallest records."""
    best = max(one[2], other[2])
    left, right = min(link[3:] for link in (one, other) if link[2] == best)
    return (one[0] + other[0], one[1] + other[1], best, left, right)
