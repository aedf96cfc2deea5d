"""Start programs, start a dead one again, stop them all within ten seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from pipelines.supervision.programs import Program, answers

LOOK_EVERY: Final = 0.25
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
STEADY_AFTER: Final = 60.0
"""A program that ran so long died of something new: the next pause is short again."""
GENTLE_SECONDS: Final = 8.0
"""How long programs may take to end after SIGTERM; then they are killed, so that all is over within ten seconds."""

Say = Callable[[str, str], None]
"""Called with a program's name and what happened to it."""


@dataclass(slots=True)
class Kept:
    """One program at work, or waiting to be started. starts: how often it was started."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0
    starts: int = 0


@dataclass(slots=True)
class Supervisor:
    """Keeps programs at work until told to stop. One thread calls `run`; `stop` may be called from any, or a signal."""

    programs: Sequence[Program]
    environment: Mapping[str, str]
    say: Say
    stopping: threading.Event = field(default_factory=threading.Event)
    kept: list[Kept] = field(default_factory=list)

    def run(self) -> None:
        """Start all and watch them; returns when all have ended after `stop`."""
        self.kept = [Kept(program) for program in self.programs]
        try:
            while not self.stopping.is_set():
                for one in self.kept:
                    self.look_after(one)
                self.stopping.wait(LOOK_EVERY)
        finally:
            self.end_all()

    def stop(self) -> None:
        """End everything soon; calling twice is harmless."""
        self.stopping.set()

    def look_after(self, one: Kept) -> None:
        """Start what waits and may; note what died and when it is started again."""
        now = monotonic()
        if one.process is None:
            if now >= one.start_at and (not one.program.waits_for or answers(one.program.waits_for)):
                self.start(one)
            return
        code = one.process.poll()
        if code is None:
            return
        one.pause = FIRST_PAUSE if now - one.started_at > STEADY_AFTER else longer(one.pause)
        one.process, one.start_at = None, now + one.pause
        self.say(one.program.name, f"ended with {code}; it is started again in {one.pause:.0f} s")

    def start(self, one: Kept) -> None:
        """Start one program in a process group of its own, so that what it starts ends with it."""
        try:
            one.process = subprocess.Popen(  # noqa: S603  # our own programs, by the interpreter that runs this
                one.program.command, env=dict(self.environment), start_new_session=True
            )
        except OSError as error:
            one.pause = longer(one.pause)
            one.start_at = monotonic() + one.pause
            self.say(
                one.program.name, f"cannot be started ({error.strerror}); tried again in {one.pause:.0f} s"
            )
            return
        one.started_at, one.starts = monotonic(), one.starts + 1
        self.say(one.program.name, "started" if one.starts == 1 else "started again")

    def end_all(self) -> None:
        """Ask every program to end, the last started first; kill what has not after `GENTLE_SECONDS`."""
        alive = [one.process for one in reversed(self.kept) if one.process and one.process.poll() is None]
        for process in alive:
            signal_group(process, signal.SIGTERM)
        deadline = monotonic() + GENTLE_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                signal_group(process, signal.SIGKILL)
                process.wait()
        for process in alive:
            signal_group(process, signal.SIGKILL)  # what a program left behind in its group


def longer(pause: float) -> float:
    """The next pause after one that was too short."""
    return min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a program and all it started."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return
