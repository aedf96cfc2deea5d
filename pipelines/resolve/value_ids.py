"""Blocking values as numbers, by which a million records are counted and compared without their texts.

A number is the same for the same value everywhere and always, and hardly ever that of another one: of ten million
values two share a number with a probability of 1 in 20,000. Its last digit in base 16 is the kind of the value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
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


def ids_of_kind(kind: str, values: pa.StringArray, long: Callable[[str], str] | None = None) -> Ids:
    """The numbers of values of one kind, each hashed once; NOT_COUNTED for none.

    long: what stands for a value too long to be looked up; without it such a one is NOT_COUNTED.
    """
    coded = values.dictionary_encode()
    spelled = [f"{kind}:{value}" if value else "" for value in coded.dictionary.to_pylist()]
    lengths = np.fromiter(map(len, spelled), np.int64, len(spelled))
    if long and lengths.max(initial=0) > LONGEST_BLOCK:
        spelled = list(map(long, spelled))
        lengths = np.minimum(lengths, LONGEST_BLOCK)
    found = np.append(numbered(spelled) << KIND_BITS | KIND_OF[kind], NOT_COUNTED)
    found[:-1][(lengths == 0) | (lengths > LONGEST_BLOCK)] = NOT_COUNTED
    ids: Ids = found[np.asarray(coded.indices.fill_null(len(spelled)))]
    return ids


def numbered(texts: Sequence[str]) -> Ids:
    """Texts as numbers of 60 bits."""
    if not texts:
        return np.empty(0, np.int64)
    hashed: Ids = (hash_array(np.array(texts, dtype=object), categorize=False) >> KIND_BITS).astype(np.int64)
    return hashed
