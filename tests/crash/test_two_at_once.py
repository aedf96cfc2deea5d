"""Two syncs of one source at once, in real processes: one works, and whoever lost its lease commits nothing more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import leases
from pipelines.land.runs import find_abandoned
from pipelines.land.writer import moment
from pipelines.leases import STALE_AFTER, acquire
from pipelines.watching import LOOK_SECONDS, watched
from tests.conftest import REPOSITORY
from tests.crash.syncing import finished, start, sync
from tests.oracles import wrong_with
from warehouse.database import Database
from warehouse.errors import AlreadyRunning
from warehouse.processes import Process, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crash.company import Company

pytestmark = pytest.mark.slow

STOPPED_AFTER_A_PAGE = "pipelines.land.page.store_page.after_commit:3:sigstop"
PROGRAM = "import sys; from partnerhub.cli.app import main; main(sys.argv[1:])"
RACERS = 4
MOST_SECONDS = 60
LOCKED = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest.fixture
def hub(company: Company, database_url: str) -> Path:
    """The configuration of a hub that holds nothing yet."""
    company.config(database_url, "hub")
    return company.folder / "hub.yaml"


@pytest.fixture
def paused(hub: Path) -> Iterator[Any]:
    """A sync that stood still between two pages, as a laptop that was closed or a machine that was suspended."""
    with standing_still(hub, STOPPED_AFTER_A_PAGE) as process:
        yield process


@contextmanager
def standing_still(hub: Path, failpoint: str) -> Iterator[Any]:
    process = start(hub, "first", failpoint)
    deadline = time.monotonic() + MOST_SECONDS
    while state_of(process.pid) != "T":
        assert process.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process
    if process.is_alive():
        process.kill()
    process.join()


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with Database(url).session() as connection:
        return connection.query(statement)


def not_heard_of(url: str) -> None:
    """As if so much time had passed that every lease is stale."""
    with Database(url).session() as connection, connection.transaction():
        connection.execute("UPDATE lease SET renewed_at = '2026-01-01T00:00:00.000000Z' WHERE holder <> ''")


@pytest.mark.fault("F77")
def test_second_sync_says_who_runs_since_when_and_exits_75(
    paused: Any, hub: Path, company: Company, database_url: str
) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    command = [sys.executable, "-c", PROGRAM, "--config", str(hub), "sync"]
    second = subprocess.run(
        command, cwd=company.folder, env=environment, capture_output=True, text=True, check=False
    )
    ((since,),) = query(database_url, "SELECT acquired_at FROM lease WHERE name = 'sync:partner_list'")
    assert second.returncode == 75, second.stderr
    assert f"already running since {since[:10]}" in second.stderr
    assert f"process {paused.pid} on" in second.stderr
    assert query(database_url, "SELECT DISTINCT run_id FROM raw_record") == [("first",)]
    assert query(database_url, "SELECT state FROM sync_run WHERE run_id <> 'first'") == [("skipped",)]


@pytest.mark.fault("F77")
def test_of_many_that_start_at_once_one_works_and_the_others_step_back(
    hub: Path, company: Company, database_url: str
) -> None:
    racers = [start(hub, f"racer-{number}") for number in range(RACERS)]
    codes = sorted(finished(racer, started=True) for racer in racers)
    assert set(codes) <= {0, 75}
    assert 0 in codes
    with Database(database_url).session() as connection:
        assert wrong_with(connection, company.served) == []


@pytest.mark.fault("F78")
def test_paused_sync_that_lost_its_lease_commits_nothing_more(
    paused: Any, hub: Path, company: Company, database_url: str
) -> None:
    not_heard_of(database_url)
    assert sync(company.config(database_url, "hub"), "second") == "complete"
    landed = query(database_url, "SELECT run_id, count(*) FROM raw_record GROUP BY run_id ORDER BY run_id")
    assert [run_id for run_id, _ in landed] == ["first", "second"]
    os.kill(paused.pid, signal.SIGCONT)
    assert finished(paused, started=True) != 0
    assert (
        query(database_url, "SELECT run_id, count(*) FROM raw_record GROUP BY run_id ORDER BY run_id")
        == landed
    )
    with Database(database_url).session() as connection:
        assert wrong_with(connection, company.served) == []


@pytest.mark.fault("F67", "F84")
@pytest.mark.postgres
@pytest.mark.fault("F78")
def test_process_paused_within_a_commit_has_its_sessions_ended(
    company: Company, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = company.config(postgres_url, "within")
    failpoint = "pipelines.land.page.store_page.before_commit:3:sigstop"
    with standing_still(company.folder / "within.yaml", failpoint) as process:
        with Database(postgres_url).session() as connection:
            monkeypatch.setattr(leases, "STALE_AFTER", timedelta(0))
            taken = [leases.acquire(connection, f"sync:{source}") for source in config.sources]
            monkeypatch.undo()
            for lease in taken:
                leases.release(connection, lease)
        os.kill(process.pid, signal.SIGCONT)
        assert finished(process, started=True) != 0
    assert sync(config, "second") == "complete"
    with Database(postgres_url).session() as connection:
        assert wrong_with(connection, company.served) == []


@pytest.mark.fault("F84")
def test_run_that_is_paused_or_killed_is_marked_abandoned_by_whoever_looks(
    paused: Any, database_url: str
) -> None:
    database = Database(database_url)
    assert find_abandoned(database, moment()) == []
    not_heard_of(database_url)
    assert find_abandoned(database, moment()) == ["first"]
    assert query(database_url, "SELECT state FROM sync_run") == [("abandoned",)]
    assert query(database_url, "SELECT 1 FROM stream_run WHERE state = 'running'") == []
    paused.kill()
    paused.join()
    assert sync_can_begin(database)


@pytest.mark.fault("F84")
def test_killed_run_is_marked_abandoned_while_somebody_watches(paused: Any, database_url: str) -> None:
    paused.kill()
    paused.join()
    with watched(database_url, every=0.05):
        deadline = time.monotonic() + MOST_SECONDS
        while query(database_url, "SELECT state FROM sync_run") != [("abandoned",)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_killed_run_is_marked_abandoned_at_once(paused: Any, database_url: str) -> None:
    paused.kill()
    paused.join()
    assert find_abandoned(Database(database_url), moment()) == ["first"]
    assert find_abandoned(Database(database_url), moment()) == []


def sync_can_begin(database: Database) -> bool:
    with database.session() as connection:
        return acquire(connection, "sync:hubspot").token > 1


def test_two_minutes_of_silence_are_the_most() -> None:
    assert STALE_AFTER.total_seconds() + LOOK_SECONDS <= 120


def elsewhere(number: int) -> str:
    return str(Process(number, "another-host", "n", "1"))


def test_holder_on_another_machine_counts_until_it_was_silent_for_too_long(sqlite_url: str) -> None:
    with Database(sqlite_url).session() as connection:
        acquire(connection, "sync:crm", elsewhere(1))
        with pytest.raises(AlreadyRunning, match="process 1 on another-host"):
            acquire(connection, "sync:crm")
        not_heard_of(sqlite_url)
        assert acquire(connection, "sync:crm").token == 2


@pytest.mark.postgres
def test_holder_on_another_machine_whose_session_is_gone_is_not_waited_for(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.session() as connection:
        with database.session() as theirs:
            acquire(theirs, "sync:crm", elsewhere(1))
            with pytest.raises(AlreadyRunning, match="process 1 on another-host"):
                acquire(connection, "sync:crm")
        while connection.query(LOCKED):  # the server ends a session in its own time
            time.sleep(0.02)
        assert acquire(connection, "sync:crm").token == 2


@pytest.mark.fault("F82")
def test_clock_of_this_machine_plays_no_part(database_url: str, frozen_clock: Any) -> None:
    with Database(database_url).session() as connection, Database(database_url).session() as other:
        acquire(connection, "sync:crm", elsewhere(1))
        frozen_clock.shift(3_600)
        with pytest.raises(AlreadyRunning):
            acquire(other, "sync:crm")
