"""Weights of a hub's own, from the command line to the pairs of the next sync."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from partnerhub.config import load_config
from partnerhub.identity.weights import read_weights, weights_from
from pipelines.resolve import own_weights
from pipelines.resolve.retraining import rules_now
from pipelines.settings import policy_of


@pytest.fixture
def decided(ask, keys, monkeypatch):
    monkeypatch.setattr(own_weights, "FEWEST", 4)
    acme = {keys["Acme GmbH"], keys["ACME Gesellschaft mbH"]}
    for one, other in combinations(sorted(keys.values()), 2):
        assert ask("decide", one, other, "same" if {one, other} == acme else "different").code == 0
    return ask


def test_a_handful_of_verdicts_is_too_few_and_the_command_says_where_more_come_from(ask, folder, keys):
    ask("decide", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"], "same")
    said = ask("learn")
    assert (said.code, "partnerhub review" in said.out) == (0, True)
    assert not (folder / "weights.json").exists()


def test_verdicts_become_a_file_beside_the_configuration(decided, folder):
    said = decided("learn", "--even-if-worse", "--json").json
    assert said["verdicts"] == {"same": 1, "different": 9}
    assert said["written"] == str(folder / "weights.json")
    assert weights_from((folder / "weights.json").read_text()).about["command"] == "partnerhub learn"


def test_weights_that_are_named_score_the_pairs_of_the_next_sync(decided, folder, database):
    decided("learn", "--even-if-worse")
    path = folder / "weights.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"prior": content["prior"] - 3.0}))
    config = folder / "partnerhub.yaml"
    config.write_text(config.read_text().replace("\nmatching:", "\nmatching: {weights: weights.json}"))
    policy = policy_of(load_config(config))
    assert policy.scorecard.prior < read_weights().prior - 2
    assert rules_now(policy) != rules_now()
    with database.session() as connection:
        before = dict(connection.query("SELECT left_record, score FROM match_edge WHERE score > 0"))
    assert decided("sync").code == 0
    with database.session() as connection:
        after = dict(connection.query("SELECT left_record, score FROM match_edge"))
    assert before
    assert all(after[left] < score - 2 for left, score in before.items())
