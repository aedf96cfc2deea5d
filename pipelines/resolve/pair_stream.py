"""Candidate pairs of a million records and their weights, portion by portion, as arrays of places and bits.

A portion of pairs is laid side by side with the rows of both its records, so that no table of all records has to be
joined, and memory stays that of a few portions. Nothing depends on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.scorecard import CLASSES
from pipelines.resolve.compared import NODES, PAIRS, levels_query
from pipelines.resolve.scores import THREADS, find_candidates
from pipelines.resolve.strong_pairs import strong_query

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from partnerhub.identity.weights import Weights
    from pipelines.resolve.value_ids import Ids

PORTION = 50_000
"""Pairs that are laid side by side at a time: about 40 MB."""
SIDE_BY_SIDE = "given_pairs POSITIONAL JOIN given_left l POSITIONAL JOIN given_right r"
ONLY_FOR_BLOCKING = ("fresh", "shared", "unique_id")


class WeighedPairs(NamedTuple):
    """Pairs by the ranks of their records, left < right, sorted; bits, and whether they look like branches."""

    left: Ids
    right: Ids
    weight: NDArray[np.float64]
    branch: NDArray[np.bool_]


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
    compared = nodes.drop_columns(list(ONLY_FOR_BLOCKING))
    left, right = pairs
    query = strong_query(weights, at_least, SIDE_BY_SIDE)

    def weigh(start: int) -> WeighedPairs:
        part = slice(start, start + PORTION)
        return answered(compared, order, (left[part], right[part]), query)

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(weigh, range(0, len(left), PORTION)))
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
    return WeighedPairs(*(np.concatenate(column) for column in zip(empty, *found, strict=True)))


def answered(nodes: pa.Table, order: Ids, pairs: tuple[Ids, Ids], query: str) -> WeighedPairs:
    """What a query says about pairs, sorted."""
    left, right = pairs
    with laid_out(nodes, order[left], order[right]) as connection:
        connection.register("given_pairs", pa.table({"left_record": left, "right_record": right}))
        found = connection.execute(query).fetchnumpy()
    order = np.lexsort((found["right_record"], found["left_record"]))
    columns = (np.asarray(found[name])[order] for name in ("left_record", "right_record", "weight", "branch"))
    return WeighedPairs(*columns)


def laid_out(nodes: pa.Table, left: Ids, right: Ids) -> duckdb.DuckDBPyConnection:
    """A connection with the rows of both records of pairs, by place, side by side."""
    connection = duckdb.connect(config={"threads": 1})
    connection.register("given_left", nodes.take(pa.array(left)))
    connection.register("given_right", nodes.take(pa.array(right)))
    return connection


def levels_of(nodes: pa.Table, left: Ids, right: Ids) -> Iterator[dict[str, int]]:
    """The level of every comparison and class for pairs of places in `nodes`, in their order."""
    columns = {f"class_{name}": name for name in CLASSES}
    columns |= {f"level_{n}": comparison.name for n, comparison in enumerate(SCORECARD)}
    for start in range(0, len(left), PORTION):
        part = slice(start, start + PORTION)
        numbers = np.arange(len(left[part]))
        with laid_out(nodes, left[part], right[part]) as connection:
            connection.register("given_pairs", pa.table({"left_record": numbers, "right_record": numbers}))
            query = f"SELECT {', '.join(columns)} FROM ({levels_query(SIDE_BY_SIDE)}) ORDER BY left_record"
            for levels in connection.execute(query).fetchall():
                yield dict(zip(columns.values(), levels, strict=True))
