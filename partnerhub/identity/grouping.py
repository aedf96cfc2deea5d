"""From pairs to groups: what must be together first, then average link, with guards that no score outranks.

Connected components would let one wrong pair join two organizations, and a record without data bridge them; in an
average every member has a say. The result depends on the records and pairs alone, never on their order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from partnerhub.identity.policy import Policy

ANSWERED_BY_A_PERSON = frozenset({"decision"})
SAID_BY_THE_SOURCE = frozenset({"merged_into"})


@dataclass(frozen=True, slots=True)
class Guarded:
    """What restrains a record. registry: its numbers as (scheme, value). mention: nothing is known but a name."""

    registry: frozenset[tuple[str, str]] = frozenset()
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Must:
    """Two records that belong together whatever they look like.

    method: decision, merged_into, key:<kind>, or kept: `right` is no longer staged and stays with `left`.
    """

    left: str
    right: str
    method: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that look alike, by `score` bits."""

    left: str
    right: str
    score: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything grouping may know.

    musts: in order of precedence. cannot: a person's verdict, outranks everything. strangers: pairs no score may join
    (head office and branch), but a person, the source or a registry number may.
    """

    records: Sequence[str]
    pairs: Sequence[Pair] = ()
    musts: Sequence[Must] = ()
    cannot: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[tuple[str, str]] = frozenset()
    guarded: Mapping[str, Guarded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one organization or person; how each came in: (method, score), absent for the first one."""

    records: frozenset[str]
    joined: Mapping[str, tuple[str, float | None]]


def group(problem: Problem, policy: Policy) -> list[Group]:
    """Partition the records. Every record is in exactly one group; groups are sorted by their smallest record."""
    forest = Forest(problem, policy)
    for must in problem.musts:
        forest.join_if_allowed(must.left, must.right, must.method, None)
    average_link(forest, [p for p in problem.pairs if not forest.any_mention(p.left, p.right)], policy)
    average_link(forest, [p for p in problem.pairs if forest.both_mentions(p.left, p.right)], policy)
    place_mentions(forest, problem.pairs, policy)
    return forest.groups()


class Forest:
    """Groups while they grow. A group is known by its smallest record."""

    def __init__(self, problem: Problem, policy: Policy) -> None:
        self.exclusive = policy.exclusive_schemes
        self.root = {record: record for record in problem.records}
        self.gone = {must.right for must in problem.musts if must.method == "kept"}
        self.members: dict[str, list[str]] = {record: [record] for record in problem.records}
        self.joined: dict[str, tuple[str, float | None]] = {}
        nothing = Guarded()
        self.mention = {r: problem.guarded.get(r, nothing).mention for r in problem.records}
        self.registry = {r: dict(self.numbers(problem.guarded.get(r, nothing))) for r in problem.records}
        self.apart = self.both_ways(problem.cannot)
        self.strangers = self.both_ways(problem.strangers)

    def both_ways(self, pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
        """Root → roots it may not join, of the pairs whose records are here."""
        found: dict[str, set[str]] = {}
        for left, right in pairs:
            if left in self.root and right in self.root:
                found.setdefault(left, set()).add(right)
                found.setdefault(right, set()).add(left)
        return found

    def numbers(self, guarded: Guarded) -> dict[str, frozenset[str]]:
        """The record's numbers in registries that give one number to an organization."""
        found: dict[str, frozenset[str]] = {}
        for scheme, value in guarded.registry:
            if scheme in self.exclusive:
                found[scheme] = found.get(scheme, frozenset()) | {value}
        return found

    def any_mention(self, left: str, right: str) -> bool:
        """Whether one of the two groups has nothing but names."""
        return self.mention[self.root[left]] or self.mention[self.root[right]]

    def both_mentions(self, left: str, right: str) -> bool:
        """Whether both groups have nothing but names."""
        return self.mention[self.root[left]] and self.mention[self.root[right]]

    def allowed(self, left: str, right: str, method: str) -> bool:
        """Whether two groups (by root) may join: no verdict apart, and no two numbers of one registry."""
        if right in self.apart.get(left, ()):
            return False
        if method in ANSWERED_BY_A_PERSON or method in SAID_BY_THE_SOURCE:
            return True
        if method == "score" and right in self.strangers.get(left, ()):
            return False
        if method == "kept" and not any(
            all(r in self.gone for r in self.members[side]) for side in (left, right)
        ):
            return False
        mine, others = self.registry[left], self.registry[right]
        return all(mine[scheme] & others[scheme] for scheme in mine.keys() & others.keys())

    def join_if_allowed(self, left: str, right: str, method: str, score: float | None) -> str | None:
        """Join the groups of two records; returns the root, or None where they may not join."""
        a, b = self.root.get(left), self.root.get(right)
        if a is None or b is None or a == b:
            return a if a == b else None
        if not self.allowed(a, b, method):
            return None
        keep, gone = min(a, b), max(a, b)
        for record in self.members[gone]:
            self.root[record] = keep
            self.joined.setdefault(record, (method, score))
        self.members[keep] += self.members.pop(gone)
        self.mention[keep] = self.mention[keep] and self.mention[gone]
        for scheme, values in self.registry.pop(gone).items():
            self.registry[keep][scheme] = self.registry[keep].get(scheme, frozenset()) | values
        for kept_apart in (self.apart, self.strangers):
            for other in kept_apart.pop(gone, set()):
                kept_apart[other].discard(gone)
                # Joined in spite of it, by whoever may: nothing is left to keep apart.
                if other != keep:
                    kept_apart[other].add(keep)
                    kept_apart.setdefault(keep, set()).add(other)
        return keep

    def groups(self) -> list[Group]:
        """The groups as they stand."""
        found = []
        for root in sorted(self.members):
            records = frozenset(self.members[root])
            found.append(Group(records, {r: self.joined[r] for r in sorted(records) if r in self.joined}))
        return found


def average_link(forest: Forest, pairs: Iterable[Pair], policy: Policy) -> None:
    """Join the two groups with the highest average score, again and again, while it reaches `auto`."""
    links = summed_links(forest, pairs, policy)
    waiting = [entry(forest, a, b, links[a][b], policy) for a in links for b in links[a] if a < b]
    heapq.heapify(waiting)
    while waiting:
        negative, a, b, size = heapq.heappop(waiting)
        if -negative < policy.auto:
            return
        outdated = a not in links or b not in links.get(a, ()) or size != total_size(forest, a, b)
        if outdated or forest.join_if_allowed(a, b, "score", round(-negative, 3)) is None:
            continue
        merge_links(links, a, b)
        for other, link in links[a].items():
            heapq.heappush(waiting, entry(forest, min(a, other), max(a, other), link, policy))


Links = dict[str, dict[str, tuple[float, int]]]


def summed_links(forest: Forest, pairs: Iterable[Pair], policy: Policy) -> Links:
    """Per two groups the sum of their pairs' scores and how many there are."""
    links: Links = {}
    # Sorted, so that sums of floats do not depend on the order pairs came in.
    for pair in sorted(pairs, key=lambda p: (p.left, p.right)):
        a, b = forest.root[pair.left], forest.root[pair.right]
        if a == b:
            continue
        total, count = links.setdefault(a, {}).get(b, (0.0, 0))
        link = (total + min(pair.score, policy.strongest), count + 1)
        links[a][b] = link
        links.setdefault(b, {})[a] = link
    return links


def entry(
    forest: Forest, a: str, b: str, link: tuple[float, int], policy: Policy
) -> tuple[float, str, str, int]:
    """A heap entry: highest average first, then the smallest records; the size tells outdated entries."""
    total, count = link
    possible = len(forest.members[a]) * len(forest.members[b])
    average = (total + policy.unscored * (possible - count)) / possible
    return (-average, a, b, total_size(forest, a, b))


def total_size(forest: Forest, a: str, b: str) -> int:
    """How many records two groups have; it grows whenever one of them does."""
    return len(forest.members[a]) + len(forest.members[b])


def merge_links(links: Links, keep: str, gone: str) -> None:
    """The links of `gone` become links of `keep`."""
    for other, (total, count) in links.pop(gone).items():
        del links[other][gone]
        if other == keep:
            continue
        mine = links[keep].get(other, (0.0, 0))
        merged = (mine[0] + total, mine[1] + count)
        links[keep][other] = merged
        links[other][keep] = merged


def place_mentions(forest: Forest, pairs: Sequence[Pair], policy: Policy) -> None:
    """Let each group of bare names join the one organization it clearly fits; never a bridge between two."""
    best: dict[str, dict[str, float]] = {}
    for pair in pairs:
        for mine, other in ((pair.left, pair.right), (pair.right, pair.left)):
            a, b = forest.root[mine], forest.root[other]
            if forest.mention[a] and not forest.mention[b]:
                scores = best.setdefault(a, {})
                scores[b] = max(pair.score, scores.get(b, pair.score))
    for mention in sorted(best):
        ranked = sorted(((-score, other) for other, score in best[mention].items()))
        score, other = -ranked[0][0], ranked[0][1]
        second = -ranked[1][0] if len(ranked) > 1 else float("-inf")
        if score >= policy.auto and score - second >= policy.mention_lead:
            forest.join_if_allowed(other, mention, "score", round(score, 3))
