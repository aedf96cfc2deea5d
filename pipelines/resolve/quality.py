"""How right groups and scores are, against a truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipelines.resolve.regression import Floats

BINS = 10
UNSURE = (0.05, 0.95)
DRAWS = 400
"""How often chance is asked how far off scores would look that are as right as can be."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise and B-cubed precision and recall, and the largest group."""

    precision: float
    recall: float
    cubed_precision: float
    cubed_recall: float
    largest: int

    @property
    def f1(self) -> float:
        """The harmonic mean of pairwise precision and recall."""
        return harmonic(self.precision, self.recall)

    @property
    def cubed_f1(self) -> float:
        """The harmonic mean of B-cubed precision and recall."""
        return harmonic(self.cubed_precision, self.cubed_recall)

    def __str__(self) -> str:
        return (
            f"pairs P {self.precision:.4f} R {self.recall:.4f} F1 {self.f1:.4f}, "
            f"B-cubed {self.cubed_precision:.4f} {self.cubed_recall:.4f} {self.cubed_f1:.4f}, largest {self.largest}"
        )


class Bin(NamedTuple):
    """Pairs of like scores: how many, what the scores say on average, and how many of them are the same."""

    pairs: int
    said: float
    same: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether what is scored .7 is the same in seven of ten cases; over the pairs scored .05 to .95.

    error: expected calibration error over ten bins of equal size. by_chance: what nineteen of twenty sets of as many
    pairs would stay under if every score were exactly right: an error below it tells of nothing but few pairs.
    """

    bins: tuple[Bin, ...]
    error: float
    by_chance: float

    @property
    def pairs(self) -> int:
        """How many pairs are scored .05 to .95."""
        return sum(one.pairs for one in self.bins)

    def __str__(self) -> str:
        return f"calibration error {self.error:.3f} over {self.pairs} pairs (by chance up to {self.by_chance:.3f})"


def harmonic(one: float, other: float) -> float:
    """The harmonic mean."""
    return 2 * one * other / (one + other) if one + other else 0.0


def quality_of(truth: Mapping[str, str], groups: Mapping[str, str]) -> Quality:
    """Compare groups with the truth; records without a truth do not count."""
    true = Counter(truth.values())
    found = Counter(groups[record] for record in truth)
    both = Counter((truth[record], groups[record]) for record in truth)
    right, claimed, real = pair_count(both.values()), pair_count(found.values()), pair_count(true.values())
    records = max(1, len(truth))
    return Quality(
        right / claimed if claimed else 1.0,
        right / real if real else 1.0,
        sum(n * n / found[g] for (_, g), n in both.items()) / records,
        sum(n * n / true[t] for (t, _), n in both.items()) / records,
        max(found.values(), default=0),
    )


def pair_count(sizes: Iterable[int]) -> int:
    """How many pairs groups of these sizes hold."""
    return sum(n * (n - 1) // 2 for n in sizes)


def chances(bits: Floats) -> Floats:
    """Bits as probabilities."""
    found: Floats = 1 / (1 + np.exp2(-bits))
    return found


def calibration_of(bits: Floats, same: Floats) -> Calibration:
    """How right the scores of pairs are. same: 1 where a pair is one organization. Deterministic."""
    chance = chances(bits)
    unsure = (chance >= UNSURE[0]) & (chance <= UNSURE[1])
    order = np.argsort(chance[unsure], kind="stable")
    chance, same = chance[unsure][order], same[unsure][order]
    edges = np.array_split(np.arange(len(chance)), BINS)
    bins = tuple(Bin(len(e), float(chance[e].mean()), float(same[e].mean())) for e in edges if len(e))
    random = np.random.default_rng(0)
    drawn = [
        binned_error(chance, (random.random(len(chance)) < chance).astype(np.float64)) for _ in range(DRAWS)
    ]
    return Calibration(bins, binned_error(chance, same), float(np.quantile(drawn, 0.95)))


def binned_error(chance: Floats, same: Floats) -> float:
    """The mean distance between what bins of sorted scores say and what is so."""
    edges = [e for e in np.array_split(np.arange(len(chance)), BINS) if len(e)]
    return float(sum(abs((chance[e] - same[e]).sum()) for e in edges) / max(1, len(chance)))
