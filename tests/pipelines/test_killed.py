"""kill -9 anywhere: the next sync starts at once, goes on from the committed cursor, loses and doubles nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipelines.land.runs import start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import moment
from pipelines.leases import acquire
from tests.pipelines.dying_sync import PAGES, PER_PAGE, connector
from warehouse.database import Database
from warehouse.errors import AlreadyRunning
from warehouse.processes import Process, start_time, still_runs, this_process

REPOSITORY = Path(__file__).resolve().parents[2]
MOMENTS = [
    ("began", 0.0),
    ("page 2", 0.004),
    ("stored 2", 0.0),
    ("page 3", 0.03),
]
"""Where to kill: a line the process says, and how many seconds later."""


def kill_at(url: str, line: str, delay: float) -> None:
    """Run a sync in another process and kill it at the given point."""
    command = [sys.executable, "-m", "tests.pipelines.dying_sync", url, "killed"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(said for said in iter(process.stdout.readline, "") if said.strip() == line)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    assert said


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with Database(url).session() as connection:
        return connection.query(statement)


def committed(url: str) -> tuple[int, int, int]:
    """Pages the cursor stands for, records in raw, records the run says it landed."""
    states = query(url, "SELECT state_json FROM cursor")
    pages = json.loads(states[0][0])["page"] if states else 0
    ((records,),) = query(url, "SELECT count(*) FROM raw_record")
    ((landed,),) = query(url, "SELECT coalesce(sum(landed), 0) FROM stream_run")
    return pages, records, landed


@pytest.mark.parametrize(("line", "delay"), MOMENTS)
@pytest.mark.fault("F67")
def test_sync_after_a_kill_resumes_and_nothing_is_lost_or_doubled(
    database_url: str, line: str, delay: float
) -> None:
    kill_at(database_url, line, delay)
    pages, records, landed = committed(database_url)
    assert records == landed == pages * PER_PAGE
    with Database(database_url).session() as connection:
        start_run(connection, "next", "cli", moment())
    with LandSession(Database(database_url), [connector()], LandSettings(run_id="next")) as session:
        (result,) = session.wait("crm")
    assert (result.state, result.read) == ("complete", (PAGES - pages) * PER_PAGE)
    assert committed(database_url) == (PAGES, PAGES * PER_PAGE, PAGES * PER_PAGE)
    assert query(database_url, "SELECT count(DISTINCT source_id) FROM raw_record") == [(PAGES * PER_PAGE,)]
    states = dict(query(database_url, "SELECT run_id, state FROM sync_run"))
    assert states == {"killed": "abandoned", "next": "running"}
    assert query(database_url, "SELECT 1 FROM stream_run WHERE run_id = 'killed' AND state = 'running'") == []


def test_killed_while_publishing_frees_the_publication_at_once(database_url: str) -> None:
    gone = Process(2**22 + 1, *parts_of_this_process())
    with Database(database_url).session() as connection:
        acquire(connection, "publish", str(gone))
        assert acquire(connection, "publish").token == 2


def test_lease_of_a_living_process_is_respected(database_url: str) -> None:
    with Database(database_url).session() as connection:
        acquire(connection, "publish", this_process())
        with pytest.raises(AlreadyRunning):
            acquire(connection, "publish")


def test_process_id_that_is_used_again_is_another_process() -> None:
    host, namespace, started = parts_of_this_process()
    assert still_runs(str(Process(os.getpid(), host, namespace, started))) is True
    assert still_runs(str(Process(os.getpid(), host, namespace, "1"))) is False


def test_nothing_is_said_about_a_process_of_another_host_or_container() -> None:
    host, namespace, started = parts_of_this_process()
    assert still_runs(str(Process(2**22 + 1, "elsewhere", namespace, started))) is None
    assert still_runs(str(Process(2**22 + 1, host, "another", started))) is None
    assert still_runs("a test") is None


@pytest.mark.fault("F84")
def test_silent_run_of_another_host_is_abandoned_and_a_busy_one_is_not(database_url: str) -> None:
    with Database(database_url).session() as connection:
        for run_id, host in (("silent", "one"), ("busy", "two")):
            start_run(connection, run_id, "cli", moment())
            holder = str(Process(1, host, "n", "1"))
            connection.execute(
                "UPDATE sync_run SET holder = ?, started_at = '2026-01-01T00:00:00.000000Z' WHERE run_id = ?",
                (holder, run_id),
            )
            if run_id == "busy":
                acquire(connection, "sync:crm", holder)
        start_run(connection, "next", "cli", moment())
        states: dict[str, str] = dict(connection.query("SELECT run_id, state FROM sync_run"))
    assert states == {"silent": "abandoned", "busy": "running", "next": "running"}


def parts_of_this_process() -> tuple[str, str, str]:
    host, inside = this_process().split(" on ")[1].split(" [")
    return host, inside.split("/")[0], start_time(os.getpid())
