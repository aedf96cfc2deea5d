"""Names by number, so that what two names say of each other is found out once however many records bear them.

A name here is everything of a row that NAME_COLUMNS tell. Its number is that of a hash of 64 bits of all of it: of a
million names two are taken for one with a probability of 1 in 30 million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from pipelines.resolve.prepared import one_piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.resolve.value_ids import Ids

Hashes: TypeAlias = "NDArray[np.uint64]"

NAME_COLUMNS = (
    "names", "words", "acronyms", "initials", "own", "rare", "kinds", "numbers", "weighed", "weight",
    "weighed_spelled", "spelled_weight", "trigrams", "compact", "latin_name", "short_names", "name_domains",
    "name_records",
)  # fmt: skip
"""What a name says, how common it and its words are included: equal for two records of one name."""
WORTH = 10
"""The last digit of a weighed word is its weight."""
FIRST, SECOND, STEP = (
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
    np.uint64(0x9E3779B97F4A7C15),
)
CHUNK = 4_096
"""Pairs whose lists are laid one after the other at a time: they stay in the cache of a core."""


class Names(NamedTuple):
    """The names of a table. number: of each row's name, from 0. place: a row that bears each name."""

    number: Ids
    place: Ids


def numbered_texts(nodes: pa.Table) -> pa.Table:
    """The same table with numbers for texts: equal ones for equal texts, whatever the columns."""
    texts = {name: column for name in nodes.column_names if is_text(column := one_piece(nodes[name]))}
    flat = [column.flatten() if pa.types.is_list(column.type) else column for column in texts.values()]
    codes = pa.concat_arrays([pa.array([], pa.string()), *flat]).dictionary_encode().indices
    end = 0
    for (name, column), values in zip(texts.items(), flat, strict=True):
        coded = codes[end : (end := end + len(values))]
        listed = pa.types.is_list(column.type)
        found = pa.ListArray.from_arrays(column.offsets, coded) if listed else coded
        nodes = nodes.set_column(nodes.column_names.index(name), name, found)
    return nodes


def is_text(column: pa.Array) -> bool:
    """Whether a column holds texts or lists of texts."""
    held = column.type.value_type if pa.types.is_list(column.type) else column.type
    return bool(pa.types.is_string(held))


def names_of(numbered: pa.Table) -> Names:
    """The names among rows whose texts are numbers."""
    hashed = np.zeros(len(numbered), np.uint64)
    for name in NAME_COLUMNS:
        hashed = mixed(hashed * STEP + hashes(one_piece(numbered[name])))
    _, place, number = np.unique(hashed, return_index=True, return_inverse=True)
    return Names(number, place)


def hashes(column: pa.Array) -> Hashes:
    """A hash of each value; of lists, of all their items in order."""
    if not pa.types.is_list(column.type):
        return mixed(integers(column).astype(np.uint64))
    ends = np.asarray(column.offsets)
    lengths = np.diff(ends)
    nth = np.arange(ends[-1] - ends[0]) - np.repeat(ends[:-1] - ends[0], lengths)
    each = mixed(integers(column.flatten()).astype(np.uint64) + nth.astype(np.uint64) * STEP)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(each, dtype=np.uint64)))
    places = ends - ends[0]
    found: Hashes = sums[places[1:]] - sums[places[:-1]] + mixed(lengths.astype(np.uint64))
    return found


def integers(column: pa.Array) -> Ids:
    """Numbers, with -1 for none."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), -1))


def mixed(values: Hashes) -> Hashes:
    """Numbers spread over 64 bits, different ones for different numbers."""
    values = (values ^ values >> np.uint64(30)) * FIRST
    values = (values ^ values >> np.uint64(27)) * SECOND
    return values ^ values >> np.uint64(31)


@dataclass(frozen=True)
class Lists:
    """Lists of items as numbers, each once. begin, length: of each list in `items`. worth: what each number counts."""

    begin: Ids
    length: Ids
    items: Ids
    worth: NDArray[np.float64]

    def shared(self, left: Ids, right: Ids) -> NDArray[np.int32]:
        """What the items count that both lists of each pair hold. left, right: numbers of lists."""
        parts = [
            self.shared_in(left[k : k + CHUNK], right[k : k + CHUNK]) for k in range(0, len(left), CHUNK)
        ]
        return np.concatenate([np.empty(0, np.int32), *parts])

    def shared_in(self, left: Ids, right: Ids) -> NDArray[np.int32]:
        """The same of few pairs: an item that stands twice in one pair is shared."""
        bits = len(self.worth).bit_length()
        keys = np.concatenate([*self.keys(left, bits), *self.keys(right, bits)])
        keys.sort()
        twice = keys[1:][keys[1:] == keys[:-1]]
        counted = np.bincount(twice >> bits, self.worth[twice & (1 << bits) - 1], len(left))
        return counted.astype(np.int32)

    def keys(self, lists: Ids, bits: int) -> Iterator[Ids]:
        """The items of lists, each with the place of its list before it."""
        length = self.length[lists]
        ends = np.cumsum(length)
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) + np.repeat(self.begin[lists] - ends + length, length)
        yield np.repeat(np.arange(len(lists)) << bits, length) | self.items[at]


def lists_of(column: pa.Array, *, weighed: bool) -> Lists:
    """A column of lists of numbers. weighed: an item counts what its last digit says, and 1 otherwise."""
    lengths = np.diff(np.asarray(column.offsets))
    coded = column.flatten().dictionary_encode()
    values = integers(coded.dictionary)
    worth = values % WORTH if weighed else np.ones(len(values))
    bits = len(values).bit_length()
    each = np.repeat(np.arange(len(column)) << bits, lengths) | np.asarray(coded.indices)
    each.sort()
    each = each[np.concatenate(([True], each[1:] != each[:-1]))[: len(each)]]
    length = np.bincount(each >> bits, minlength=len(column))
    items = each & (1 << bits) - 1
    return Lists(np.cumsum(length) - length, length, items, worth.astype(np.float64))
