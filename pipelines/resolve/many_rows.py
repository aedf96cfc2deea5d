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
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.assign import founded_id
from partnerhub.identity.explain import reasons_of
from partnerhub.identity.features import Features
from partnerhub.identity.forest import MILLI
from partnerhub.identity.grouping import Links, Problem, Ranked, grown, milli
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.collecting import collect_seldom
from pipelines.resolve.common_values import common_values
from pipelines.resolve.node_columns import node_columns
from pipelines.resolve.pair_stream import WeighedPairs, candidate_pairs, levels_of, weigh_pairs
from pipelines.resolve.scores import opened
from pipelines.resolve.sheet import guarded
from pipelines.resolve.sheet_columns import SHOWN, Cells, Portion, columns_of

if TYPE_CHECKING:
    from pipelines.resolve.value_ids import Ids

PORTION = 5_000
ALONE_UP_TO = 30_000
"""Rows that one process cleans sooner than others are started."""
GUARDING = ("record", "names", "only_a_name", "country", "said_country")
KEPT = {*GUARDING, "source", "source_id", *(f"shown_{name}" for name in SHOWN)}
"""What of a row is needed once pairs have been weighed: by grouping, by the answer, by an explanation."""
AHEAD = 2
"""Portions that wait for each process: reading goes on while they are cleaned, and memory stays small."""


class Known(NamedTuple):
    """What grouping asks of a row's features."""

    names: tuple[str, ...]
    only_a_name: bool
    country: str | None
    said_country: str | None


@dataclass(frozen=True)
class Resolution:
    """Every readable row with its organization, in the order of the rows.

    rows, nodes: as `sheet_columns` and `node_columns` have them. entities: the id of each row. order: rank of a record
    → its place. best: the pair that ties a row to its group, -1 where it stands alone. pairs: all worth keeping.
    """

    rows: pa.Table
    nodes: pa.Table
    entities: Sequence[str]
    order: Ids
    best: Ids
    pairs: WeighedPairs

    def weights(self) -> list[float | None]:
        """Bits of the best pair of each row."""
        return [None if at < 0 else float(self.pairs.weight[at]) for at in self.best]

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
    table = distinct(pa.Table.from_batches(cleaned(portions, processes or os.cpu_count() or 1)))
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
    forest = grown(problem_of(table, order, pairs, policy), policy)
    entity = {root: founded_id("organization", forest.records[root]) for root in set(forest.root)}
    founders = np.array(forest.root, np.int64)
    best = best_pairs(founders, pairs)
    entities = [entity[root] for root in founders[rank].tolist()]
    return Resolution(table, nodes, entities, order, best[rank], pairs)


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


def problem_of(table: pa.Table, order: Ids, pairs: WeighedPairs, policy: Policy) -> Problem:
    """What grouping may know about the rows."""
    ranked = table.select(GUARDING).take(pa.array(order))
    records, names, bare, country, said = (ranked[name].to_pylist() for name in GUARDING)
    known = (Known(tuple(called), *rest) for called, *rest in zip(names, bare, country, said, strict=True))
    branches = zip(pairs.left[pairs.branch].tolist(), pairs.right[pairs.branch].tolist(), strict=True)
    return Problem(
        records=records,
        pairs=ranked_links(pairs, np.array(bare, np.int64), policy),
        strangers=frozenset((records[left], records[right]) for left, right in branches),
        guarded={
            record: guarded(cast("Features", each)) for record, each in zip(records, known, strict=True)
        },
    )


def ranked_links(pairs: WeighedPairs, bare: Ids, policy: Policy) -> Ranked:
    """The pairs as grouping adds them up, by how many of the two are bare names."""
    most = milli(policy.strongest)
    score = np.clip(np.rint(pairs.weight * MILLI).astype(np.int64), -most, most)
    how_bare = np.where(pairs.branch, -1, bare[pairs.left] + bare[pairs.right])
    parts = (how_bare == number for number in range(3))
    return Ranked(
        *(Links(*(column[part].tolist() for column in (pairs.left, pairs.right, score))) for part in parts)
    )


def best_pairs(founders: Ids, pairs: WeighedPairs) -> Ids:
    """By rank: the place of the best pair inside the group, the first one of equals; -1 for none."""
    best = np.full(len(founders), -1)
    inside = np.flatnonzero(founders[pairs.left] == founders[pairs.right])
    # Written from the worst to the best, and of equals from the last to the first: what stands last is what counts.
    ascending = inside[np.lexsort((-inside, pairs.weight[inside]))]
    both = np.stack([pairs.left[ascending], pairs.right[ascending]], axis=1).ravel()
    best[both] = np.repeat(ascending, 2)
    return best
