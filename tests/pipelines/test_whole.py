"""Everybody scored at once, as columns: the same pairs, bits and words as by portions."""

from __future__ import annotations

import pytest

from pipelines.resolve import propose, whole
from tests.pipelines.test_resolve import NOW, organization, resolve, stage, world_rows
from warehouse import indexes
from warehouse.database import Database

EDGES = "SELECT left_record, right_record, score, band, why_json, rules FROM match_edge ORDER BY 1, 2"
BLOCKS = "SELECT record, normalized FROM key WHERE kind = 'block' ORDER BY 1, 2"


@pytest.fixture
def staged(database_url):
    database = Database(database_url)
    with database.session() as connection:
        stage(connection, world_rows(8, 40)[1])
        yield database, connection


def test_all_at_once_gives_the_same_pairs_and_values_as_by_portions(staged, monkeypatch):
    database, connection = staged
    propose(database, "run", NOW.format(1))
    by_portions = connection.query(EDGES), connection.query(BLOCKS)
    with connection.transaction():
        connection.execute("DELETE FROM match_edge")
        connection.execute("DELETE FROM key WHERE kind = 'block'")
    monkeypatch.setattr(whole, "FEWEST", 2)
    monkeypatch.setattr(whole, "PORTION", 7)
    counts = propose(database, "run", NOW.format(1))
    assert (connection.query(EDGES), connection.query(BLOCKS)) == by_portions
    assert (counts.written, counts.waiting) == (len(by_portions[0]), counts.compared)
    assert indexes.away(connection) == []


def test_all_at_once_again_writes_nothing_and_forgets_pairs_that_share_nothing_any_more(staged, monkeypatch):
    database, connection = staged
    monkeypatch.setattr(whole, "FEWEST", 2)
    resolve(database, connection)
    ((left, right),) = connection.query(
        "SELECT left_record, right_record FROM match_edge WHERE band = 'auto' LIMIT 1"
    )
    records = connection.query("SELECT record FROM staged_organization")
    with connection.transaction():
        connection.execute_many("INSERT INTO pending (record, kind) VALUES (?, 'organization')", records)
    assert propose(database, "run", NOW.format(2)).written == 0
    stage(connection, [organization(left, name="Something Else", website="https://else.example")])
    assert propose(database, "run", NOW.format(3)).written > 0
    found = connection.query(
        EDGES.replace("ORDER", "WHERE left_record = ? AND right_record = ? ORDER"), (left, right)
    )
    assert [(row[2], row[3]) for row in found] == [(-12.0, "no")]


def test_a_small_part_of_a_base_is_no_case_for_it(staged, monkeypatch):
    _, connection = staged
    monkeypatch.setattr(whole, "FEWEST", 2)
    (total,) = connection.one("SELECT count(*) FROM staged_organization")
    assert whole.is_large(connection, total)
    assert not whole.is_large(connection, total // whole.SHARE - 1)
