"""Blocking values as numbers, by which a million records are counted and compared without their texts.

A number is the same for the same value everywhere and always, and hardly ever that of another one: of ten million
values two share a number with a probability of 1 in 20,000. Its last digit in base 16 is the kind of the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from pandas.util import hash_array

from partnerhub.identity.features import LONGEST_BLOCK

if TYPE_CHECKING:
    from numpy.typing import NDArray

Ids: TypeAlias = "NDArray[np.int64]"

KINDS = (
    "name", "host", "domain", "initials", "label", "word", "phone", "street", "words", "pair", "start", "end",
)  # fmt: skip
"""Every kind of blocking value; its place is its number."""
KIND_OF = {kind: number for number, kind in enumerate(KINDS)}
KIND_BITS = 4
KIND = (1 << KIND_BITS) - 1
"""What of a number tells the kind."""
NOT_COUNTED = 0
"""In place of a value too long to be looked up, and of none at all."""


def ids_of(values: Sequence[str]) -> Ids:
    """The numbers of `kind:value` texts, in order."""
    kinds = np.fromiter((KIND_OF[value[: value.index(":")]] for value in values), np.int64, len(values))
    return numbered(values) << KIND_BITS | kinds


def ids_of_kind(kind: str, values: Sequence[str | None]) -> Ids:
    """The numbers of values of one kind; NOT_COUNTED for none."""
    spelled = [f"{kind}:{value}" if value else "" for value in values]
    found = numbered(spelled) << KIND_BITS | KIND_OF[kind]
    lookable = np.fromiter((0 < len(text) <= LONGEST_BLOCK for text in spelled), np.bool_, len(spelled))
    found[~lookable] = NOT_COUNTED
    return found


def numbered(texts: Sequence[str]) -> Ids:
    """Texts as numbers of 60 bits."""
    if not texts:
        return np.empty(0, np.int64)
    hashed: Ids = (hash_array(np.array(texts, dtype=object), categorize=False) >> KIND_BITS).astype(np.int64)
    return hashed
