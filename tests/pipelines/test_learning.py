"""Learning the weights of the scorecard from labelled tables, and judging them."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

from benchmarks.labelled_worlds import write_world
from partnerhub.identity.weights import read_weights, weights_from
from pipelines.resolve import learn
from pipelines.resolve.quality import calibration_of, quality_of
from pipelines.resolve.regression import fitted, totals


def test_a_level_that_nine_of_ten_same_pairs_show_weighs_what_the_odds_say():
    columns = np.array([[1]] * 100 + [[0]] * 100)
    same = np.array([1.0] * 90 + [0.0] * 10 + [1.0] * 20 + [0.0] * 80)
    prior, weight = fitted(columns, same, np.ones(200), 2, penalty=1e-6)
    assert prior == pytest.approx(math.log(20 / 80), abs=0.01)
    assert prior + weight == pytest.approx(math.log(90 / 10), abs=0.01)


def test_where_the_search_begins_does_not_change_where_it_ends():
    random = np.random.default_rng(4)
    columns = random.integers(0, 4, (500, 3)) + np.array([0, 4, 8]) * (random.random((500, 3)) > 0.2)
    same = (random.random(500) > 0.6).astype(float)
    cold = fitted(columns, same, np.ones(500), 13, penalty=1.0)
    warm = fitted(columns, same, np.ones(500), 13, penalty=1.0, start=np.linspace(-2, 2, 13))
    assert np.abs(totals(columns.T, cold) - totals(columns.T, warm)).max() < 0.01


def test_a_pair_that_counts_twice_is_two_pairs():
    columns, same = np.array([[1], [1], [0], [0]]), np.array([1.0, 0.0, 0.0, 1.0])
    counted = fitted(columns, same, np.array([2.0, 1.0, 1.0, 1.0]), 2, penalty=0.1)
    repeated = fitted(columns[[0, 0, 1, 2, 3]], same[[0, 0, 1, 2, 3]], np.ones(5), 2, penalty=0.1)
    assert np.abs(counted - repeated).max() < 0.001


def test_scores_that_come_true_as_often_as_they_say_have_no_calibration_error():
    bits = np.zeros(1000)
    assert calibration_of(bits, np.arange(1000) % 2.0).error == pytest.approx(0, abs=0.01)
    assert calibration_of(bits, np.ones(1000)).error == pytest.approx(0.5)


def test_the_fewer_pairs_the_larger_a_calibration_error_may_be_by_chance():
    random = np.random.default_rng(3)
    few, many = (calibration_of(random.uniform(-4, 4, n), np.zeros(n)).by_chance for n in (40, 4000))
    assert many < 0.05
    assert few > 0.1


def test_quality_counts_pairs_and_records_and_leaves_out_what_has_no_truth():
    quality = quality_of({"a": "x", "b": "x", "c": "y"}, {"a": "1", "b": "1", "c": "1", "d": "1"})
    assert (quality.precision, quality.recall, quality.largest) == (pytest.approx(1 / 3), 1.0, 3)
    assert quality.cubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    write_world(11, folder)
    return folder


@pytest.mark.slow
def test_weights_learned_from_a_world_are_judged_on_organizations_they_never_saw(world, tmp_path, capsys):
    out = tmp_path / "weights.json"
    learn.main([f"world={world}*2", "--out", str(out)])
    weights = weights_from(out.read_text())
    assert weights.about["learned from"]["world"]["times"] == 2
    said = capsys.readouterr().out
    assert float(said.partition(" F1 ")[2][:6]) >= 0.97
    learn.main([f"world={world}*2", "--out", str(tmp_path / "again.json")])
    assert out.read_text() == (tmp_path / "again.json").read_text()


@pytest.mark.slow
def test_a_level_that_hardly_any_pair_shows_gets_no_weight(world):
    table = learn.read_table("world", world, 1.0, learn.DEFAULT)
    plan = learn.design([table])
    counts = dict.fromkeys(plan.labels[1:], 0)
    for row in plan.columns(table.levels):
        for column in row[row > 0]:
            counts[plan.labels[column]] += 1
    assert min(counts.values()) >= learn.FEWEST


@pytest.mark.slow
def test_no_pair_of_an_organization_is_scored_by_weights_that_saw_another_of_its_pairs(world, monkeypatch):
    table = learn.read_table("world", world, 1.0, learn.DEFAULT)
    seen = []
    monkeypatch.setattr(
        learn, "fitted", lambda columns, *_: seen.append(len(columns)) or np.zeros(len(plan.labels))
    )
    plan = learn.design([table])
    folds = table.folds()
    learn.out_of_fold([table], plan, np.zeros(len(plan.labels)))
    outside = [int(((folds[table.left] != p) & (folds[table.right] != p)).sum()) for p in range(learn.FOLDS)]
    assert seen == outside
    assert all(
        len({folds[n] for n, t in enumerate(table.truth) if t == truth}) == 1 for truth in set(table.truth)
    )


def test_records_without_a_truth_teach_nothing(tmp_path):
    with (tmp_path / "records.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("source", "source_id", "name"), ("a", "1", "Acme"), ("a", "2", "Acme")])
    (tmp_path / "truth.csv").write_text("source,source_id,cluster_id\na,1,x\n")
    table = learn.read_table("t", tmp_path, 1.0, learn.DEFAULT)
    assert (len(table.left), int(table.known.sum())) == (1, 0)


def test_a_pair_that_no_sync_finds_teaches_and_joins_nothing(tmp_path):
    rows = [
        ("s", str(n), f"Kiesel {word}") for n, word in enumerate(f"{a}{b}o" for a in "bdfgk" for b in "aeiou")
    ]
    with (tmp_path / "records.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("source", "source_id", "name"), *rows])
    (tmp_path / "truth.csv").write_text("source,source_id,cluster_id\n")
    table = learn.read_table("t", tmp_path, 1.0, learn.TAUGHT_BY)
    assert len(table.left) == 25 * 24 / 2
    assert not table.found.any()
    assert len(set(learn.grouped(table, np.full(len(table.left), 9.0), learn.DEFAULT).values())) == 25


def test_the_shipped_weights_were_learned_from_real_and_generated_records():
    learned = read_weights().about["learned from"]
    assert {"dev", "chicago"} < set(learned)
    assert json.loads(read_weights().as_text())["prior"] == read_weights().prior
