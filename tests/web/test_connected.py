"""The connections of the pages: one for a request, kept for the next, never one to a warehouse that is gone."""

from __future__ import annotations

from partnerhub.web.connected import Connections, Lent
from warehouse.database import Database


def test_a_connection_is_kept_for_the_next_request(sqlite_url):
    connections = Connections(Database(sqlite_url))
    first = connections.take()
    connections.give_back(first)
    assert connections.take() is first
    first.close()


def test_a_request_that_asks_twice_has_one_connection_and_one_that_asks_for_nothing_none(sqlite_url):
    connections = Connections(Database(sqlite_url))
    lent = Lent(connections)
    assert lent.taken is None
    assert lent.connection is lent.connection
    lent.give_back()
    assert len(connections.resting) == 1


def test_a_connection_with_an_open_transaction_is_not_kept(sqlite_url):
    connections = Connections(Database(sqlite_url))
    left = connections.take()
    left.execute("BEGIN IMMEDIATE")
    connections.give_back(left)
    assert connections.resting == []


def test_a_restored_warehouse_is_opened_anew(sqlite_url, tmp_path):
    database = Database(sqlite_url)
    connections = Connections(database)
    former = connections.take()
    connections.give_back(former)
    copy = tmp_path / "restored.db"
    copy.write_bytes(database.path.read_bytes())
    copy.replace(database.path)
    again = connections.take()
    assert again is not former
    again.close()


def test_a_server_that_went_away_is_asked_for_a_new_connection(postgres_url):
    connections = Connections(Database(postgres_url))
    lost = connections.take()
    connections.give_back(lost)
    connections.resting[0] = connections.resting[0]._replace(since=0.0)
    with Database(postgres_url).session() as other:
        other.query("SELECT pg_terminate_backend(?)", (lost.raw.info.backend_pid,))
    fresh = connections.take()
    assert fresh.one("SELECT 1") == (1,)
    fresh.close()
