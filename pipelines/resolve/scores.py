"""From features to scored pairs: Splink (5.x, known only here) finds candidates, the scorecard weighs them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.scorecard import CLASSES
from partnerhub.identity.weights import Weights, read_weights
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
) -> list[Scored]:
    """Compare every two records that share a blocking value, at least one of them fresh (None: all are).

    frequencies: how common their values are, in the warehouse or in the sheet. weights: instead of the shipped ones.
    Pairs under `at_least` bits are left out, but for branches. Sorted by pair. Deterministic.
    """
    if len(features) < 2:  # noqa: PLR2004
        return []
    with candidates(features, fresh, frequencies, policy) as connection:
        return list(read_scored(connection, at_least, weights or read_weights()))


@contextmanager
def candidates(
    features: Collection[Features], fresh: Collection[str] | None, frequencies: Frequencies, policy: Policy
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the tables of features and of candidate pairs, which Splink finds."""
    from splink import DuckDBAPI, Linker  # takes half a second to import

    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})
    try:
        connection.execute("SET enable_progress_bar = false").fetchall()
        connection.register("given", feature_table(features, fresh, frequencies, policy))
        connection.execute(f"CREATE TEMP TABLE {NODES} AS FROM given").fetchall()
        api = DuckDBAPI(connection=connection)
        values = connection.sql(f"SELECT unique_id, fresh, shared FROM {NODES}")
        linker = Linker(api.register(values, dataset_display_name="organizations"), splink_settings())
        logging.getLogger("splink").setLevel(logging.ERROR)  # it talks about timings on its own handler
        blocked = linker.inference.compute_blocked_pairs_for_predict()
        connection.execute(CANDIDATES.format(blocked=blocked.physical_name)).fetchall()
        yield connection
    finally:
        connection.close()


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
