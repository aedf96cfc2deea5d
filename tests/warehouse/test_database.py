"""The connection: one statement for both engines, transactions that hold, and no password in what it says."""

from __future__ import annotations

import threading

import pytest

from warehouse.database import Database
from warehouse.errors import DatabaseUnavailable, UnsupportedUrl
from warehouse.schema import migrate

NOW = "2026-10-01T09:00:00.000000Z"
INSERT_RUN = "INSERT INTO sync_run (run_id, started_at, trigger, state) VALUES (?, ?, 'cli', 'running')"


def test_what_is_inside_a_transaction_commits_together(database_url: str) -> None:
    with Database(database_url).session() as one, Database(database_url).session() as other:
        with one.transaction():
            one.execute(INSERT_RUN, ("a", NOW))
            assert other.query("SELECT run_id FROM sync_run") == []
        assert other.query("SELECT run_id FROM sync_run") == [("a",)]


def test_error_inside_a_transaction_takes_everything_back(database_url: str) -> None:
    with Database(database_url).session() as connection:
        with pytest.raises(Exception, match=r"(?i)unique"), connection.transaction():
            connection.execute_many(INSERT_RUN, [("a", NOW), ("a", NOW)])
        with connection.transaction():
            connection.execute(INSERT_RUN, ("b", NOW))
        assert connection.query("SELECT run_id FROM sync_run") == [("b",)]


@pytest.mark.parametrize("moment", [NOW, "2026-10-01T09:00:00.120000Z", "0001-01-01T00:00:00.000000Z"])
def test_times_come_back_as_the_text_they_were_stored_as(database_url: str, moment: str) -> None:
    with Database(database_url).session() as connection:
        connection.execute(INSERT_RUN, ("a", moment))
        assert connection.query("SELECT started_at FROM sync_run") == [(moment,)]


def test_json_dates_and_bytes_come_back_as_stored(database_url: str) -> None:
    text = '{"b":1,"a":"ü 🌱 \\u0000"}'
    with Database(database_url).session() as connection:
        connection.execute(
            "INSERT INTO cursor (source, stream, state_json, checksum, run_id, updated_at)"
            " VALUES ('crm', 'x', ?, 'c', 'r', ?)",
            (text, NOW),
        )
        connection.execute(
            "INSERT INTO person_organization (person_id, organization_id, role, record, since)"
            " VALUES ('p', 'o', '', 'r', '2026-02-28')"
        )
        connection.execute(
            "INSERT INTO raw_blob (sha256, media_type, size_bytes, content, run_id) VALUES ('s', 'm', 2, ?, 'r')",
            (b"\x00\xff",),
        )
        assert connection.query("SELECT state_json FROM cursor") == [(text,)]
        assert connection.query("SELECT since FROM person_organization") == [("2026-02-28",)]
        assert bytes(connection.query("SELECT content FROM raw_blob")[0][0]) == b"\x00\xff"


def test_text_sorts_by_code_point_on_both_engines(database_url: str) -> None:
    names = ["a", "B", "ä", "Z", "_", "1", "🌱"]
    with Database(database_url).session() as connection:
        connection.execute_many(
            "INSERT INTO hub_state (name, value) VALUES (?, '')", [(name,) for name in names]
        )
        found = [
            row[0] for row in connection.query("SELECT name FROM hub_state WHERE value = '' ORDER BY name")
        ]
    assert found == sorted(names)


def test_percent_signs_and_records_by_name(database_url: str) -> None:
    with Database(database_url).session() as connection:
        connection.execute("INSERT INTO hub_state (name, value) VALUES (?, ?)", ("50%", "half"))
        rows = connection.records(
            "SELECT name, value FROM hub_state WHERE name LIKE '50%' AND value = ?", ("half",)
        )
    assert rows == [{"name": "50%", "value": "half"}]


@pytest.mark.fault("F72")
def test_second_writer_waits_for_the_first_and_then_writes(database_url: str) -> None:
    entered, done = threading.Event(), threading.Event()

    def second() -> None:
        with Database(database_url).session() as connection, connection.transaction():
            entered.set()
            connection.execute("UPDATE hub_state SET value = value || 'b' WHERE name = 'n'")
        done.set()

    with Database(database_url).session() as connection:
        connection.execute("INSERT INTO hub_state (name, value) VALUES ('n', '')")
        thread = threading.Thread(target=second)
        with connection.transaction():
            connection.execute("UPDATE hub_state SET value = value || 'a' WHERE name = 'n'")
            thread.start()
            assert not done.wait(0.1)
        thread.join(10)
        assert connection.query("SELECT value FROM hub_state WHERE name = 'n'") == [("ab",)]


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/db", "oracle://me:hunter2@host"])
def test_other_databases_are_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(UnsupportedUrl) as refused:
        Database(url).connect()
    assert "hunter2" not in str(refused.value)
    assert "sqlite:///warehouse.db" in refused.value.do


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/warehouse.db", "postgresql://me:hunter2@127.0.0.1:9/none"]
)
def test_database_that_cannot_be_reached_says_where_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(url).connect()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("password", ["can%ary", "canary", "can:ary"])
def test_a_server_that_is_away_is_named_without_the_password(password):
    url = f"postgresql://hub:{password}@127.0.0.1:1/hub"
    for attempt in (Database(url).connect, lambda: migrate(url)):
        with pytest.raises(DatabaseUnavailable) as refused:
            attempt()
        assert "127.0.0.1:1/hub" in str(refused.value)
        assert "ary" not in str(refused.value)
