"""How right groups and scores are, against a truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from partnerhub.identity.grouping import Guarded, Pair, Problem, group
from partnerhub.identity.policy import Policy
from pipelines.resolve.regression import Floats

BINS = 10
UNSURE = (0.05, 0.95)


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


def harmonic(one: float, other: float) -> float:
    """The harmonic mean."""
    return 2 * one * other / (one + other) if one + other else 0.0


def partition(
    records: Sequence[str],
    pairs: Sequence[Pair],
    bare: Collection[str],
    policy: Policy,
    strangers: frozenset[tuple[str, str]] = frozenset(),
) -> dict[str, str]:
    """The groups that follow from scored pairs: record → its group's smallest record."""
    guarded = {record: Guarded(mention=record in bare) for record in records}
    groups = group(Problem(records=records, pairs=pairs, guarded=guarded, strangers=strangers), policy)
    return {record: min(g.records) for g in groups for record in g.records}


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


def calibration_error(bits: Floats, same: Floats) -> float:
    """The expected calibration error of the pairs scored between 0.05 and 0.95, in ten bins of equal size."""
    chance = 1 / (1 + np.exp2(-bits))
    unsure = (chance >= UNSURE[0]) & (chance <= UNSURE[1])
    order = np.argsort(chance[unsure], kind="stable")
    chance, same = chance[unsure][order], same[unsure][order]
    bins = [b for b in np.array_split(np.arange(len(chance)), BINS) if len(b)]
    return float(sum(len(b) * abs(chance[b].mean() - same[b].mean()) for b in bins) / max(1, len(chance)))
