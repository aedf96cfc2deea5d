"""Programs kept at work: a dead one is started again, what hangs is ended, and all is over within ten seconds."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dagster._core.workspace.load import location_origins_from_yaml_paths

from pipelines.supervision import supervisor as supervision
from pipelines.supervision.programs import Program, free_port, write_workspace
from pipelines.supervision.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 20.0


class Watched:
    """A supervisor at work in a thread, and what it said."""

    def __init__(self, *programs: Program) -> None:
        self.said: list[tuple[str, str]] = []
        self.supervisor = Supervisor(programs, os.environ, lambda name, what: self.said.append((name, what)))
        self.thread = threading.Thread(target=self.supervisor.run, daemon=True)
        self.thread.start()

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def end(self) -> float:
        """Stop everything; how long it took."""
        began = time.monotonic()
        self.supervisor.stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return time.monotonic() - began


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watched]]:
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 0.1)
    made: list[Watched] = []

    def start(*programs: Program) -> Watched:
        made.append(Watched(*programs))
        return made[-1]

    yield start
    for one in made:
        one.end()


def program(name: str, code: str, waits_for: int = 0) -> Program:
    return Program(name, (sys.executable, "-c", code), waits_for)


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (Path("/proc") / str(pid) / "stat").read_text().split()[2] != "Z"


@pytest.mark.fault("F83")
def test_a_program_that_dies_is_started_again_and_said_so(
    watch: Callable[..., Watched], tmp_path: Path
) -> None:
    note = tmp_path / "starts"
    watched = watch(program("frail", f"open({str(note)!r}, 'a').write('x\\n'); raise SystemExit(3)"))
    watched.until(lambda: lines(note) >= 2)
    assert any("ended with 3" in what for _, what in watched.said)


def test_all_end_within_ten_seconds_even_one_that_ignores_the_request(
    watch: Callable[..., Watched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "GENTLE_SECONDS", 1.0)
    note = tmp_path / "pid"
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(note)!r}, 'w').write(str(os.getpid()) + '\\n'); time.sleep(600)"
    )
    watched = watch(program("deaf", deaf))
    watched.until(lambda: lines(note) == 1)
    assert watched.end() < 10
    assert not alive(int(note.read_text()))


def test_what_a_program_started_ends_with_it(watch: Callable[..., Watched], tmp_path: Path) -> None:
    note = tmp_path / "child"
    parent = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(note)!r}, 'w').write(str(child.pid) + '\\n'); time.sleep(600)"
    )
    watched = watch(program("parent", parent))
    watched.until(lambda: lines(note) == 1)
    watched.end()
    watched.until(lambda: not alive(int(note.read_text())))


def test_a_program_waits_for_the_port_it_needs(watch: Callable[..., Watched], tmp_path: Path) -> None:
    note, port = tmp_path / "started", free_port()
    watched = watch(program("late", f"open({str(note)!r}, 'w').write('x\\n')", waits_for=port))
    time.sleep(1)
    assert lines(note) == 0
    listen = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    watch(program("server", listen))
    watched.until(lambda: lines(note) == 1)


def test_a_program_that_cannot_be_started_is_said_and_tried_again(watch: Callable[..., Watched]) -> None:
    watched = watch(Program("missing", ("/no/such/program",)))
    watched.until(lambda: sum("cannot be started" in what for _, what in watched.said) >= 2)


def test_the_scheduler_finds_its_code_by_a_name_that_outlasts_the_port(tmp_path: Path) -> None:
    names = []
    for code_port in (4001, 4002):
        path = write_workspace(tmp_path / "workspace.yaml", code_port)
        (origin,) = location_origins_from_yaml_paths([str(path)])
        names.append((origin.location_name, getattr(origin, "port", None)))
    assert names == [("partnerhub", 4001), ("partnerhub", 4002)]
