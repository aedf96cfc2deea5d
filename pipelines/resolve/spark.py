"""Scoring past one machine: Splink's Spark backend finds candidates, DuckDB inside Spark's tasks weighs them.

Same settings, same scorecard: the rule is that of `pipelines.resolve.scores`, and each task runs the very SQL of
`pipelines.resolve.compared` over the pairs it is handed, so both engines agree to the last bit. What an executor needs
besides Spark is duckdb and pyarrow, not the hub. Features come from the driver, and pairs go back to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.scorecard import CLASSES
from partnerhub.identity.weights import Weights
from pipelines.resolve.compared import NODES, weighed_query
from pipelines.resolve.feature_table import feature_table
from pipelines.resolve.frequency import Frequencies
from pipelines.resolve.scores import Scored, splink_settings
from pipelines.resolve.spark_session import (
    HERE,
    SparkSettings,
    quiet_about_pandas,
    require_spark,
    spark_session,
    work_folder,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WEIGHED = "left_record STRING, right_record STRING, weight DOUBLE, branch BOOLEAN, levels ARRAY<INT>"
LEVEL_COLUMNS = {**{name: f"class_{name}" for name in CLASSES}} | {
    comparison.name: f"level_{n}" for n, comparison in enumerate(SCORECARD)
}
"""Comparison, or class, → the column of its level."""
ONLY_FOR_BLOCKING = ("fresh", "shared")


def score_pairs_on_spark(
    features: Collection[Features],
    *,
    fresh: Collection[str] | None,
    frequencies: Frequencies,
    at_least: float,
    policy: Policy = DEFAULT,
    weights: Weights | None = None,
    settings: SparkSettings = HERE,
) -> list[Scored]:
    """What `pipelines.resolve.scores.score_pairs` finds, found by Spark. Sorted by pair. Deterministic.

    Raises FixSetup where the extra, Java or Spark's master is missing. Starts Spark, or uses the session that runs.
    """
    require_spark()
    if len(features) < 2:  # noqa: PLR2004
        return []
    with work_folder(settings) as folder:
        pq.write_table(feature_table(features, fresh, frequencies, policy), folder / "nodes.parquet")
        with spark_session(settings, folder, len(features)) as spark:
            nodes = spark.read.parquet(str(folder / "nodes.parquet"))
            weighed = weighed_pairs(
                nodes, candidate_pairs(spark, nodes), at_least, weights or policy.scorecard
            )
            return scored_from(weighed.orderBy("left_record", "right_record").toArrow())


def candidate_pairs(spark: SparkSession, nodes: DataFrame) -> DataFrame:
    """The pairs that share a blocking value: (left_record, right_record), left < right, each once."""
    from pyspark.sql import functions as f
    from splink import Linker
    from splink.backends.spark import SparkAPI

    # What Splink's own jar knows is not used: see docs/develop/spark.md.
    api = SparkAPI(spark_session=spark, register_udfs_automatically=False)  # type: ignore[no-untyped-call]
    nodes.select("unique_id", *ONLY_FOR_BLOCKING).createOrReplaceTempView(NODES)
    linker = Linker(api.register(NODES), splink_settings())
    logging.getLogger("splink").setLevel(logging.ERROR)  # it talks about timings on its own handler
    blocked = linker.inference.compute_blocked_pairs_for_predict().as_spark_dataframe()
    sides = (f.col("join_key_l"), f.col("join_key_r"))
    pairs: DataFrame = blocked.select(
        f.least(*sides).alias("left_record"), f.greatest(*sides).alias("right_record")
    ).distinct()
    return pairs


def weighed_pairs(nodes: DataFrame, pairs: DataFrame, at_least: float, weights: Weights) -> DataFrame:
    """Pairs with weight, branch and levels: those that weigh enough, and those that look like branches."""
    from pyspark.sql import functions as f

    compared = [name for name in nodes.columns if name not in ONLY_FOR_BLOCKING]
    left, right = (
        nodes.select(f.col("unique_id").alias(record), f.struct(*compared).alias(side))
        for record, side in (("left_record", "l"), ("right_record", "r"))
    )
    both = pairs.join(left, "left_record").join(right, "right_record")
    with quiet_about_pandas():
        weighed: DataFrame = both.mapInArrow(weighing(task_query(at_least, weights)), WEIGHED)
    return weighed


def task_query(at_least: float, weights: Weights) -> str:
    """The scorecard over the relation `joined`, whose columns l and r are the two records."""
    levels = ", ".join(LEVEL_COLUMNS.values())
    return (
        f"SELECT left_record, right_record, weight, branch, [{levels}]::INT[] AS levels"
        f" FROM ({weighed_query(weights, 'joined')}) WHERE weight >= {at_least!r} OR branch"
    )


def weighing(query: str) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a task does with its pairs: one query over all of them, streamed. Runs where the hub is not installed."""

    def weigh(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        batches = iter(batches)
        first = next(batches, None)
        if first is None:
            return
        joined = pa.RecordBatchReader.from_batches(first.schema, chain((first,), batches))
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("joined", joined)
            yield from connection.sql(query).to_arrow_reader(first.num_rows)

    return weigh


def scored_from(table: pa.Table) -> list[Scored]:
    """Spark's answer as the scored pairs of the hub."""
    columns = (
        table[name].to_pylist() for name in ("left_record", "right_record", "weight", "levels", "branch")
    )
    return [
        Scored(left, right, weight, dict(zip(LEVEL_COLUMNS, levels, strict=True)), branch)
        for left, right, weight, levels, branch in zip(*columns, strict=True)
    ]
