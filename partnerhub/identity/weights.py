"""What each level of the scorecard is worth, as learned from labelled records and shipped as `weights.json`.

`pipelines.resolve.learn` writes the file. Weights are bits: log2 of how much likelier the level makes it that two
records are the same. A level that is not in the file is worth nothing; so a new level changes no score until the
weights are learned again, and a file with names the scorecard does not know is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import product
from pathlib import Path

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.scorecard import CLASSES, Comparison, Cross


@dataclass(frozen=True)
class Weights:
    """prior: bits before anything is compared. bits: comparison → words of a level → bits. about: where from."""

    prior: float
    bits: Mapping[str, Mapping[str, float]]
    about: Mapping[str, object]

    def of(self, comparison: Comparison | Cross) -> list[float]:
        """The bits of every level, in order; 0 for what says nothing."""
        return self.rows[comparison.name]

    @cached_property
    def rows(self) -> dict[str, list[float]]:
        """Comparison → the bits of its levels."""
        return {
            c.name: [self.bits.get(c.name, {}).get(words or "", 0.0) for words in level_words(c)]
            for c in SCORECARD
        }

    def as_text(self) -> str:
        """The file: a level per line."""
        content = {"about": self.about, "prior": self.prior, "bits": self.bits}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


@lru_cache(maxsize=64)
def level_words(comparison: Comparison | Cross) -> tuple[str | None, ...]:
    """How each level is called in the weights, in order; None for those that say nothing."""
    if isinstance(comparison, Comparison):
        return tuple(level.words for level in comparison.levels)
    rows = [CLASSES[name] for name in comparison.classes]
    return tuple(
        None
        if (comparison.silent and row[0] is rows[0][-1]) or any(level.words is None for level in row)
        else " & ".join(str(level.words) for level in row)
        for row in product(*rows)
    )


def weights_from(text: str) -> Weights:
    """Read a file of weights. Raises ValueError for levels the scorecard does not have."""
    content = json.loads(text)
    known = {comparison.name: set(level_words(comparison)) for comparison in SCORECARD}
    unknown = [
        f"{name}: {words}"
        for name, levels in content["bits"].items()
        for words in levels
        if words not in known.get(name, ())
    ]
    if unknown:
        raise ValueError(f"weights for levels the scorecard does not have: {', '.join(sorted(unknown)[:5])}")
    return Weights(content["prior"], content["bits"], content["about"])


@lru_cache(maxsize=8)
def read_weights(path: Path | None = None) -> Weights:
    """The weights of a file, or the shipped ones."""
    place = path or files("partnerhub.identity").joinpath("weights.json")
    return weights_from(place.read_text(encoding="utf-8"))
