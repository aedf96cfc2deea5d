"""What a task of Spark does with its pairs, and what is said where Spark cannot run; none of it needs Spark."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest

from benchmarks.labelled_worlds import labelled_rows
from connectors.errors import FixSetup
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import read_weights
from partnerhub.simulator.world.generate import generate_world
from pipelines.resolve import spark_session
from pipelines.resolve.compared import NODES, PAIRS
from pipelines.resolve.frequency import counted
from pipelines.resolve.scores import candidates, read_scored
from pipelines.resolve.sheet_rows import sheet_features, staged_row
from pipelines.resolve.spark import scored_from, task_query, weighing

WEIGHTS = read_weights()
EVERY_PAIR = -1000.0


@pytest.fixture(scope="module")
def tables():
    """DuckDB with a small world's features and pairs."""
    world = generate_world(3, 60, datetime(2026, 10, 1, tzinfo=UTC))
    rows = [staged_row(said, {}, ("sheet", "1"), None) for said, _ in labelled_rows(world)]
    features = [sheet_features(row) for row in rows]
    with candidates(features, None, counted(features, DEFAULT), DEFAULT) as connection:
        yield connection


def handed(tables):
    """The pairs with both their records, as Spark hands them to a task: in batches."""
    query = (
        f"SELECT p.*, l, r FROM {PAIRS} p JOIN {NODES} l ON l.unique_id = left_record"
        f" JOIN {NODES} r ON r.unique_id = right_record"
    )
    return tables.sql(query).to_arrow_table().to_batches(max_chunksize=100)


def test_a_task_weighs_its_pairs_as_the_one_machine_does_level_by_level(tables):
    batches = list(weighing(task_query(EVERY_PAIR, WEIGHTS))(handed(tables)))
    found = sorted(scored_from(pa.Table.from_batches(batches)), key=lambda pair: (pair.left, pair.right))
    assert found == list(read_scored(tables, EVERY_PAIR, WEIGHTS))
    assert len(found) > 300


def test_a_task_keeps_what_weighs_enough_and_what_looks_like_a_branch(tables):
    batches = list(weighing(task_query(2.0, WEIGHTS))(handed(tables)))
    kept = scored_from(pa.Table.from_batches(batches))
    assert {(pair.left, pair.right) for pair in kept} == {
        (pair.left, pair.right) for pair in read_scored(tables, 2.0, WEIGHTS)
    }
    assert all(pair.weight >= 2 or pair.branch for pair in kept)


def test_a_task_without_pairs_answers_nothing():
    assert list(weighing(task_query(0.0, WEIGHTS))([])) == []


def test_a_function_that_duckdb_does_not_know_stops_the_task(tables):
    with pytest.raises(duckdb.Error, match="sounds_like"):
        list(weighing("SELECT sounds_like(l.compact, r.compact) FROM joined")(handed(tables)))


def java_that_says(folder, said):
    folder.joinpath("bin").mkdir()
    java = folder / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)


def test_without_pyspark_it_names_the_extra(monkeypatch):
    monkeypatch.setattr(spark_session, "find_spec", lambda _: None)
    with pytest.raises(FixSetup, match=r"partner-hub\[spark\].*spark_missing"):
        spark_session.require_spark()


def test_without_java_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(spark_session, "find_spec", lambda _: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FixSetup, match=r"there is none.*openjdk-17-jre-headless.*java_missing"):
        spark_session.require_spark()


@pytest.mark.parametrize(
    ("said", "version"), [('openjdk version "11.0.2" 2019', 11), ('java version "1.8.0_302"', 8)]
)
def test_java_that_is_too_old_is_told_with_its_version(monkeypatch, tmp_path, said, version):
    monkeypatch.setattr(spark_session, "find_spec", lambda _: object())
    java_that_says(tmp_path, said)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(FixSetup, match=f"there is Java {version}"):
        spark_session.require_spark()


def test_resolve_with_spark_but_without_java_needs_a_person(monkeypatch, tmp_path):
    from partnerhub.cli.app import main

    tmp_path.joinpath("in.csv").write_text("name\nAcme\n")
    monkeypatch.setattr(spark_session, "find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["resolve", "in.csv", "-o", "out.csv", "--engine", "spark"])
    assert left.value.code == 3
    assert not tmp_path.joinpath("out.csv").exists()
