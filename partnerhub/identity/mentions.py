"""Bare names: records of which nothing is known but what they call somebody.

A group of them joins the one organization it clearly fits, never two. Whoever fits none waits, with its namesakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from partnerhub.identity.forest import MILLI, PERSONAL, Forest, Refusal

if TYPE_CHECKING:
    from partnerhub.identity.grouping import Guarded

Pair: TypeAlias = tuple[int, int, int]
Fits: TypeAlias = dict[int, list[Pair]]
"""Organization → the pairs a group of bare names has with it."""


def place_mentions(
    forest: Forest, pairs: Iterable[Pair], threshold: int, guarded: Mapping[str, Guarded]
) -> None:
    """Let each group of bare names join the organization it clearly fits: by the mean of average and best score."""
    fits: dict[int, Fits] = {}
    for left, right, score in pairs:
        a, b = forest.root[left], forest.root[right]
        if not forest.bare[a]:
            a, b = b, a
        fits.setdefault(a, {}).setdefault(b, []).append((score, left, right))
    # All are weighed before the first one joins: what has been joined by guess lends no weight.
    chosen = [
        (group, *best)
        for group in sorted(fits)
        if (best := clearest(forest, group, fits[group], threshold, guarded))
    ]
    for weighed, value, fitting, pair in chosen:
        group, organization = forest.root[weighed], forest.root[fitting]
        objection = forest.objection(group, organization, "score")
        if objection is None:
            forest.join(group, organization, "score", value)
        else:
            forest.refuse(Refusal(value, objection, *pair))


def clearest(
    forest: Forest, group: int, fits: Fits, threshold: int, guarded: Mapping[str, Guarded]
) -> tuple[int, int, tuple[int, int]] | None:
    """The value, the organization and the best pair, if it reaches the threshold and no other comes close.

    One that bears the very same name comes close whatever it is worth: a name cannot tell two of that name apart.
    """
    ranked = sorted(
        (-value_of(forest, group, organization, pairs), organization)
        for organization, pairs in fits.items()
        if forest.objection(group, organization, "score") != PERSONAL
    )
    if not ranked or -ranked[0][0] < threshold:
        return None
    value, organization = -ranked[0][0], ranked[0][1]
    if len(ranked) > 1 and value + ranked[1][0] < round(forest.policy.mention_lead * MILLI):
        return None
    shared = called(forest, group, guarded) & called(forest, organization, guarded)
    if shared and any(shared & called(forest, other, guarded) for _, other in ranked[1:]):
        return None
    _, left, right = max(fits[organization])
    return value, organization, (left, right)


def called(forest: Forest, root: int, guarded: Mapping[str, Guarded]) -> set[str]:
    """Every name a group goes by."""
    known = (guarded.get(forest.records[number]) for number in forest.members(root))
    return {name for one in known if one is not None for name in one.names}


def value_of(forest: Forest, group: int, organization: int, pairs: list[Pair]) -> int:
    """The mean of the average over all pairs there could be and the best one, in thousandths of bits."""
    possible = forest.size(group) * forest.size(organization)
    unscored = round(forest.policy.unscored * MILLI)
    average = (sum(score for score, *_ in pairs) + unscored * (possible - len(pairs))) // possible
    return (average + max(score for score, *_ in pairs)) // 2


def join_namesakes(forest: Forest, guarded: Mapping[str, Guarded]) -> None:
    """Those left over that bear one name are one group, whatever the name is worth."""
    first: dict[str, int] = {}
    for number, record in enumerate(forest.records):
        root = forest.root[number]
        known = guarded.get(record)
        if known is None or not known.name or not forest.bare[root]:
            continue
        other = forest.root[first.setdefault(known.name, number)]
        if other != root and forest.objection(other, root, "name") is None:
            forest.join(other, root, "name", None)
