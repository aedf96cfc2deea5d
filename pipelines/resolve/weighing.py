"""Weigh portions of pairs: first every two names, then every two records.

Each thread keeps both queries prepared and hands its portions to them one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from pipelines.resolve.name_pairs import Lists, lists_of, names_of, numbered_texts
from pipelines.resolve.prepared import Prepared, one_piece, rows, struct
from pipelines.resolve.strong_pairs import LENGTH_OF, NAMES, RECORDS, SHARED, names_query, strong_query

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from partnerhub.identity.weights import Weights
    from pipelines.resolve.value_ids import Ids

PORTION = 50_000
"""Pairs that are laid side by side at a time: about 15 MB."""
NAMES_AS_TEXT, RECORDS_AS_TEXT = ("compact",), ("names", "city")
"""What facts look into. All other texts are compared as a whole only, and so as numbers."""


class WeighedPairs(NamedTuple):
    """Pairs by the ranks of their records, left < right, sorted; bits, and whether they look like branches."""

    left: Ids
    right: Ids
    weight: NDArray[np.float64]
    branch: NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """Records and names as the two queries want them. place: rank → row of `records`; number: rank → row of `names`.

    lists: a fact that comes counted → the lists of each name that it counts.
    """

    place: Ids
    number: Ids
    records: pa.Table
    names: pa.Table
    lists: Mapping[str, Lists]

    @classmethod
    def of(cls, nodes: pa.Table, order: Ids) -> Compared:
        """The rows of `nodes`. order: rank → place."""
        numbered = numbered_texts(nodes)
        names = names_of(numbered)
        once, texts = (table.take(pa.array(names.place)) for table in (numbered, nodes.select(NAMES_AS_TEXT)))
        lists = {
            fact: lists_of(one_piece(once[shared.column]), weighed=shared.weighed)
            for fact, shared in SHARED.items()
        }
        return cls(
            order,
            names.number[order],
            chosen(RECORDS.columns(), numbered, nodes.select(RECORDS_AS_TEXT)),
            chosen(NAMES.columns(), once, texts),
            lists,
        )

    def sorted_by_names(self, pairs: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
        """The pairs in an order in which those of the same two names stand together."""
        left, right = pairs
        place = np.argsort(self.number[left] * len(self.names) + self.number[right])
        return left[place], right[place]


def chosen(columns: list[str], numbered: pa.Table, texts: pa.Table) -> pa.Table:
    """The columns that a query asks for: lengths, texts where they must be, else numbers."""
    found = {}
    for name in columns:
        if length := LENGTH_OF.match(name):
            found[name] = lengths(
                one_piece((texts if length[1] in texts.column_names else numbered)[length[1]])
            )
        else:
            found[name] = one_piece((texts if name in texts.column_names else numbered)[name])
    return pa.table(found)


def lengths(column: pa.Array) -> pa.Array:
    """How long each list or text is."""
    listed = pa.types.is_list(column.type)
    return (pc.list_value_length if listed else pc.utf8_length)(column)


class Weighing:
    """What a thread weighs portions with."""

    def __init__(self, compared: Compared, weights: Weights, at_least: float) -> None:
        """Plan nothing yet."""
        self.compared = compared
        self.of_names = Prepared(names_query(weights))
        self.of_records = Prepared(strong_query(weights, at_least))

    def weighed(self, left: Ids, right: Ids) -> WeighedPairs:
        """What is worth keeping of pairs that are sorted by names."""
        compared = self.compared
        ours, theirs = compared.number[left], compared.number[right]
        new = np.concatenate(([True], (ours[1:] != ours[:-1]) | (theirs[1:] != theirs[:-1])))
        found = self.names_of(ours[new], theirs[new]).take(pa.array(np.cumsum(new) - 1))
        records = {
            "left_record": pa.array(left),
            "right_record": pa.array(right),
            "l": rows(compared.records, compared.place[left]),
            "r": rows(compared.records, compared.place[right]),
            "n": struct(found),
        }
        answer = self.of_records.answer(pa.table(records))
        return WeighedPairs(
            *(np.asarray(answer[name]) for name in ("left_record", "right_record", "weight", "branch"))
        )

    def names_of(self, left: Ids, right: Ids) -> pa.Table:
        """What names say of each other, in order."""
        shared = {name: pa.array(lists.shared(left, right)) for name, lists in self.compared.lists.items()}
        sides = {"l": rows(self.compared.names, left), "r": rows(self.compared.names, right)}
        answer = self.of_names.answer(pa.table(sides | {"n": struct(pa.table(shared))}))
        return pa.table({name: array(column) for name, column in answer.items()})

    def close(self) -> None:
        """Close what was opened."""
        self.of_names.close()
        self.of_records.close()


def array(column: Any) -> pa.Array:
    """Values of numpy, masked or not, as an array."""
    masked = isinstance(column, np.ma.MaskedArray)
    return pa.array(column.data, mask=np.ma.getmaskarray(column)) if masked else pa.array(column)
