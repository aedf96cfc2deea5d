"""Score everybody at once: for a first load, and for whatever else makes a large part of a warehouse wait.

By portions, every record would be read again for each portion that holds a neighbor of it. Here each is read once, and
all are compared as columns, by the means of `partnerhub resolve`: the same pairs, weights and words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.features import SHOWN
from pipelines.resolve.common_values import common_values
from pipelines.resolve.node_columns import node_columns, one
from pipelines.resolve.pair_stream import candidate_pairs, levels_of, weigh_pairs
from pipelines.resolve.scores import Scored, opened
from pipelines.resolve.sheet_columns import feature_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnerhub.identity.features import Features
    from partnerhub.identity.policy import Policy
    from pipelines.resolve.value_ids import Ids
    from pipelines.resolve.wording import Shown
    from warehouse.database import Connection

FEWEST = 5_000
"""Fewer waiting records are few portions."""
SHARE = 4
"""From a quarter of all records on, portions would reach nearly all of them."""
MOST = 2_000_000
"""Columns of so many records take about 4 GB; beyond, portions keep memory flat."""
CHUNK = 20_000
PORTION = 50_000
NEXT = f"SELECT record FROM staged_organization WHERE record > ? ORDER BY record LIMIT {CHUNK}"


class Compared(NamedTuple):
    """A pair with what its two records show."""

    pair: Scored
    left: Shown
    right: Shown


def is_large(connection: Connection, waiting: int) -> bool:
    """Whether so many records wait that all are better scored at once."""
    if waiting < FEWEST:
        return False
    found = connection.one("SELECT count(*) FROM staged_organization")
    total = int(found[0]) if found else 0
    return total <= min(waiting * SHARE, MOST)


def everybody(connection: Connection) -> Iterator[list[str]]:
    """All staged organizations in order, a chunk at a time."""
    last = ""
    while chunk := [row[0] for row in connection.query(NEXT, (last,))]:
        last = chunk[-1]
        yield chunk


def score_all(batches: Sequence[pa.RecordBatch], policy: Policy) -> Iterator[list[Compared]]:
    """Every pair worth keeping, in portions, sorted. batches: the columns of all records, sorted by record."""
    rows = pa.Table.from_batches(batches)
    rank = np.arange(len(rows))
    with tempfile.TemporaryDirectory() as spill, opened() as connection:
        connection.execute(f"SET temp_directory = '{spill}'").fetchall()
        common = common_values(connection, rows["values"], policy)
        nodes = node_columns(rows, rank, common, policy)
        records, shown = one(rows["record"]), rows.select([f"shown_{name}" for name in SHOWN])
        del rows, common
        found = candidate_pairs(connection, nodes)
    pairs = weigh_pairs(nodes, rank, found, policy.review, policy.scorecard)
    for part in portions(pairs.left):
        left, right = pairs.left[part], pairs.right[part]
        ends = [records.take(pa.array(places)).to_pylist() for places in (left, right)]
        said = (pairs.weight[part].tolist(), levels_of(nodes, left, right), pairs.branch[part].tolist())
        sides = [read_shown(shown, places) for places in (left, right)]
        yield [
            Compared(Scored(*pair), *both)
            for pair, both in zip(zip(*ends, *said, strict=True), zip(*sides, strict=True), strict=True)
        ]


def portions(left: Ids) -> Iterator[slice]:
    """The pairs in portions that part nobody's. left: the left record of each pair, sorted."""
    start = 0
    while start < len(left):
        end = min(start + PORTION, len(left))
        end = int(np.searchsorted(left, left[end - 1], side="right"))
        yield slice(start, end)
        start = end


def read_shown(shown: pa.Table, places: Collection[int]) -> Iterator[Shown]:
    """What the records at these places show."""
    columns = [column.to_pylist() for column in shown.take(pa.array(places)).columns]
    return (dict(zip(SHOWN, values, strict=True)) for values in zip(*columns, strict=True))


def columns(features: Sequence[Features]) -> pa.RecordBatch:
    """A chunk of records as columns."""
    return pa.RecordBatch.from_pydict(feature_columns(features))
