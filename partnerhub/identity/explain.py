"""Why two records are taken for one, or not: the levels of the scorecard in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from partnerhub.identity.features import Features
from partnerhub.identity.scorecard import SCORECARD


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence. weight: bits for (positive) or against (negative)."""

    what: str
    left: str | None
    right: str | None
    weight: float
    words: str

    @property
    def sentence(self) -> str:
        """The reason as one line: what was found, and the two values where they say more."""
        values = {value for value in (self.left, self.right) if value}
        quoted = f" ({' / '.join(sorted(values))})" if values else ""
        return f"{self.words}{quoted}: {self.weight:+.0f}"

    def as_dict(self) -> dict[str, str | float | None]:
        """The reason as stored beside the pair."""
        return {
            "what": self.what, "left": self.left, "right": self.right, "weight": self.weight, "words": self.words
        }  # fmt: skip


def reasons_of(
    levels: Mapping[str, int], left: Features, right: Features, rarity: float = 0.0
) -> list[Reason]:
    """What spoke for and against, strongest first; comparisons that say nothing are left out.

    rarity: bits a name loses because several organizations bear it.
    """
    reasons = []
    for comparison in SCORECARD:
        level = comparison.levels[levels[comparison.name]]
        weight = level.weight + (rarity if level.rare else 0.0)
        if math.isclose(weight, 0.0, abs_tol=0.01):
            continue
        words = level.words + (", which others bear too" if level.rare and rarity < 0 else "")
        field = comparison.field
        reasons.append(
            Reason(comparison.name, left.shown.get(field), right.shown.get(field), round(weight, 2), words)
        )
    return sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.what))
