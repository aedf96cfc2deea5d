"""Pairs weighed in two steps: the weights of the plain scorecard, to the last digit, whatever a level is worth."""

from __future__ import annotations

import csv
from contextlib import closing
from itertools import combinations
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.partner_rows import COLUMNS, rows
from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import Weights, level_words, read_weights
from pipelines.resolve import pair_stream
from pipelines.resolve.common_values import common_values
from pipelines.resolve.compared import weighed_query
from pipelines.resolve.name_pairs import names_of, numbered_texts
from pipelines.resolve.node_columns import node_columns
from pipelines.resolve.pair_stream import candidate_pairs, side_by_side, weigh_pairs
from pipelines.resolve.prepared import GIVEN, Prepared
from pipelines.resolve.scores import opened
from pipelines.resolve.sheet_columns import Portion, columns_of
from pipelines.resolve.sheet_rows import CELLS

LEAST = -9.0
SLIPS = (
    "Baumgartner",
    "Baumgarten",
    "Baumgarnter",
    "Baumgartnner",
    "Baumgartne",
    "Xaumgartner",
    "Baumgartxy",
)
"""One slip apart from the first: by swapping, doubling, leaving out and mistaking a letter; the last by two."""


def compared(cells):
    """Features of rows, order of their ranks, and candidate pairs."""
    table = pa.Table.from_batches([columns_of(Portion(1, cells, "sheet", "US"))])
    order = np.argsort(np.array(table["record"].to_pylist()))
    rank = np.argsort(order)
    with opened() as connection:
        nodes = node_columns(table, rank, common_values(connection, table["values"], DEFAULT), DEFAULT)
        return nodes, order, candidate_pairs(connection, nodes)


@pytest.fixture(scope="module")
def made_up():
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows(1_500, 7)]
    odd = [{"name": "", "website": "nur-host.example"}, *({"name": name, "city": "Ulm"} for name in SLIPS)]
    return compared([tuple(row.get(name) for name in CELLS) for row in (*found, *found[:50], *odd)])


def plainly(nodes, order, pairs, least, weights):
    """The pairs as `weighed_query` has them: (left, right, weight, branch)."""
    with closing(Prepared(f"{weighed_query(weights, GIVEN)} ORDER BY left_record")) as prepared:
        found = prepared.answer(side_by_side(nodes, order[pairs[0]], order[pairs[1]]))
    kept = (found["weight"] >= least) | found["branch"]
    columns = (*pairs, found["weight"], found["branch"])
    return [np.asarray(column)[kept].tolist() for column in columns]


def shortly(*given):
    return [column.tolist() for column in weigh_pairs(*given)]


def random_weights(seed):
    """Weights as no training would find them, with more digits than shipped ones have."""
    dice = Random(seed)
    bits = {
        comparison.name: {words: dice.uniform(-9, 9) for words in level_words(comparison) if words}
        for comparison in SCORECARD
    }
    return Weights(dice.uniform(-9, 9), bits, {})


def test_pairs_worth_keeping_are_those_of_the_plain_scorecard(made_up):
    found = shortly(*made_up, LEAST, read_weights())
    assert found == plainly(*made_up, LEAST, read_weights())
    assert 0 < len(found[0]) < len(made_up[2][0])


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_the_same_to_the_last_digit_whatever_a_level_is_worth(made_up, seed):
    weights = random_weights(seed)
    assert shortly(*made_up, 0.0, weights) == plainly(*made_up, 0.0, weights)


def test_all_pairs_weigh_the_same_not_only_the_strong_ones(made_up):
    assert shortly(*made_up, -1e9, random_weights(9)) == plainly(*made_up, -1e9, random_weights(9))


def test_the_size_of_a_portion_changes_nothing(made_up, monkeypatch):
    at_once = shortly(*made_up, LEAST, read_weights())
    monkeypatch.setattr(pair_stream, "PORTION", 173)
    assert shortly(*made_up, LEAST, read_weights()) == at_once


def test_no_pair_and_a_single_one_are_fine(made_up):
    nodes, order, (left, right) = made_up
    assert shortly(nodes, order, (left[:0], right[:0]), LEAST, read_weights()) == [[], [], [], []]
    assert shortly(nodes, order, (left[:1], right[:1]), -1e9, read_weights())[0] == left[:1].tolist()


def test_every_two_spellings_weigh_what_the_plain_scorecard_says():
    nodes, order, _ = compared([(name, *(None,) * 9) for name in (*SLIPS, "Ab", "Ac", "Müller", "Muller")])
    pairs = tuple(np.array(side) for side in zip(*combinations(range(len(nodes)), 2), strict=True))
    assert shortly(nodes, order, pairs, -1e9, random_weights(3)) == plainly(
        nodes, order, pairs, -1e9, random_weights(3)
    )


def test_records_of_one_name_have_one_number_and_two_names_two(made_up):
    nodes, _, _ = made_up
    number = names_of(numbered_texts(nodes)).number
    first = [(tuple(names), letters) for names, letters in zip(*map(list, said(nodes)), strict=True)]
    assert len(set(number.tolist())) == len(set(zip(number.tolist(), first, strict=True)))
    assert len(set(first)) <= len(set(number.tolist())) < len(first)


def said(nodes):
    return nodes["names"].to_pylist(), nodes["compact"].to_pylist()


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", ["dev", "chicago"])
def test_real_pairs_weigh_what_the_plain_scorecard_says(shared, name):
    with (shared / "corpora" / "er" / name / "records.csv").open(newline="", encoding="utf-8") as file:
        real = compared([tuple(row.get(name) for name in CELLS) for row in csv.DictReader(file)])
    for weights in (read_weights(), random_weights(5)):
        assert shortly(*real, 0.0, weights) == plainly(*real, 0.0, weights)
