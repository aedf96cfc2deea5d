"""From pairs to groups: what must be together first, then average link, with guards that no score outranks.

Connected components would let one wrong pair join two organizations, and a record without data bridge them; in an
average every member has a say. The result depends on the records and pairs alone, never on their order: scores are
counted in whole thousandths of a bit, and equals go by the smallest record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from partnerhub.identity.forest import MILLI, Forest, Ids, Joined, Refusal
from partnerhub.identity.linkage import Links, average_link
from partnerhub.identity.mentions import Called, join_namesakes, place_mentions
from partnerhub.identity.policy import Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT, SAID = "kept", "decision"


@dataclass(frozen=True, slots=True)
class Guarded:
    """What restrains a record.

    registry: its numbers as (scheme, value). mention: nothing is known but a name; name: that name, for comparing.
    names: every name it goes by, as compared; none where the name says more than a name does, as a country.
    country: where it says it is. owners: the system it comes from, and who look after it there.
    settled: it stands where an earlier scorecard put it until a person has decided.
    """

    registry: frozenset[tuple[str, str]] = frozenset()
    mention: bool = False
    name: str | None = None
    country: str | None = None
    settled: bool = False
    names: Collection[str] = ()
    owners: tuple[str, frozenset[str]] | None = None


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
    pairs: Sequence[Pair] = ()
    musts: Sequence[Must] = ()
    cannot: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[tuple[str, str]] = frozenset()
    guarded: Mapping[str, Guarded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A problem in columns, of which only the groups are asked: records are their ranks, and there are no musts.

    countries: of each record, None where it names none. strangers: as in `Problem`, side by side; no pair of `pairs`.
    """

    bare: NDArray[np.bool_]
    countries: Sequence[str | None]
    called: Called
    pairs: Links
    strangers: tuple[Ids, Ids]


class Group(NamedTuple):
    """Records of one organization or person; how each came in: (method, score), absent for the first one."""

    records: frozenset[str]
    joined: Mapping[str, Joined]


class Held(NamedTuple):
    """A join that scores wanted and a guard forbade: left < right, one record of either group; score: their average.

    reason: registry, country, owner, family, size, bridge or settled. A person may still say they are the same.
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
    stray = [must for must in problem.musts if must.method == KEPT]
    if stray:
        forest.gone.update(forest.at[record] for record in problem.records if record not in problem.guarded)
    said = [must for must in problem.musts if must.method == SAID]
    for must in said:
        forest.bind(must.left, must.right, must.method)
    # Before the others, so that what a person said of somebody who is gone outranks what sources say of the living.
    for must in stray:
        forest.lend(must.left, must.right)
    for must in problem.musts:
        if must.method not in {KEPT, SAID}:
            forest.bind(must.left, must.right, must.method)
    join_by_scores(forest, scored_links(forest, problem.pairs), Called.of(forest, problem.guarded))
    # Last, so that a record no longer staged lends its group no weight.
    for must in stray:
        forest.bind(must.left, must.right, must.method)
    return forest


def join_by_scores(forest: Forest, links: tuple[Links, Links, Links], called: Called) -> None:
    """Organizations among each other, bare names likewise; then each where it fits, and who is left over."""
    between, touching, among = links
    auto = milli(forest.policy.auto)
    average_link(forest, between, auto)
    average_link(forest, among, max(auto, milli(forest.policy.bare_names)))
    place_mentions(forest, touching, max(auto, milli(forest.policy.mention)), called)
    average_link(forest, among.among_bare(forest), auto)
    join_namesakes(forest, called)


def founders_of(problem: Ranked, policy: Policy) -> Ids:
    """The smallest record of the group of each, by rank: the groups of `partition`, for records known by rank."""
    forest = Forest.of_ranks(problem.bare, problem.countries, problem.strangers, policy)
    most, how_bare = milli(policy.strongest), problem.bare.astype(np.int64)
    pairs = replace(problem.pairs, score=np.clip(problem.pairs.score, -most, most))
    kind = how_bare[pairs.left] + how_bare[pairs.right]
    between, touching, among = (pairs.among(kind == number) for number in range(3))
    join_by_scores(forest, (between, touching, among), problem.called)
    return forest.in_columns()[1]


def scored_links(forest: Forest, pairs: Iterable[Pair]) -> tuple[Links, Links, Links]:
    """The pairs whose records are both here: between organizations, touching a bare name, among bare names."""
    found: tuple[list[tuple[int, int, int]], ...] = ([], [], [])
    strongest, at, root, bare = milli(forest.policy.strongest), forest.at, forest.root, forest.bare
    for left, right, score in pairs:
        a, b = at.get(left), at.get(right)
        if a is not None and b is not None:
            found[bare[root[a]] + bare[root[b]]].append((a, b, max(-strongest, min(milli(score), strongest))))
    between, touching, among = map(Links.of, found)
    return between, touching, among


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
