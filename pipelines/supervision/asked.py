"""Who takes what people ask to be run: one process of a hub at a time, and each run is a child of it.

The lease `asked` says who takes. A taker that is killed loses it, as does one that was not heard of; its children end
by themselves. Whoever takes next looks at what it left: what never began waits again, of what was cut off it is told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Final
from uuid import uuid4

import structlog

from connectors.record import utc_text
from pipelines import leases
from pipelines.supervision.ending import end_run
from pipelines.supervision.programs import PARTNERHUB
from warehouse.commands import ask_run
from warehouse.database import Database
from warehouse.errors import AlreadyRunning, WarehouseError
from warehouse.processes import still_runs, this_process
from warehouse.queries.asked_runs import open_jobs
from warehouse.queries.runs import run_called

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.database import Connection

log = structlog.get_logger()

LEASE: Final = "asked"
LOOK_SECONDS: Final = 1.0
STAND_BY_SECONDS: Final = 5.0
AT_ONCE: Final = 2
"""Runs beside one another: each is a process of its own, about 250 MB."""
TRIES: Final = 3
BEGINS_WITHIN: Final = timedelta(seconds=30)
"""A run of which nothing is seen so long after its taker was killed never began."""
EXPIRES: Final = timedelta(hours=1)
"""Nobody expects any more that something asked for longer ago is run."""
GENTLE_SECONDS: Final = 7.0
"""How long children may take to end; `partnerhub up` gives all of a program eight seconds."""
NOT_BEGUN: Final = frozenset({"already_running", "paused"})
STATES: Final = {
    "complete": "Every stream is complete.",
    "incomplete": "Not everything is here yet; the next sync goes on from there.",
    "needs_person": "Somebody must act before it can go on: its page says what.",
    "failed": "A stream failed; the others are up to date.",
}
STOPPED: Final = "It was stopped; what arrived until then is kept."
CUT_OFF: Final = "Whoever took it was killed, and the run with it: `Resume` on its page goes on from there."
NEVER_BEGAN: Final = (
    "It was taken three times and never began: `partnerhub doctor` on the hub's machine says why."
)
NOT_STARTED: Final = "It cannot be started ({}). Mend that on the hub's machine, then ask for it again."
TOO_LATE: Final = (
    "Nobody took it within an hour. Ask for it again once `partnerhub up` or `partnerhub serve` is at work."
)


@dataclass(slots=True)
class Child:
    """One asked run at work. said: the file its answer goes to. command: as a person would type it."""

    job_id: str
    run_id: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    command: str


@dataclass(slots=True)
class Taker:
    """Takes what waits, starts it and writes down how it ended. To be used by one thread."""

    config_path: Path
    database: Database
    children: dict[str, Child] = field(default_factory=dict)

    def stand_by(self, done: threading.Event) -> None:
        """Thread body: take as long as nobody else does, until told to stop; then end what is still at work."""
        while not done.is_set():
            try:
                self.take_or_watch(done)
            except Exception as error:  # noqa: BLE001  # whatever it was, the next look may do
                log.warning("asked runs not taken", kind=type(error).__name__)
            done.wait(STAND_BY_SECONDS)
        self.end_children()

    def take_or_watch(self, done: threading.Event) -> None:
        """Take until told to stop or the lease is lost; while another takes, see only to what was begun here."""
        try:
            with leases.held(self.database, LEASE, timedelta()) as lease:
                self.work(done, lease)
        except AlreadyRunning:
            self.reap()

    def work(self, done: threading.Event, lease: leases.Held) -> None:
        """Look once a second, as long as the lease is ours: a restored warehouse knows nothing of it."""
        while not done.is_set():
            with leases.fenced(self.database, lease).session() as connection:
                found = leases.read(connection, LEASE)
                if found is None or found.token != lease.token or found.holder != this_process():
                    return
                self.look(connection)
            done.wait(LOOK_SECONDS)

    def look(self, connection: Connection) -> None:
        """Write down what ended, settle what a killed taker left, take what waits."""
        self.reap()
        now = utc_text(datetime.now(UTC))
        for job in open_jobs(connection):
            if job["state"] == ask_run.RUNNING:
                if job["job_id"] not in self.children:
                    settle(connection, job, now)
            elif job["created_at"] < ago(now, EXPIRES):
                self.close(connection, job["job_id"], ask_run.LOST, TOO_LATE)
            elif job["kind"] == ask_run.CANCEL:
                cancel(connection, job, now)
            elif len(self.children) < AT_ONCE:
                self.start(connection, job, now)

    def start(self, connection: Connection, job: dict[str, Any], now: str) -> None:
        """Take one and start it, unless somebody else did."""
        run_id = str(uuid4())
        with connection.transaction():
            if not ask_run.take_job(connection, job["job_id"], this_process(), run_id, now):
                return
        try:
            self.children[job["job_id"]] = begun(self.config_path, job, run_id)
        except OSError as error:
            words = NOT_STARTED.format(error.strerror or type(error).__name__)
            self.close(connection, job["job_id"], ask_run.FAILED, words)

    def reap(self) -> None:
        """Write down how children ended that have."""
        for child in [each for each in self.children.values() if each.process.poll() is not None]:
            with self.database.session() as connection:
                state, words = outcome_of(child)
                self.close(connection, child.job_id, state, words)
            child.said.close()
            del self.children[child.job_id]

    def close(self, connection: Connection, job_id: str, state: str, words: str) -> None:
        """Say how one ended."""
        with connection.transaction():
            ask_run.close_job(connection, job_id, state, words, utc_text(datetime.now(UTC)))

    def end_children(self) -> None:
        """Tell all to stop, kill who has not in time, and write down how they ended."""
        for child in self.children.values():
            child.process.terminate()
        until = monotonic() + GENTLE_SECONDS
        for child in self.children.values():
            try:
                child.process.wait(max(0.0, until - monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self.reap()


@contextmanager
def taking(config_path: Path, warehouse_url: str) -> Iterator[None]:
    """Take asked runs, or stand by while another process does, from a thread of its own for the length of a block."""
    done = threading.Event()
    taker = Taker(config_path, Database(warehouse_url))
    thread = threading.Thread(target=taker.stand_by, args=(done,), name="asked-runs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(GENTLE_SECONDS + LOOK_SECONDS)


def taker_at_work(connection: Connection) -> str | None:
    """The process that takes asked runs now; None while nobody does. Changes nothing."""
    found = leases.read(connection, LEASE)
    return found.holder if found and leases.is_gone(connection, LEASE) is False else None


def begun(config_path: Path, job: dict[str, Any], run_id: str) -> Child:
    """Start the process of an asked run. Raises OSError where there is no room for it or for what it says."""
    said = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the child has ended
    command = command_of(config_path, job, run_id)
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said)  # noqa: S603  # our own program
    except OSError:
        said.close()
        raise
    return Child(job["job_id"], run_id, process, said, f"partnerhub {job['kind']} {job['target']}")


def command_of(config_path: Path, job: dict[str, Any], run_id: str) -> tuple[str, ...]:
    """The command a person would type, with the id its run gets and whose end is its own."""
    what = ("sync", job["target"]) if job["kind"] == ask_run.SYNC else ("resume", job["target"])
    begun = (sys.executable, "-c", PARTNERHUB, "--config", str(config_path))
    return (*begun, *what, "--asked", run_id, str(os.getpid()), "--json")


def outcome_of(child: Child) -> tuple[str, str]:
    """How an asked run ended, by what its command answered: state and words."""
    child.said.seek(0)
    try:
        answer: dict[str, Any] = json.loads(child.said.read() or b"{}")
    except ValueError:
        answer = {}
    error = answer.get("error")
    if error:
        own = error["code"] == "unexpected"  # its words name the command with all its paths and options
        do = f"Run `{child.command}` on the hub's machine, and report what it shows." if own else error["do"]
        words = f"{error['happened']} {do}".strip()
        if error["code"] in {"stopped", "interrupted"}:
            return ask_run.DONE, STOPPED
        return (ask_run.REFUSED if error["code"] in NOT_BEGUN else ask_run.FAILED), words
    if "state" in answer:
        return ask_run.DONE, STATES.get(answer["state"], f"It is {answer['state']}.")
    if "sources" in answer:
        return ask_run.REFUSED, "Nothing of it is left to be resumed."
    code = child.process.returncode
    return (
        ask_run.FAILED,
        f"It ended with {code} and said nothing: the log of the hub's machine may say more.",
    )


def settle(connection: Connection, job: dict[str, Any], now: str) -> None:
    """Look at a run whose taker is gone: told when it is over; begun anew when it never began."""
    if job["taken_by"] and still_runs(job["taken_by"]):
        return
    found = connection.one("SELECT state FROM sync_run WHERE run_id = ?", (job["run_id"],))
    with connection.transaction():
        if found is None and job["taken_at"] > ago(now, BEGINS_WITHIN):
            return
        if found is None and job["tries"] < TRIES:
            ask_run.put_back(connection, job["job_id"])
        elif found is None:
            ask_run.close_job(connection, job["job_id"], ask_run.LOST, NEVER_BEGAN, now)
        elif found[0] != "running":
            state = ask_run.DONE if found[0] in STATES else ask_run.LOST
            ask_run.close_job(connection, job["job_id"], state, STATES.get(found[0], CUT_OFF), now)


def cancel(connection: Connection, job: dict[str, Any], now: str) -> None:
    """Tell the process of a run to stop, and say so; a run that cannot be reached is told where it is."""
    try:
        end_run(run_called(connection, job["target"]))
        state, words = ask_run.DONE, "It was told to stop, and ends within seconds."
    except WarehouseError as error:
        state, words = ask_run.REFUSED, f"{error.happened} {error.do}"
    with connection.transaction():
        ask_run.close_job(connection, job["job_id"], state, words, now)


def ago(now: str, span: timedelta) -> str:
    """The hub's UTC text of so long before."""
    return utc_text(datetime.fromisoformat(now) - span)
