"""What the levels of `evidence` are worth: a small file of weights, learned by `benchmarks.mentions --fit`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from partnerhub.identity.spotting.evidence import PLAINLY, Levels


@dataclass(frozen=True, slots=True)
class Card:
    """prior: bits before anything is seen. bits: feature → level → bits. about: where they are from.

    plain: how likely it is where a text says nothing but the exact name that one organization bears. attach: how sure
    it must be before a text attaches by itself. consider: before it is shown as a candidate.
    """

    prior: float
    bits: Mapping[str, Mapping[str, float]]
    plain: float
    attach: float
    consider: float
    about: Mapping[str, object]

    def chance(self, levels: Levels) -> float:
        """How likely the organization is meant, 0 to 1."""
        chance = chance_of(self.prior + sum(bits for _, _, bits in self.parts(levels)))
        return max(chance, self.plain) if levels[PLAINLY] else chance

    def parts(self, levels: Levels) -> Iterator[tuple[str, str, float]]:
        """(feature, level, bits) of every level that counts."""
        for feature, level in levels.items():
            if bits := self.bits.get(feature, {}).get(level):
                yield feature, level, bits

    def as_text(self) -> str:
        """The file: a level per line."""
        content = {
            "about": self.about,
            "plain": self.plain,
            "attach": self.attach,
            "consider": self.consider,
            "prior": self.prior,
            "bits": self.bits,
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def chance_of(bits: float) -> float:
    """Bits as a probability."""
    return float(1 / (1 + 2.0**-bits))


def card_from(text: str) -> Card:
    """Read a file of weights."""
    content = json.loads(text)
    return Card(**content)


@lru_cache(maxsize=1)
def shipped_card() -> Card:
    """The weights that are shipped."""
    return card_from(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
