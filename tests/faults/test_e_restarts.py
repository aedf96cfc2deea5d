"""F74, F76: PostgreSQL ends sessions, restarts and crashes in the middle; the same run goes on, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest

from pipelines import failures, leases, session_locks
from pipelines.land import writer
from pipelines.land.cursors import store_cursor
from pipelines.land.known import known_addresses
from tests.faults.hub import Hub
from tests.pipelines.scripted import LISTED, THINGS, ScriptedConnector, page, pages, record
from tests.postgres_server import own_server
from warehouse import bulk, reconnecting
from warehouse.database import Database
from warehouse.errors import DatabaseUnavailable
from warehouse.schema import migrate


@pytest.fixture
def postgres_hub(postgres_url):
    return Hub(postgres_url)


def things(*numbers):
    """A source of a page for each number."""
    return ScriptedConnector(source="crm").plays(
        THINGS, pages(*(page(record(str(n)), cursor={"page": n}) for n in numbers))
    )


def end_every_session(hub):
    """What a restart does to whoever is connected."""
    hub.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )


def ended_after(hub, following, **facts):
    """A script whose page 1 is committed before the server ends every session; then come the other pages."""

    def script(_cursor, _full):
        yield page(record("1"), cursor={"page": 1}, **facts)
        for _ in range(200):
            if hub.query("SELECT 1 FROM stream_run WHERE run_id = ? AND pages = 1", f"run-{hub.runs}"):
                break
            time.sleep(0.02)
        end_every_session(hub)
        yield from following

    return script


def test_f74_f76_a_sync_whose_connection_the_server_ends_midway_goes_on_within_the_same_run(postgres_hub):
    following = [page(record("2"), cursor={"page": 2}), page(record("3"), cursor={"page": 3})]
    script = ended_after(postgres_hub, following)
    (result,) = postgres_hub.sync(ScriptedConnector(source="crm").plays(THINGS, script))
    assert (result.state, result.pages, result.landed) == ("complete", 3, 3)
    assert postgres_hub.query("SELECT state_json FROM cursor") == [('{"page": 3}',)]
    assert postgres_hub.query("SELECT pages, read, landed FROM stream_run") == [(3, 3, 3)]
    assert postgres_hub.states(things(1, 2, 3)) == ["complete"]


def test_f74_a_page_that_was_committed_when_the_answer_was_lost_is_counted_once(postgres_hub, monkeypatch):
    stored = writer.store_page

    def and_lost(connection, place, given, *rest):
        counts = stored(connection, place, given, *rest)
        if given.cursor == {"page": 2}:
            monkeypatch.setattr(writer, "store_page", stored)
            end_every_session(postgres_hub)
            connection.query("SELECT 1")
        return counts

    monkeypatch.setattr(writer, "store_page", and_lost)
    (result,) = postgres_hub.sync(things(1, 2, 3))
    assert (result.state, result.pages, result.landed, result.unchanged) == ("complete", 3, 3, 0)
    assert postgres_hub.query("SELECT pages, read, landed, unchanged FROM stream_run") == [(3, 3, 3, 0)]


def test_f74_a_source_that_another_process_took_over_meanwhile_is_left_to_it(postgres_hub):
    def script(_cursor, _full):
        yield page(record("1"), cursor={"page": 1})
        postgres_hub.write("UPDATE lease SET token = token + 1 WHERE name = 'sync:crm'")
        end_every_session(postgres_hub)
        yield page(record("2"), cursor={"page": 2})

    (result,) = postgres_hub.sync(ScriptedConnector(source="crm").plays(THINGS, script))
    assert (result.state, type(result.error).__name__) == ("incomplete", "LeaseLost")
    assert "2" not in postgres_hub.held("crm", "things")


def test_f74_a_source_whose_giving_up_a_restart_cut_is_left_all_the_same(postgres_hub, monkeypatch):
    left = writer.leave_stream

    def and_cut(*given):
        monkeypatch.setattr(writer, "leave_stream", left)
        end_every_session(postgres_hub)
        return left(*given)

    def script(_cursor, _full):
        postgres_hub.write("UPDATE lease SET token = token + 1 WHERE name = 'sync:crm'")
        yield page(record("1"), cursor={"page": 1})

    monkeypatch.setattr(writer, "leave_stream", and_cut)
    (result,) = postgres_hub.sync(ScriptedConnector(source="crm").plays(THINGS, script))
    assert (result.state, type(result.error).__name__) == ("incomplete", "LeaseLost")
    assert postgres_hub.query("SELECT state, error_code FROM stream_run") == [("incomplete", "lease_lost")]


def test_f74_a_listing_that_a_restart_cut_takes_nothing_back_and_is_made_again(postgres_hub):
    whole = page(record("1"), record("2"), record("3"), reading="full", last=True)
    postgres_hub.sync(ScriptedConnector(source="crm").plays(LISTED, pages(whole)))
    script = ended_after(postgres_hub, [page(record("2"), reading="full", last=True)], reading="full")
    (result,) = postgres_hub.sync(ScriptedConnector(source="crm").plays(LISTED, script))
    assert (result.state, result.error.code, result.removed) == ("incomplete", "database_restarted", 0)
    assert set(postgres_hub.held("crm", "things").values()) == {"upsert"}
    postgres_hub.sync(ScriptedConnector(source="crm").plays(LISTED, pages(whole)))
    assert set(postgres_hub.held("crm", "things")) == {"1", "2", "3"}


def test_f74_a_server_that_stays_away_ends_the_sync_by_name(postgres_hub, monkeypatch):
    monkeypatch.setattr(reconnecting, "PATIENCE", timedelta(seconds=0))
    connect, ended = Database.connect, []

    def refused(database):
        if ended and threading.current_thread().name == "writer":
            ended.clear()
            raise DatabaseUnavailable("here", "it starts up")
        return connect(database)

    def script(_cursor, _full):
        yield page(record("1"), cursor={"page": 1})
        ended.append(True)
        end_every_session(postgres_hub)
        yield page(record("2"), cursor={"page": 2})

    monkeypatch.setattr(Database, "connect", refused)
    with pytest.raises(DatabaseUnavailable):
        postgres_hub.sync(ScriptedConnector(source="crm").plays(THINGS, script))
    monkeypatch.undo()
    assert postgres_hub.states(things(1, 2)) == ["complete"]


def test_f74_a_step_that_derives_is_begun_again_when_the_server_is_back(postgres_hub):
    postgres_hub.sync(things(1))
    tried = []

    @failures.told_by_name
    @failures.carried_on
    def step(config):
        with Database(config.warehouse_url).session() as connection:
            tried.append(1)
            if len(tried) == 1:
                end_every_session(postgres_hub)
            return connection.query("SELECT count(*) FROM raw_record")

    assert (step(SimpleNamespace(warehouse_url=postgres_hub.url)), len(tried)) == ([(1,)], 2)


def test_f74_who_asks_while_the_server_restarts_gets_an_answer(postgres_hub, monkeypatch):
    load, tried = bulk.load_keys, []

    def after_a_restart(connection, *given):
        tried.append(1)
        if len(tried) == 1:
            end_every_session(postgres_hub)
        load(connection, *given)

    monkeypatch.setattr(bulk, "load_keys", after_a_restart)
    assert known_addresses(Database(postgres_hub.url), frozenset())({"ann@nobody.example"}) == set()
    assert len(tried) == 2


def test_f74_a_lease_whose_session_was_ended_is_locked_again_and_given_back(postgres_hub, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    database = Database(postgres_hub.url)
    with leases.held(database, "publish"):
        end_every_session(postgres_hub)
        time.sleep(0.5)
        with database.session() as other:
            assert session_locks.take(other, "publish") is False
    assert postgres_hub.query("SELECT holder FROM lease WHERE name = 'publish'") == [("",)]


def test_f74_what_the_server_forgot_although_it_had_confirmed_it_is_read_again(postgres_hub):
    def script(cursor, _full):
        first = (cursor or {"page": 0})["page"] + 1
        for number in range(first, 4):
            if number == 3 and first == 1:
                while not postgres_hub.query("SELECT 1 FROM stream_run WHERE pages = 2"):
                    time.sleep(0.02)
                for forgotten in (
                    "DELETE FROM raw_current WHERE source_id = '2'",
                    "DELETE FROM raw_record WHERE source_id = '2'",
                    "UPDATE stream_run SET pages = 1, read = 1, landed = 1",
                ):
                    postgres_hub.write(forgotten)
                with Database(postgres_hub.url).session() as connection, connection.transaction():
                    store_cursor(connection, "crm", "things", {"page": 1}, "run-1", writer.moment())
                end_every_session(postgres_hub)
            yield page(record(str(number)), cursor={"page": number})

    connector = ScriptedConnector(source="crm").plays(THINGS, script)
    (result,) = postgres_hub.sync(connector)
    assert (result.state, result.error.code) == ("incomplete", "database_restarted")
    assert set(postgres_hub.held("crm", "things")) == {"1"}
    assert postgres_hub.states(connector) == ["complete"]
    assert set(postgres_hub.held("crm", "things")) == {"1", "2", "3"}


def crash(url):
    """Kill one of the server's processes: it ends all others, recovers from its log, and is there again.

    The server takes sessions until it has seen who died, so that one had right after the kill may end with the others.
    """
    before = checkpointer(url)
    with psycopg.connect(url, autocommit=True) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with contextlib.suppress(psycopg.OperationalError):
            connection.execute("SELECT 1")
    while checkpointer(url) in {before, None}:
        time.sleep(0.02)


def checkpointer(url):
    """A process of the server's own, which a crash replaces by another; None while it is not there yet."""
    asked = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
    return reconnecting.patiently(Database(url), lambda connection: connection.one(asked))


@pytest.mark.slow
@pytest.mark.usefixtures("postgres_url")
def test_f74_a_server_that_crashes_again_and_again_loses_and_doubles_nothing():
    with own_server() as url:
        migrate(url)
        hub, crashes = Hub(url), []

        def script(cursor, _full):
            for number in range((cursor or {"page": 0})["page"] + 1, 61):
                if number % 10 == 0 and len(crashes) < 5:
                    crashes.append(number)
                    crash(url)
                yield page(record(str(number)), cursor={"page": number})

        connector = ScriptedConnector(source="crm").plays(THINGS, script)
        while "complete" not in hub.states(connector):
            assert hub.runs < 10
        assert (len(crashes), len(hub.held("crm", "things"))) == (5, 60)
        assert hub.query("SELECT count(*), count(DISTINCT source_id) FROM raw_record") == [(60, 60)]
