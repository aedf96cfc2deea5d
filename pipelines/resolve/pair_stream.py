"""Candidate pairs of a million records and their weights, portion by portion, as arrays of places and bits.

A portion of pairs is laid side by side with the rows of both its records, so that no table of all records has to be
joined, and memory stays that of a few portions. Portions are of pairs sorted by their names, whose answers are found
once. Nothing depends on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.scorecard import CLASSES
from pipelines.resolve.compared import NODES, PAIRS, levels_query
from pipelines.resolve.prepared import GIVEN, Prepared, rows
from pipelines.resolve.scores import THREADS, find_candidates
from pipelines.resolve.weighing import PORTION, Compared, WeighedPairs, Weighing

if TYPE_CHECKING:
    from partnerhub.identity.weights import Weights
    from pipelines.resolve.value_ids import Ids

ONLY_FOR_BLOCKING = ("fresh", "shared", "unique_id")


def candidate_pairs(connection: duckdb.DuckDBPyConnection, nodes: pa.Table) -> tuple[Ids, Ids]:
    """Every two records that share a value, by rank, each pair once, sorted."""
    connection.register("given", nodes.select(["unique_id", "fresh", "shared"]))
    connection.execute(f"CREATE TEMP TABLE {NODES} AS FROM given").fetchall()
    find_candidates(connection)
    query = f"SELECT (left_record * {len(nodes)} + right_record)::BIGINT AS pair FROM {PAIRS}"
    found = connection.execute(query).fetchnumpy()["pair"]
    for table in (NODES, PAIRS):
        connection.execute(f"DROP TABLE {table}").fetchall()
    connection.unregister("given")
    pairs = np.sort(np.asarray(found))
    left, right = np.divmod(pairs, len(nodes))
    return left, right


def weigh_pairs(
    nodes: pa.Table, order: Ids, pairs: tuple[Ids, Ids], at_least: float, weights: Weights
) -> WeighedPairs:
    """The pairs that weigh enough, and those that look like branches. order: rank → place in `nodes`."""
    empty = WeighedPairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
    if not len(pairs[0]):
        return empty
    compared = Compared.of(nodes, order)
    left, right = compared.sorted_by_names(pairs)
    starts = range(0, len(left), PORTION)
    waiting = iter(starts)

    def weigh(_: int) -> list[WeighedPairs]:
        with closing(Weighing(compared, weights, at_least)) as weighing:
            return [weighing.weighed(left[k : k + PORTION], right[k : k + PORTION]) for k in waiting]

    with ThreadPoolExecutor(THREADS) as pool:
        found = [part for each in pool.map(weigh, range(min(THREADS, len(starts)))) for part in each]
    columns = [np.concatenate(column) for column in zip(empty, *found, strict=True)]
    place = np.lexsort((columns[1], columns[0]))
    return WeighedPairs(*(column[place] for column in columns))


def levels_of(nodes: pa.Table, left: Ids, right: Ids) -> Iterator[dict[str, int]]:
    """The level of every comparison and class for pairs of places in `nodes`, in their order."""
    columns = {f"class_{name}": name for name in CLASSES}
    columns |= {f"level_{n}": comparison.name for n, comparison in enumerate(SCORECARD)}
    query = f"SELECT {', '.join(columns)} FROM ({levels_query(GIVEN)}) ORDER BY left_record"
    with closing(Prepared(query)) as prepared:
        for start in range(0, len(left), PORTION):
            part = slice(start, start + PORTION)
            found = prepared.answer(side_by_side(nodes, left[part], right[part]))
            for levels in zip(*(found[column].tolist() for column in columns), strict=True):
                yield dict(zip(columns.values(), levels, strict=True))


def side_by_side(nodes: pa.Table, left: Ids, right: Ids) -> pa.Table:
    """The rows of both records of pairs, by place, for a query over GIVEN; pairs are numbered in order."""
    compared, numbers = nodes.drop_columns(list(ONLY_FOR_BLOCKING)), pa.array(np.arange(len(left)))
    sides = {"l": rows(compared, left), "r": rows(compared, right)}
    return pa.table({"left_record": numbers, "right_record": numbers} | sides)
