"""Comparing records on Spark against DuckDB: `python -m benchmarks.spark_scoring RECORDS [--master local[2]]`.

Both compare the same generated organizations on this machine and must find the same pairs. Seconds of CPU are those of
the whole family of processes, Java included. One size per process: Java is faster once warm, and a job starts cold.
Features are made before: both engines are handed the same ones.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from benchmarks.organizations import held
from partnerhub.identity.features import Features
from partnerhub.identity.forest import Forest
from partnerhub.identity.grouping import Pair, milli, scored_links
from partnerhub.identity.linkage import parts
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import read_weights
from pipelines.resolve.feature_table import feature_table
from pipelines.resolve.frequency import counted
from pipelines.resolve.scores import Scored, score_pairs
from pipelines.resolve.sheet import guarded
from pipelines.resolve.sheet_rows import sheet_features, staged_row
from pipelines.resolve.spark import candidate_pairs, scored_from, weighed_pairs
from pipelines.resolve.spark_session import SparkSettings, spark_session, work_folder

TICKS: Final = os.sysconf("SC_CLK_TCK")
SEED: Final = 1


def main() -> None:
    """Compare on both engines, check that they agree, print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark_scoring", description=__doc__)
    parser.add_argument("records", type=int)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--memory", default="4g")
    asked = parser.parse_args()
    features = generated(asked.records)
    frequencies = counted(features, DEFAULT)
    with told("The table of features, which the next figure includes"):
        table = feature_table(features, None, frequencies, DEFAULT)
    print(f"{asked.records} records, {table.nbytes / asked.records:.0f} bytes of features each")
    with told("DuckDB"):
        expected = score_pairs(features, fresh=None, frequencies=frequencies, at_least=DEFAULT.review)
    settings = SparkSettings(asked.master, asked.memory)
    with work_folder(settings) as folder:
        pq.write_table(table, folder / "nodes.parquet")
        found = on_spark(settings, folder, asked.records)
    print(f"{len(found)} pairs weigh enough; the engines agree: {found == expected}")
    print_parts(features, found)


def generated(records: int) -> list[Features]:
    """The features of so many generated records."""
    rows = (
        staged_row(one.said | {"source": one.source, "source_id": one.source_id}, {}, ("sheet", "1"), None)
        for one in held(SEED, records)
    )
    return [sheet_features(row) for row in rows if row]


def on_spark(settings: SparkSettings, folder: Path, records: int) -> list[Scored]:
    """The pairs by Spark, step by step."""
    with told("Spark: start"):
        session = spark_session(settings, folder, records)
        spark = session.__enter__()
    try:
        with told("Spark: candidates"):
            nodes = spark.read.parquet(str(folder / "nodes.parquet"))
            pairs = candidate_pairs(spark, nodes)
        with told("Spark: weighing"):
            weighed = weighed_pairs(nodes, pairs, DEFAULT.review, read_weights())
            found = scored_from(weighed.orderBy("left_record", "right_record").toArrow())
        print(f"{pairs.count()} candidate pairs")
    finally:
        session.__exit__(None, None, None)
    return found


def print_parts(features: list[Features], found: list[Scored]) -> None:
    """Into how many problems grouping falls apart, and how large they are."""
    forest = Forest([f.record for f in features], {f.record: guarded(f) for f in features}, DEFAULT)
    between, *_ = scored_links(forest, (Pair(p.left, p.right, p.weight) for p in found if not p.vetoed))
    sizes = sorted(
        len({record for left, right, _ in part for record in (left, right)})
        for part in parts(forest, between, milli(DEFAULT.auto))
    )
    print(
        f"{len(sizes)} parts to group, the largest of {sizes[-1]} records, {sum(s > 100 for s in sizes)} over 100"
    )


# ---------------------------------------------------------------- the clock


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print what a step took."""
    began, before = time.perf_counter(), family_cpu()
    yield
    print(f"{what}: {family_cpu() - before:.1f} s of CPU, {time.perf_counter() - began:.1f} s", flush=True)


def family_cpu() -> float:
    """Seconds of CPU of this process and all its descendants, those that have ended included."""
    parent, spent = {}, {}
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue
        if fields:
            parent[int(entry.name)] = int(fields[1])
            spent[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    return sum(seconds for process, seconds in spent.items() if is_ours(process, parent))


def is_ours(process: int, parent: dict[int, int]) -> bool:
    """Whether this process is an ancestor of that one, or the same."""
    while process in parent:
        if process == os.getpid():
            return True
        process = parent[process]
    return False


if __name__ == "__main__":
    main()
