"""Deduplicate a spreadsheet of any size: what `pipelines.resolve.sheet` says row by row, said in columns.

Rows are cleaned by as many processes as there are cores; common values are counted, and pairs found and weighed, by
DuckDB. The answer is the same to the last bit, whatever the number of processes; tests hold the two equal.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.assign import founded_id
from partnerhub.identity.explain import reasons_of
from partnerhub.identity.features import Features
from partnerhub.identity.forest import MILLI
from partnerhub.identity.grouping import Ranked, founders_of
from partnerhub.identity.linkage import Links
from partnerhub.identity.mentions import NO_NAME, Called
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.collecting import collect_seldom
from pipelines.resolve.common_values import common_values
from pipelines.resolve.node_columns import node_columns, one
from pipelines.resolve.pair_stream import candidate_pairs, levels_of, weigh_pairs
from pipelines.resolve.scores import opened
from pipelines.resolve.sheet_columns import SHOWN, Cells, Portion, columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.resolve.common_values import Flags
    from pipelines.resolve.value_ids import Ids
    from pipelines.resolve.weighing import WeighedPairs

PORTION = 5_000
ALONE_UP_TO = 30_000
"""Rows that one process cleans sooner than others are started."""
GUARDING = ("names", "only_a_name", "country", "said_country")
KEPT = {*GUARDING, "record", "source", "source_id", *(f"shown_{name}" for name in SHOWN)}
"""What of a row is needed once pairs have been weighed: by grouping, by the answer, by an explanation."""
AHEAD = 2
"""Portions that wait for each process: reading goes on while they are cleaned, and memory stays small."""


@dataclass(frozen=True)
class Resolution:
    """Every readable row with its organization, in the order of the rows.

    rows, nodes: as `sheet_columns` and `node_columns` have them. entities: the id of each row, every id once in the
    dictionary. order: rank of a record → its place. best: the pair that ties a row to its group, -1 where it stands
    alone. pairs: all worth keeping. repeated: how many rows bore the record of a later one, and gave way to it.
    """

    rows: pa.Table
    nodes: pa.Table
    entities: pa.DictionaryArray
    order: Ids
    best: Ids
    pairs: WeighedPairs
    repeated: int = 0

    def weights(self) -> pa.Array:
        """Bits of the best pair of each row, null where it stands alone."""
        found = np.zeros(len(self.best))
        tied = self.best >= 0
        found[tied] = self.pairs.weight[self.best[tied]]
        return pa.array(found, mask=~tied)

    def reasons(self, places: Sequence[int]) -> list[tuple[str, ...]]:
        """Why each of these rows is where it is: its best pair in words."""
        asked = sorted({int(self.best[place]) for place in places if self.best[place] >= 0})
        left, right = (self.order[side[asked]] for side in (self.pairs.left, self.pairs.right))
        levels = levels_of(self.nodes, left, right)
        said = {
            pair: self.words(found, (int(one), int(other)), branch=bool(self.pairs.branch[pair]))
            for pair, found, one, other in zip(asked, levels, left, right, strict=True)
        }
        return [said.get(int(self.best[place]), ()) for place in places]

    def words(self, levels: Mapping[str, int], places: tuple[int, int], *, branch: bool) -> tuple[str, ...]:
        """A pair in words."""
        left, right = (
            Features("", (), shown={name: self.rows[f"shown_{name}"][place].as_py() for name in SHOWN})
            for place in places
        )
        return tuple(reason.sentence for reason in reasons_of(levels, left, right, branch=branch))


def resolve_rows(
    rows: Iterable[Cells],
    *,
    default_source: str = "sheet",
    default_region: str | None = None,
    policy: Policy = DEFAULT,
    processes: int | None = None,
) -> Resolution:
    """Rows of CELLS with their organizations: what `resolve_sheet` says of them, and as deterministic.

    processes: that clean rows, where there are more than a few; as many as there are cores when None.
    """
    portions = portioned(rows, default_source, default_region)
    read = pa.Table.from_batches(cleaned(portions, processes or os.cpu_count() or 1))
    table = distinct(read)
    repeated = len(read) - len(table)
    del read
    order = np.asarray(pc.sort_indices(table["record"]))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    with tempfile.TemporaryDirectory() as spill, opened() as connection:
        connection.execute(f"SET temp_directory = '{spill}'").fetchall()
        common = common_values(connection, table["values"], policy)
        nodes = node_columns(table, rank, common, policy)
        table = table.select([name for name in table.column_names if name in KEPT])
        candidates = candidate_pairs(connection, nodes)
    pairs = weigh_pairs(nodes, order, candidates, policy.review, policy.scorecard)
    founders = founders_of(problem_of(table, order, pairs), policy)
    best = best_pairs(founders, pairs)
    entities = entities_of(table["record"], order[founders[rank]])
    return Resolution(table, nodes, entities, order, best[rank], pairs, repeated)


def portioned(rows: Iterable[Cells], source: str, region: str | None) -> Iterator[Portion]:
    """The rows in portions."""
    left, first = iter(rows), 1
    while part := list(islice(left, PORTION)):
        yield Portion(first, part, source, region)
        first += len(part)


def cleaned(portions: Iterator[Portion], processes: int) -> Iterator[pa.RecordBatch]:
    """The portions as columns, in order; by several processes where there are many rows."""
    few = list(islice(portions, ALONE_UP_TO // PORTION + 1))
    if processes == 1 or len(few) * PORTION <= ALONE_UP_TO:
        yield from map(columns_of, chain(few or [Portion(1, (), "", None)], portions))
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), collect_seldom) as pool:
        waiting = []
        for portion in chain(few, portions):
            waiting.append(pool.submit(columns_of, portion))
            if len(waiting) > AHEAD * processes:
                yield waiting.pop(0).result()
        for done in waiting:
            yield done.result()


def distinct(table: pa.Table) -> pa.Table:
    """Each record once: where it stood first, as it was said last."""
    records = table["record"].to_pylist()
    last = {record: place for place, record in enumerate(records)}
    return table if len(last) == len(records) else table.take(pa.array(list(last.values())))


def problem_of(table: pa.Table, order: Ids, pairs: WeighedPairs) -> Ranked:
    """What grouping may know about the rows: `sheet.sheet_problem`, by rank."""
    ranked = table.select(GUARDING).take(pa.array(order))
    joining = ~pairs.branch
    return Ranked(
        bare=np.asarray(ranked["only_a_name"]),
        countries=ranked["country"].to_pylist(),
        called=called(one(ranked["names"]), np.asarray(ranked["said_country"].is_valid())),
        pairs=Links(pairs.left[joining], pairs.right[joining], milli(pairs.weight[joining])),
        strangers=(pairs.left[pairs.branch], pairs.right[pairs.branch]),
    )


def called(names: pa.ListArray, says_country: Flags) -> Called:
    """The names of the rows as numbers, as `sheet.guarded` has them: one that says its country tells no two apart."""
    texts = names.flatten().dictionary_encode()
    numbers, many = np.asarray(texts.indices).astype(np.int64), np.diff(np.asarray(names.offsets))
    begin = np.cumsum(many) - many
    first = np.full(len(names), NO_NAME)
    first[many > 0] = numbers[begin[many > 0]]
    kept = np.where(says_country, 0, many)
    ends = np.append(0, np.cumsum(kept))
    return Called(first, numbers[np.repeat(~says_country, many)].tolist(), ends.tolist())


def milli(bits: NDArray[np.float64]) -> Ids:
    """Bits as whole thousandths, as `grouping.milli` rounds them."""
    return np.rint(bits * MILLI).astype(np.int64)


def entities_of(records: pa.ChunkedArray, founder: Ids) -> pa.DictionaryArray:
    """The id of each row, from the place of the record that founds its group."""
    founders, group = np.unique(founder, return_inverse=True)
    ids = [founded_id("organization", record) for record in records.take(pa.array(founders)).to_pylist()]
    return pa.DictionaryArray.from_arrays(pa.array(group.astype(np.int32)), pa.array(ids, pa.string()))


def best_pairs(founders: Ids, pairs: WeighedPairs) -> Ids:
    """By rank: the place of the best pair inside the group, the first one of equals; -1 for none."""
    best = np.full(len(founders), -1)
    inside = np.flatnonzero(founders[pairs.left] == founders[pairs.right])
    # Written from the worst to the best, and of equals from the last to the first: what stands last is what counts.
    ascending = inside[np.lexsort((-inside, pairs.weight[inside]))]
    both = np.stack([pairs.left[ascending], pairs.right[ascending]], axis=1).ravel()
    best[both] = np.repeat(ascending, 2)
    return best
