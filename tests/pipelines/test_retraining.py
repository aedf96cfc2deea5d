"""Other weights: every pair is scored anew, no id moves, and every difference is a question."""

from __future__ import annotations

import pytest

from partnerhub.identity.assign import Standing
from partnerhub.identity.grouping import Guarded, Pair, Problem
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.resolve import assign_organizations
from pipelines.resolve.assignment import Evidence
from pipelines.resolve.retraining import RULES, differences, rescore, rescore_if_rules_moved, rules_now
from tests.pipelines.test_resolve import links, resolve, stage, world_rows
from warehouse.commands.decide import decide_pair
from warehouse.database import Database

STRICT = Policy(auto=9.0)
"""As if other weights found less alike: what they score at or above 9 bits joins, the rest does not."""
LATER = "2026-02-0{}T00:00:00.000000Z"
QUESTIONS = """
SELECT left_record, right_record, proposal FROM identity_review WHERE reason = 'retrained' AND closed_at IS NULL
ORDER BY 1, 2
"""
REMEMBERED = f"SELECT value FROM hub_state WHERE name = '{RULES}'"


@pytest.fixture
def resolved(database_url):
    database = Database(database_url)
    with database.session() as connection:
        stage(connection, world_rows(8, 40)[1])
        resolve(database, connection)
        yield database, connection


def test_rescoring_with_other_weights_moves_no_id_and_asks_about_every_difference(resolved):
    database, connection = resolved
    before = links(connection)
    counts = rescore(database, "run", LATER.format(1), STRICT)
    asked = connection.query(QUESTIONS)
    assert links(connection) == before
    assert (counts.splits, counts.joins) == (len(asked), 0)
    assert asked
    assert all(before[left] == before[right] for left, right, _ in asked)


def test_rescoring_again_writes_nothing(resolved):
    database, connection = resolved
    rescore(database, "run", LATER.format(1), STRICT)
    rows = connection.query("SELECT * FROM identity_review ORDER BY 1, 2, 3")
    assert rescore(database, "run", LATER.format(2), STRICT).pairs == 0
    assert connection.query("SELECT * FROM identity_review ORDER BY 1, 2, 3") == rows


def test_what_is_in_question_stands_when_its_records_are_assigned_again(resolved):
    database, connection = resolved
    before = links(connection)
    rescore(database, "run", LATER.format(1), STRICT)
    with connection.transaction():
        assigned = assign_organizations(connection, set(before), "run", LATER.format(2), STRICT)
    assert (links(connection), assigned.moved_records) == (before, set())


def test_an_answer_is_carried_out_and_closes_its_question(resolved):
    database, connection = resolved
    rescore(database, "run", LATER.format(1), STRICT)
    (left, right, _), *others = connection.query(QUESTIONS)
    with connection.transaction():
        decide_pair(connection, left, right, "different", actor="ann", now=LATER.format(2))
        assign_organizations(connection, {left, right}, "run", LATER.format(2), STRICT)
    assert links(connection)[left] != links(connection)[right]
    assert (left, right, "part") not in connection.query(QUESTIONS)
    assert set(connection.query(QUESTIONS)) <= set(others)


def test_a_new_version_of_the_rules_rescores_once(resolved):
    database, connection = resolved
    with connection.transaction():
        connection.execute("INSERT INTO hub_state (name, value) VALUES (?, 'an older one')", (RULES,))
    assert rescore_if_rules_moved(database, "run", LATER.format(1)) is not None
    assert connection.query(REMEMBERED) == [(rules_now(),)]
    assert rescore_if_rules_moved(database, "run", LATER.format(2), DEFAULT) is None


def test_a_hub_without_organizations_has_nothing_to_rescore(database_url):
    database = Database(database_url)
    assert rescore_if_rules_moved(database, "run", LATER.format(1)) is None
    with database.session() as connection:
        assert connection.query(REMEMBERED) == [(rules_now(),)]


def test_who_would_join_only_because_another_join_waits_is_asked_about_too():
    """With a and b settled apart, c no longer hears what b says against it."""
    pairs = [Pair("a", "b", 8), Pair("a", "c", 2), Pair("b", "c", -8)]
    guarded = {record: Guarded() for record in "abc"}
    standing = Standing({record: f"id of {record}" for record in "abc"})
    asked = differences(Evidence(Problem("abc", pairs, guarded=guarded), {}), standing, DEFAULT)
    assert {(one.left, one.right) for one in asked} == {("a", "b"), ("a", "c")}
