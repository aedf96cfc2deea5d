"""From pairs to groups: what must be together first, then average link, with guards that no score outranks.

Connected components would let one wrong pair join two organizations, and a record without data bridge them; in an
average every member has a say. The result depends on the records and pairs alone, never on their order: scores are
counted in whole thousandths of a bit, and equals go by the smallest record.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from partnerhub.identity.forest import MILLI, Forest, Joined, Refusal
from partnerhub.identity.linkage import average_link
from partnerhub.identity.mentions import join_namesakes, place_mentions
from partnerhub.identity.policy import Policy

KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Guarded:
    """What restrains a record.

    registry: its numbers as (scheme, value). mention: nothing is known but a name; name: that name, for comparing.
    names: every name it goes by, as compared; none where the name says more than a name does, as a country.
    country: where it says it is. settled: it stands where an earlier scorecard put it until a person has decided.
    """

    registry: frozenset[tuple[str, str]] = frozenset()
    mention: bool = False
    name: str | None = None
    country: str | None = None
    settled: bool = False
    names: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Must:
    """Two records that belong together whatever they look like.

    method: decision, merged_into, key:<kind>, standing (as an earlier scorecard had it), or kept: `right` is no longer
    staged and stays with `left`.
    """

    left: str
    right: str
    method: str


class Pair(NamedTuple):
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
    pairs: Sequence[Pair] | Ranked = ()
    musts: Sequence[Must] = ()
    cannot: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[tuple[str, str]] = frozenset()
    guarded: Mapping[str, Guarded] = field(default_factory=dict)


class Group(NamedTuple):
    """Records of one organization or person; how each came in: (method, score), absent for the first one."""

    records: frozenset[str]
    joined: Mapping[str, Joined]


class Held(NamedTuple):
    """A join that scores wanted and a guard forbade: left < right, one record of either group; score: their average.

    reason: registry, country, family, size, bridge or settled. A person may still say they are the same.
    """

    left: str
    right: str
    reason: str
    score: float


class Partition(NamedTuple):
    """Every record in exactly one group, sorted by smallest record; and the joins that wait for a person, sorted."""

    groups: list[Group]
    held: list[Held]


def group(problem: Problem, policy: Policy) -> list[Group]:
    """The groups of `partition`."""
    return partition(problem, policy).groups


def partition(problem: Problem, policy: Policy) -> Partition:
    """Group the records; tell which joins the guards held back. Depends on no order; takes seconds for a million."""
    forest = grown(problem, policy)
    return Partition(groups_of(forest), held_of(forest))


def grown(problem: Problem, policy: Policy) -> Forest:
    """The groups of a problem, by the ranks of their records."""
    forest = Forest(problem.records, problem.guarded, policy)
    forest.keep_apart(problem.cannot, forest.apart)
    forest.keep_apart(problem.strangers, forest.strangers)
    for must in problem.musts:
        if must.method == KEPT:
            forest.lend(must.left, must.right)
        else:
            forest.bind(must.left, must.right, must.method)
    between, touching, among = scored_links(forest, problem.pairs)
    auto = milli(policy.auto)
    average_link(forest, between, auto)
    average_link(forest, among, max(auto, milli(policy.bare_names)))
    place_mentions(forest, touching, max(auto, milli(policy.mention)), problem.guarded)
    average_link(forest, among.among_bare(forest), auto)
    join_namesakes(forest, problem.guarded)
    # Last, so that a record no longer staged lends its group no weight.
    for must in problem.musts:
        if must.method == KEPT:
            forest.bind(must.left, must.right, must.method)
    return forest


class Links(Sequence[tuple[int, int, int]]):
    """Scored pairs as (record, record, thousandths of bits), in arrays of numbers: a million pairs are 16 MB."""

    def __init__(
        self, left: Iterable[int] = (), right: Iterable[int] = (), score: Iterable[int] = ()
    ) -> None:
        """Pairs column by column."""
        self.columns = (array("i", left), array("i", right), array("q", score))

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, number: Any) -> Any:
        return tuple(column[number] for column in self.columns)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return zip(*self.columns, strict=True)

    def add(self, left: int, right: int, score: int) -> None:
        """One pair more."""
        for column, value in zip(self.columns, (left, right, score), strict=True):
            column.append(value)

    def among_bare(self, forest: Forest) -> Links:
        """The pairs of which neither record has found an organization."""
        found = Links()
        for left, right, score in self:
            if forest.bare[forest.root[left]] and forest.bare[forest.root[right]]:
                found.add(left, right, score)
        return found


class Ranked(NamedTuple):
    """Pairs by the ranks of their records among all, for a problem without musts: of organizations, or of bare names.

    Scores are within `Policy.strongest` bits.
    """

    between: Links
    touching: Links
    among: Links


def scored_links(forest: Forest, pairs: Iterable[Pair] | Ranked) -> tuple[Links, Links, Links]:
    """The pairs whose records are both here: between organizations, touching a bare name, among bare names."""
    if isinstance(pairs, Ranked):
        return pairs
    found = (Links(), Links(), Links())
    strongest, at, root, bare = milli(forest.policy.strongest), forest.at, forest.root, forest.bare
    for left, right, score in pairs:
        a, b = at.get(left), at.get(right)
        if a is not None and b is not None:
            found[bare[root[a]] + bare[root[b]]].add(a, b, max(-strongest, min(milli(score), strongest)))
    return found


def milli(bits: float) -> int:
    """Bits as whole thousandths."""
    return round(bits * MILLI)


def groups_of(forest: Forest) -> list[Group]:
    """The groups as they stand."""
    names, joined = forest.records, forest.joined
    found = []
    for root, members in forest.standing():
        if len(members) == 1:
            found.append(Group(frozenset((names[root],)), {}))
            continue
        ordered = sorted(members)
        found.append(
            Group(frozenset(names[m] for m in ordered), {names[m]: joined[m] for m in ordered if m in joined})
        )
    return found


def held_of(forest: Forest) -> list[Held]:
    """The refusals that still stand between two groups, one for every two groups: the strongest."""
    best: dict[tuple[int, int], Refusal] = {}
    for refusal in [*forest.refused, *forest.oversized()]:
        a, b = sorted((forest.root[refusal.left], forest.root[refusal.right]))
        if a != b or refusal.reason == "size":
            best[a, b] = max(refusal, best.get((a, b), refusal))
    return sorted(held(forest, refusal) for refusal in best.values())


def held(forest: Forest, refusal: Refusal) -> Held:
    """A refusal by the names of its records."""
    left, right = sorted((forest.records[refusal.left], forest.records[refusal.right]))
    return Held(left, right, refusal.reason, refusal.score / MILLI)
