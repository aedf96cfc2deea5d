"""What tests/conftest.py promises to every other test."""

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOW, SKIPPED_FOR, NetworkBlocked, pytest_terminal_summary
from tests.postgres_server import PostgresUnavailable, postgres_server
from warehouse.database import Database

if TYPE_CHECKING:
    import time_machine


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_warehouse_of_its_own(database_url: str, turn: int) -> None:
    with Database(database_url).session() as connection:
        assert connection.query("SELECT count(*) FROM source") == [(0,)]
        connection.execute(
            "INSERT INTO source (source, connector, title) VALUES (?, 'x', 'x')", [f"turn{turn}"]
        )


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    with Database(empty_database_url).session() as connection, pytest.raises(Exception, match="source"):
        connection.query("SELECT * FROM source")


@pytest.mark.postgres
def test_postgres_orders_text_as_people_do(postgres_url: str) -> None:
    with Database(postgres_url).session() as connection:
        assert connection.query("SELECT 'a' < 'B', 'a' COLLATE \"C\" < 'B'") == [(True, False)]


def test_the_network_is_out_of_reach() -> None:
    with socket.socket() as outside, pytest.raises(NetworkBlocked):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkBlocked):
        socket.create_connection(("partners.example", 80))


def test_loopback_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        socket.create_connection(("localhost", server.getsockname()[1])).close()


def test_a_thread_does_not_get_out_either() -> None:
    caught: list[BaseException] = []

    def leave() -> None:
        try:
            socket.create_connection(("partners.example", 80))
        except NetworkBlocked as error:
            caught.append(error)

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_the_clock_stands_still_until_moved(frozen_clock: time_machine.Traveller) -> None:
    assert datetime.now(UTC) == NOW
    frozen_clock.shift(timedelta(hours=1))
    assert datetime.now(UTC) == NOW + timedelta(hours=1)


def test_settings_of_this_machine_are_not_seen() -> None:
    assert [name for name in os.environ if name.startswith("PARTNERHUB_") and "_TEST_" not in name] == []


def test_without_postgres_the_reason_is_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARTNERHUB_TEST_POSTGRES_URL", raising=False)
    monkeypatch.setattr("tests.postgres_server.DEBIAN", "no-such-folder")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostgresUnavailable, match="no PostgreSQL server on this machine"), postgres_server():
        pass


def test_the_closing_line_counts_what_was_skipped_and_says_why() -> None:
    class Report:
        longrepr = ("file", 1, f"Skipped: {SKIPPED_FOR['PostgreSQL']}it is not installed")

    class Terminal:
        stats = {"skipped": [Report, Report]}
        lines: list[str] = []

        def write_line(self, line: str, **markup: bool) -> None:
            self.lines.append(line)

    pytest_terminal_summary(Terminal())  # type: ignore[arg-type]
    assert Terminal.lines == ["2 tests were skipped without PostgreSQL: it is not installed"]
