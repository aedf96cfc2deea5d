"""Spark finds what DuckDB finds, to the last bit. Needs PySpark and Java 17: `make spark`."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from benchmarks.labelled_worlds import labelled_rows
from connectors.errors import FixSetup
from partnerhub.cli.app import main
from partnerhub.identity.policy import DEFAULT
from partnerhub.simulator.world.generate import generate_world
from pipelines.resolve.frequency import counted
from pipelines.resolve.scores import score_pairs
from pipelines.resolve.sheet import resolve_sheet
from pipelines.resolve.sheet_rows import sheet_features, staged_row
from pipelines.resolve.spark import score_pairs_on_spark
from pipelines.resolve.spark_session import SparkSettings, require_spark, spark_session
from tests.conftest import SKIPPED_FOR

pytestmark = [pytest.mark.spark, pytest.mark.slow]

EVERY_PAIR = -1000.0


@pytest.fixture(scope="module", autouse=True)
def session(tmp_path_factory):
    """Spark on two cores of this machine, which the code under test finds running."""
    try:
        require_spark()
    except FixSetup as missing:
        pytest.skip(f"{SKIPPED_FOR['Spark']}{missing.happened} Run `make spark`.")
    with pytest.MonkeyPatch.context() as patch:
        # Jobs of seconds are over before Java's second compiler has paid for itself.
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield from running(tmp_path_factory.mktemp("spark"))


def running(folder):
    with spark_session(SparkSettings("local[2]", "3g"), folder, 20_000) as spark:
        yield spark


@pytest.fixture(scope="module")
def features():
    """What a CRM and a sheet say of one small world's organizations."""
    world = generate_world(2, 80, datetime(2026, 10, 1, tzinfo=UTC))
    return [sheet_features(staged_row(said, {}, ("sheet", "1"), None)) for said, _ in labelled_rows(world)]


def test_every_pair_has_the_same_bits_and_levels_on_both_engines(features):
    asked = {"fresh": None, "frequencies": counted(features, DEFAULT), "at_least": EVERY_PAIR}
    found = score_pairs_on_spark(features, **asked)
    assert found == score_pairs(features, **asked)
    assert len(found) > 300


def test_only_pairs_with_a_fresh_record_are_compared(features):
    fresh = {f.record for f in features[::9]}
    asked = {"fresh": fresh, "frequencies": counted(features, DEFAULT), "at_least": DEFAULT.review}
    found = score_pairs_on_spark(features, **asked)
    assert found == score_pairs(features, **asked)
    assert all({pair.left, pair.right} & fresh for pair in found)


def test_no_record_and_records_that_share_nothing_are_fine(features):
    asked = {"fresh": None, "frequencies": counted([], DEFAULT), "at_least": EVERY_PAIR}
    strangers = [
        sheet_features(staged_row({"name": name}, {}, ("s", name), None)) for name in ("Acme", "Bellago")
    ]
    assert score_pairs_on_spark([], **asked) == []
    assert score_pairs_on_spark(strangers, **asked) == []


def test_resolve_writes_the_same_file_with_either_engine(tmp_path, monkeypatch):
    rows = [
        "Nordlicht Akademie GmbH,nordlicht.example,Kassel",
        "NORDLICHT AKADEMIE,nordlicht.example,",
        "Acme,,",
    ]
    tmp_path.joinpath("in.csv").write_text("\n".join(["name,website,city", *rows]))
    monkeypatch.chdir(tmp_path)
    for output, engine in (("here.csv", "duckdb"), ("there.csv", "spark")):
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["resolve", "in.csv", "-o", output, "--engine", engine])
    written = tmp_path.joinpath("there.csv").read_text()
    assert written == tmp_path.joinpath("here.csv").read_text()
    assert len({line.split(",")[2] for line in written.splitlines()[1:]}) == 2


@pytest.mark.shared
def test_the_dev_records_fall_into_the_same_organizations_for_the_same_reasons(shared):
    with (shared / "corpora" / "er" / "dev" / "records.csv").open(newline="", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    by_spark = resolve_sheet(rows, score=score_pairs_on_spark)
    assert by_spark == resolve_sheet(rows)
    assert len(by_spark) > 19_000
