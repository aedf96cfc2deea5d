"""Bits and probabilities: a score of 0 bits is even odds, one more bit is twice the odds."""

from __future__ import annotations

import math
from typing import Final

FURTHEST: Final = 60.0
"""Bits beyond which a probability is as good as certain, and the power of two need not be taken."""


def probability_of(bits: float) -> float:
    """How probable it is that two records are one, between 0 and 1."""
    return 1 / (1 + 2 ** -max(-FURTHEST, min(FURTHEST, bits)))


def bits_of(probability: float) -> float:
    """The score at which two records are one with this probability, which lies between 0 and 1, both left out."""
    return math.log2(probability / (1 - probability))
