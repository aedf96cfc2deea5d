"""The explanation of a pair as it is stored, made once for all pairs in which the same was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from partnerhub.identity.explain import reasons_of
from partnerhub.identity.features import SHOWN, Features
from partnerhub.identity.weights import Weights

Shown = Mapping[str, str | None]
QUOTING = Features("", (), shown={field: field for field in SHOWN})
"""A record that shows the names of its fields: what a reason quotes of it says which field it quotes."""
MOST_KEPT = 100_000


class Wording:
    """Reasons by what was found. Of a million pairs a few in a hundred are found alike in nothing else."""

    def __init__(self, weights: Weights) -> None:
        """Nothing found yet. weights: those the pairs are scored by."""
        self.weights = weights
        self.known: dict[tuple[Any, ...], list[dict[str, Any]]] = {}

    def of(self, levels: Mapping[str, int], left: Shown, right: Shown, *, branch: bool) -> str:
        """The reasons as JSON. levels, branch: as `Scored` has them. left, right: what the two records show."""
        key = (branch, *levels.values())
        reasons = self.known.get(key)
        if reasons is None:
            if len(self.known) >= MOST_KEPT:
                self.known.clear()
            found = reasons_of(levels, QUOTING, QUOTING, branch=branch, weights=self.weights)
            reasons = [each.as_dict() for each in found]
            self.known[key] = reasons
        said = [
            each | {"left": left.get(each["left"]), "right": right.get(each["right"])}
            if each["left"]
            else each
            for each in reasons
        ]
        return json.dumps(said, ensure_ascii=False, sort_keys=True)
