"""From features to scored pairs: Splink (5.x, known only here) finds candidates, the scorecard weighs them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.scorecard import CLASSES
from partnerhub.identity.weights import Weights
from pipelines.resolve.compared import NODES, PAIRS, weighed_query
from pipelines.resolve.feature_table import feature_table
from pipelines.resolve.frequency import Frequencies

BLOCKING = {"blocking_rule": "l.shared = r.shared AND (l.fresh OR r.fresh)", "arrays_to_explode": ["shared"]}
MEMORY_LIMIT = "2GB"
THREADS = 2
CANDIDATES = f"""
CREATE TEMP TABLE {PAIRS} AS SELECT DISTINCT least(join_key_l, join_key_r) AS left_record,
greatest(join_key_l, join_key_r) AS right_record FROM {{blocked}}
"""
ALSO = f"""
INSERT INTO {PAIRS} SELECT g.left_record, g.right_record FROM given_pairs g
JOIN {NODES} l ON l.unique_id = g.left_record JOIN {NODES} r ON r.unique_id = g.right_record
WHERE list_has_any(l.shared, r.shared)
AND NOT EXISTS (SELECT 1 FROM {PAIRS} p WHERE p.left_record = g.left_record AND p.right_record = g.right_record)
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair that was compared: left < right, its weight in bits, and what was found.

    levels: comparison, or class, → number of the level. branch: they look like head office and branch.
    """

    left: str
    right: str
    weight: float
    levels: Mapping[str, int]
    branch: bool

    @property
    def vetoed(self) -> bool:
        """Whether no score may join the two."""
        return self.branch


def score_pairs(
    features: Collection[Features],
    *,
    fresh: Collection[str] | None,
    frequencies: Frequencies,
    at_least: float,
    policy: Policy = DEFAULT,
    weights: Weights | None = None,
    also: Collection[tuple[str, str]] = (),
) -> list[Scored]:
    """Compare every two records that share a blocking value, at least one of them fresh (None: all are).

    frequencies: how common their values are, in the warehouse or in the sheet. weights: instead of the shipped ones.
    also: pairs (left < right) that are compared as long as they share a value, fresh or not.
    Pairs under `at_least` bits are left out, but for branches. Sorted by pair. Deterministic.
    """
    if len(features) < 2:  # noqa: PLR2004
        return []
    with candidates(features, fresh, frequencies, policy) as connection:
        add_pairs(connection, also)
        return list(read_scored(connection, at_least, weights or policy.scorecard))


@contextmanager
def candidates(
    features: Collection[Features], fresh: Collection[str] | None, frequencies: Frequencies, policy: Policy
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the tables of features and of candidate pairs."""
    with opened() as connection:
        connection.register("given", feature_table(features, fresh, frequencies, policy))
        connection.execute(f"CREATE TEMP TABLE {NODES} AS FROM given").fetchall()
        find_candidates(connection)
        yield connection


@contextmanager
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection within the limits of memory, closed at the end."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})
    try:
        connection.execute("SET enable_progress_bar = false").fetchall()
        yield connection
    finally:
        connection.close()


def find_candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the table of candidate pairs from the table of features; Splink finds them."""
    from splink import DuckDBAPI, Linker  # takes half a second to import

    api = DuckDBAPI(connection=connection)
    values = connection.sql(f"SELECT unique_id, fresh, shared FROM {NODES}")
    linker = Linker(api.register(values, dataset_display_name="organizations"), splink_settings())
    logging.getLogger("splink").setLevel(logging.ERROR)  # it talks about timings on its own handler
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    connection.execute(CANDIDATES.format(blocked=blocked.physical_name)).fetchall()


def add_pairs(connection: duckdb.DuckDBPyConnection, also: Collection[tuple[str, str]]) -> None:
    """Add those of the given pairs that share a value."""
    if not also:
        return
    left, right = zip(*also, strict=True)
    connection.register("given_pairs", pa.table({"left_record": left, "right_record": right}))
    connection.execute(ALSO).fetchall()


def splink_settings() -> dict[str, object]:
    """What Splink needs to find candidates; the comparison it insists on compares nothing."""
    levels = [
        {
            "sql_condition": "fresh_l IS NULL OR fresh_r IS NULL",
            "label_for_charts": "unknown",
            "is_null_level": True,
        },
        {"sql_condition": "fresh_l = fresh_r", "label_for_charts": "equally new"},
        {"sql_condition": "ELSE", "label_for_charts": "anything else"},
    ]
    return {
        "link_type": "dedupe_only",
        "blocking_rules_to_generate_predictions": [BLOCKING],
        "comparisons": [{"output_column_name": "fresh", "comparison_levels": levels}],
    }


def read_scored(connection: duckdb.DuckDBPyConnection, at_least: float, weights: Weights) -> Iterator[Scored]:
    """The pairs that weigh enough, and those that look like branches."""
    columns = {**{name: f"class_{name}" for name in CLASSES}} | {
        comparison.name: f"level_{n}" for n, comparison in enumerate(SCORECARD)
    }
    found = connection.execute(
        f"SELECT left_record, right_record, weight, branch, {', '.join(columns.values())}"
        f" FROM ({weighed_query(weights)}) WHERE weight >= ? OR branch ORDER BY left_record, right_record",
        (at_least,),
    ).fetchall()
    for left, right, weight, branch, *levels in found:
        yield Scored(left, right, weight, dict(zip(columns, levels, strict=True)), branch)
