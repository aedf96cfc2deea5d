"""What people ask to be run is taken once, begun as the command they would type, and told how it ended.

Also when whoever took it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.record import utc_text
from pipelines import leases
from pipelines.land.runs import finish_run, start_run
from pipelines.supervision import asked
from pipelines.supervision.asked import Taker, taker_at_work, taking
from warehouse.commands.ask_run import Asked, ask_cancel, ask_resume, ask_sync, job_called, take_job
from warehouse.commands.operate import Who, begin_pause
from warehouse.database import Connection, Database
from warehouse.processes import Process, namespace, start_time, this_process

NOW = utc_text(datetime.now(UTC))
LONG_AGO = "2026-01-01T09:00:00.000000Z"
ANA = Who("ana@hub.example", NOW)
DEAD = f"process 4194303 on {os.uname().nodename} [{namespace()}/1]"
COMPLETE: dict[str, Any] = {"run_id": "r", "state": "complete"}
ALREADY = {
    "error": {"code": "already_running", "happened": "A sync of crm is already running.", "do": "Wait."}
}


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(database_url)


@pytest.fixture
def taker(database: Database) -> Iterator[Taker]:
    made = Taker(Path("partnerhub.yaml"), database)
    yield made
    made.end_children()


def says(monkeypatch: pytest.MonkeyPatch, answer: Any, wait: float = 0.0) -> list[tuple[str, str]]:
    """Asked runs print this and end; returns which were begun."""
    begun: list[tuple[str, str]] = []

    def command(config_path: Path, job: dict[str, Any], run_id: str) -> tuple[str, ...]:
        begun.append((job["kind"], job["target"]))
        script = f"import time; time.sleep({wait}); print({json.dumps(json.dumps(answer))})"
        return (sys.executable, "-S", "-c", script)

    monkeypatch.setattr(asked, "command_of", command)
    return begun


def ask(database: Database, source: str = "crm", who: Who = ANA) -> Asked:
    with database.session() as connection, connection.transaction():
        return ask_sync(connection, source, who)


def look(taker: Taker) -> None:
    with taker.database.session() as connection:
        taker.look(connection)


def job(database: Database, job_id: str) -> dict[str, Any]:
    with database.session() as connection:
        return job_called(connection, job_id)


def over(taker: Taker, job_id: str) -> dict[str, Any]:
    """The row once its child has ended."""
    for child in list(taker.children.values()):
        child.process.wait(20)
    look(taker)
    return job(taker.database, job_id)


def seen(what: Callable[[], bool]) -> bool:
    """Whether something comes true within twenty seconds."""
    until = time.monotonic() + 20
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    return what()


def token_of(connection: Connection) -> int:
    """Which of its holders has the lease of whoever takes."""
    found = leases.read(connection, asked.LEASE)
    return found.token if found else 0


def left_behind(database: Database, *, tries: int = 1, taken_at: str = LONG_AGO) -> str:
    """What a killed taker had begun under the run `r1`."""
    made = ask(database)
    with database.session() as connection, connection.transaction():
        connection.execute(
            "UPDATE job SET state = 'running', taken_by = ?, taken_at = ?, run_id = 'r1', tries = ? WHERE job_id = ?",
            (DEAD, taken_at, tries, made.job_id),
        )
    return made.job_id


def test_what_is_asked_for_is_begun_once_and_told_how_it_ended(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = says(monkeypatch, COMPLETE)
    made = ask(database)
    look(taker)
    row = job(database, made.job_id)
    assert (row["state"], row["taken_by"], bool(row["run_id"])) == ("running", this_process(), True)
    row = over(taker, made.job_id)
    assert (row["state"], row["outcome"]) == ("done", "Every stream is complete.")
    assert begun == [("sync", "crm")]


def test_two_who_take_at_the_same_moment_get_it_once(database: Database) -> None:
    made = ask(database)
    with database.session() as connection, connection.transaction():
        taken = [take_job(connection, made.job_id, who, "r1", NOW) for who in ("one", "other")]
    assert taken == [True, False]


def test_a_sync_that_finds_its_source_being_read_is_refused_in_its_words(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ALREADY)
    made = ask(database)
    look(taker)
    row = over(taker, made.job_id)
    assert (row["state"], row["outcome"]) == ("refused", "A sync of crm is already running. Wait.")


def test_an_error_of_the_programs_own_is_told_without_paths_and_options_of_the_machine(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {
        "code": "unexpected",
        "happened": "KeyError in x.py:1.",
        "do": "Run `partnerhub --config /secret sync`.",
    }
    says(monkeypatch, {"error": own})
    made = ask(database)
    look(taker)
    told = over(taker, made.job_id)["outcome"]
    assert (
        told
        == "KeyError in x.py:1. Run `partnerhub sync crm` on the hub's machine, and report what it shows."
    )


def test_a_program_that_dies_without_a_word_is_told_as_failed(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "command_of", lambda *_: (sys.executable, "-S", "-c", "raise SystemExit(9)"))
    made = ask(database)
    look(taker)
    row = over(taker, made.job_id)
    assert row["state"] == "failed"
    assert "ended with 9" in row["outcome"]


def test_what_cannot_be_started_is_told_with_what_to_do(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    says(monkeypatch, COMPLETE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    found = ask(database)
    look(taker)
    told = job(database, found.job_id)
    assert told["state"] == "failed"
    assert told["outcome"].startswith("It cannot be started (No such file or directory). Mend that")


def test_no_more_than_two_run_beside_one_another(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, COMPLETE, wait=30)
    made = [ask(database, source) for source in ("a", "b", "c")]
    look(taker)
    states = sorted(job(database, each.job_id)["state"] for each in made)
    assert states == ["running", "running", "waiting"]


def test_what_is_asked_for_twice_is_refused_and_so_is_a_paused_source(database: Database) -> None:
    ask(database)
    again = ask(database)
    assert (again.state, "ana@hub.example asked for the same" in str(again.outcome)) == ("refused", True)
    with database.session() as connection, connection.transaction():
        begin_pause(connection, "sheet", None, ANA)
    assert "sheet is paused by ana@hub.example" in str(ask(database, "sheet").outcome)


def test_a_source_that_is_being_read_is_refused_with_the_run_to_watch(database: Database) -> None:
    with database.session() as connection:
        start_run(connection, "r1", "cli", NOW)
        connection.execute(
            "INSERT INTO stream_run (run_id, source, stream, state, started_at, pages, read, landed, unchanged,"
            " superseded, quarantined) VALUES ('r1', 'crm', 'deals', 'running', ?, 0, 0, 0, 0, 0, 0)",
            (NOW,),
        )
    made = ask(database)
    assert (made.state, made.instead) == ("refused", "r1")


def test_who_asked_stands_in_the_audit_log(database: Database) -> None:
    made = ask(database)
    with database.session() as connection:
        ((actor, verb, subject, detail),) = connection.query(
            "SELECT e.actor, e.verb, e.subject, o.after_json FROM audit_entry e, operator_act o"
        )
    assert (actor, verb, subject) == ("ana@hub.example", "source.sync", "source:crm")
    assert json.loads(detail)["asked"] == made.job_id


def test_what_a_killed_taker_never_began_is_taken_again(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, COMPLETE)
    job_id = left_behind(database)
    look(taker)
    assert job(database, job_id)["state"] == "waiting"
    look(taker)
    assert over(taker, job_id)["state"] == "done"


def test_what_never_began_in_three_tries_is_told_and_left(database: Database, taker: Taker) -> None:
    job_id = left_behind(database, tries=3)
    look(taker)
    row = job(database, job_id)
    assert row["state"] == "lost"
    assert "`partnerhub doctor`" in row["outcome"]


def test_a_run_that_may_be_about_to_begin_is_left_alone_when_its_taker_was_killed(
    database: Database, taker: Taker
) -> None:
    job_id = left_behind(database, taken_at=utc_text(datetime.now(UTC)))
    look(taker)
    assert job(database, job_id)["state"] == "running"


def test_a_run_cut_off_with_its_taker_is_told_with_what_to_do(database: Database, taker: Taker) -> None:
    job_id = left_behind(database)
    with database.session() as connection:
        start_run(connection, "r1", "asked", NOW)
        finish_run(connection, "r1", "abandoned", NOW)
    look(taker)
    row = job(database, job_id)
    assert row["state"] == "lost"
    assert "`Resume`" in row["outcome"]


def test_what_nobody_took_within_an_hour_is_not_begun_any_more(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = says(monkeypatch, COMPLETE)
    made = ask(database, who=Who("ana@hub.example", LONG_AGO))
    look(taker)
    assert (job(database, made.job_id)["state"], begun) == ("lost", [])


def test_a_run_is_ended_by_telling_its_process(database: Database, taker: Taker) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]) as process:
        holder = str(Process(process.pid, os.uname().nodename, namespace(), start_time(process.pid)))
        with database.session() as connection:
            start_run(connection, "r1", "cli", NOW)
            connection.execute("UPDATE sync_run SET holder = ? WHERE run_id = 'r1'", (holder,))
            made = ask_cancel(connection, "r1", ANA)
        look(taker)
        assert process.wait(10) == -signal.SIGTERM
    assert job(database, made.job_id)["state"] == "done"


def test_a_run_that_is_over_can_neither_be_ended_nor_resumed_for_nothing(database: Database) -> None:
    with database.session() as connection:
        start_run(connection, "r1", "cli", NOW)
        finish_run(connection, "r1", "complete", NOW)
        ended, resumed = ask_cancel(connection, "r1", ANA), ask_resume(connection, "r1", ANA)
    assert (ended.outcome, ended.state) == ("It is not at work.", "refused")
    assert "Nothing of it is left" in str(resumed.outcome)


def test_children_are_told_to_stop_when_their_taker_is(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, COMPLETE, wait=60)
    made = ask(database)
    look(taker)
    began = time.monotonic()
    taker.end_children()
    assert time.monotonic() - began < 5
    assert job(database, made.job_id)["state"] == "failed"


def test_somebody_takes_as_long_as_a_program_is_at_work_and_pages_can_tell(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "LOOK_SECONDS", 0.05)
    says(monkeypatch, COMPLETE)
    with database.session() as connection:
        assert taker_at_work(connection) is None
        with taking(Path("partnerhub.yaml"), database.url):
            made = ask(database)
            assert seen(lambda: job(database, made.job_id)["state"] == "done")
            assert taker_at_work(connection) == this_process()
        assert taker_at_work(connection) is None


def test_who_stands_by_while_the_warehouse_fails_still_tells_how_its_run_ended(
    database: Database, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "STAND_BY_SECONDS", 0.05)
    says(monkeypatch, COMPLETE)
    found = ask(database)
    look(taker)
    done = threading.Event()
    thread = threading.Thread(target=taker.stand_by, args=(done,))
    with leases.held(database, asked.LEASE), database.session() as connection:
        connection.execute("ALTER TABLE job RENAME TO job_away")
        next(iter(taker.children.values())).process.wait(20)
        thread.start()
        thread.join(0.5)
        connection.execute("ALTER TABLE job_away RENAME TO job")
        told = seen(lambda: job(database, found.job_id)["state"] == "done")
    done.set()
    thread.join(10)
    assert told


def test_a_second_program_stands_by_and_takes_when_the_first_is_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "STAND_BY_SECONDS", 0.05)
    done = threading.Event()
    with database.session() as connection:
        held = leases.acquire(connection, asked.LEASE, this_process())
        second = threading.Thread(target=Taker(Path("x"), database).stand_by, args=(done,))
        second.start()
        time.sleep(0.3)
        assert token_of(connection) == held.token
        leases.release(connection, held)
        until = time.monotonic() + 20
        while token_of(connection) == held.token:
            assert time.monotonic() < until
            time.sleep(0.05)
    done.set()
    second.join(20)
