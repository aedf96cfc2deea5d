"""Weights of a hub's own: what verdicts move, how far, and whether it is any better."""

from __future__ import annotations

import numpy as np
import pytest

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import level_words, read_weights, weights_from
from pipelines.resolve.own_weights import Verdicts, folds_of, learn_from_verdicts, learned
from tests.pipelines.test_resolve import NOW, organization, stage
from warehouse import bulk
from warehouse.database import Database

PHONE = next(n for n, comparison in enumerate(SCORECARD) if comparison.name == "phone")
SAME_PHONE = 1
"""Place of the comparison, and of its level "same phone"."""


def verdicts(count, share):
    """Pairs about whom nothing is said but the phone; `share` of those with the same phone are the same."""
    silent = [words.index(None) if None in words else len(words) - 1 for words in map(level_words, SCORECARD)]
    levels = np.array([silent] * count)
    levels[: count // 2, PHONE] = SAME_PHONE
    random = np.random.default_rng(1)
    same = (random.random(count) < np.where(levels[:, PHONE] == SAME_PHONE, share, 0.02)).astype(float)
    return Verdicts(levels, same, np.arange(count) % 5)


def bits_of(weights):
    return weights.bits["phone"]["same phone"]


@pytest.mark.parametrize(("count", "least", "most"), [(30, 0.0, 0.5), (3000, 2.0, 20.0)])
def test_thirty_verdicts_move_little_and_three_thousand_much(count, least, most):
    found = learned(verdicts(count, 0.98), read_weights())
    moved = bits_of(found.weights) - bits_of(read_weights())
    assert least <= moved <= most


def test_weights_that_no_verdict_is_about_stay_as_they_are():
    found = learned(verdicts(200, 0.98), read_weights())
    assert found.weights.bits["script"] == read_weights().bits["script"]


def test_verdicts_that_say_the_contrary_of_the_shipped_weights_are_told_better_by_ones_own():
    found = learned(verdicts(2000, 0.98), read_weights())
    assert found.better
    assert found.surprise_after < 0.5 * found.surprise_before


def test_verdicts_that_follow_no_rule_teach_nothing_that_holds_for_others():
    given, coin = verdicts(60, 0.5), np.random.default_rng(7).permutation(np.repeat([0.0, 1.0], 30))
    assert learned(Verdicts(given.levels, coin, given.folds), read_weights()).surprise_after > 0.8


def test_pairs_that_share_a_record_are_left_out_together():
    folds = folds_of([("a", "b"), ("b", "c"), ("c", "d"), ("x", "y")])
    assert folds[0] == folds[1] == folds[2]


def test_the_file_holds_what_was_learned_and_from_how_many(tmp_path):
    found = learned(verdicts(100, 0.98), read_weights())
    again = weights_from(found.weights.as_text())
    assert again.bits == found.weights.bits
    assert again.about["learned from"]["verdicts"] == {"same": found.same, "different": found.different}


def test_a_hub_learns_from_its_own_records_and_writes_nothing(database_url):
    rows, decided = [], []
    for n in range(12):
        place = {"street": f"Hafenweg {n}", "city": "Ulm", "country": "DE"}
        one, other = f"crm/a/{n:02}", f"crm/b/{n:02}"
        rows += [
            organization(one, name=f"Vela {n} Kontor", **place),
            organization(other, name=f"Vela {n} Lager", **place),
        ]
        decided.append((one, other, "different"))
        decided.append((one, f"crm/b/{(n + 1) % 12:02}", "same" if n % 3 == 0 else "different"))
    columns = ("left_record", "right_record", "decided_at", "entity", "verdict", "actor")
    database = Database(database_url)
    with database.session() as connection:
        stage(connection, rows)
        with connection.transaction():
            said = [(*sorted(pair[:2]), NOW.format(1), "organization", pair[2], "ann") for pair in decided]
            bulk.insert(connection, "decision", columns, said)
        before = connection.query("SELECT count(*) FROM match_edge")
    found = learn_from_verdicts(database, DEFAULT)
    assert (found.same, found.different) == (4, 20)
    street = {move.level: move for move in found.moved if move.comparison == "street"}
    assert all(
        move.after < move.before for move in street.values() if "word of the name shared" in move.level
    )
    with database.session() as connection:
        assert connection.query("SELECT count(*) FROM match_edge") == before


def test_a_handful_of_verdicts_teaches_nothing(database_url):
    with Database(database_url).session() as connection:
        stage(connection, [organization("crm/a/1", name="Acme")])
    assert learn_from_verdicts(Database(database_url), DEFAULT) is None
