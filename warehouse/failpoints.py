"""Failpoints: before and after every commit, a test may let this process die, fail, stand still or run out of disk.

`PARTNERHUB_FAILPOINT=name:nth:action` arms one of them when the process starts; without it nothing is looked up but one
name that is None. A commit site is called after the function whose transaction it is, so a new one has its failpoints
without being told: `pipelines.land.page.store_page.before_commit` (everything is written, nothing committed) and
`….after_commit` (committed, nobody knows yet). `nth` counts from 1; `*` for the name counts every failpoint.

Actions: `sigkill` ends the process at once, `sigstop` stops it until SIGCONT, `raise` raises FailpointReached,
`enospc` raises the operating system's "no space left on device", `sleep` waits for a minute.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

VARIABLE: Final = "PARTNERHUB_FAILPOINT"
BEFORE, AFTER = "before_commit", "after_commit"
EVERY: Final = "*"
SLEEP_SECONDS: Final = 60.0
THROUGH: Final = frozenset({Path(__file__).with_name("database.py").as_posix()})
"""Files whose functions only pass a transaction on."""


class FailpointReached(Exception):
    """A failpoint armed with `raise`."""


class BadFailpoint(ValueError):
    """The environment names a failpoint in a form that cannot be read."""

    def __init__(self, said: str) -> None:
        """`said` is what the environment holds."""
        super().__init__(f"{VARIABLE}={said}: write name:nth:action, with one of {', '.join(ACTIONS)}.")


def end_at_once() -> None:
    """SIGKILL: nothing is flushed, no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """SIGSTOP, until somebody sends SIGCONT.

    The signal may reach another thread first; this one waits for it, or it would begin its next transaction meanwhile.
    """
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(STOPPED_BY_THEN)


def fail() -> None:
    """An error of no kind the hub knows."""
    raise FailpointReached


def fill_the_disk() -> None:
    """What a write says when the disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def wait() -> None:
    """Long enough to be seen waiting."""
    time.sleep(SLEEP_SECONDS)


STOPPED_BY_THEN: Final = 0.5
"""Seconds within which the whole process stands still."""

ACTIONS: Final[Mapping[str, Callable[[], None]]] = {
    "sigkill": end_at_once,
    "sigstop": stand_still,
    "raise": fail,
    "enospc": fill_the_disk,
    "sleep": wait,
}


@dataclass(slots=True)
class Armed:
    """One failpoint that is waiting for its turn. Threads may share it."""

    name: str
    nth: int
    action: Callable[[], None]
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reached(self, name: str) -> None:
        """Count one passage; act on the one that was asked for."""
        if self.name not in (name, EVERY):
            return
        with self.lock:
            self.seen += 1
            its_turn = self.seen == self.nth
        if its_turn:
            self.action()


def armed_by(said: str | None) -> Armed | None:
    """What the environment arms; None when it arms nothing. Raises BadFailpoint."""
    if not said:
        return None
    parts = said.split(":")
    if len(parts) != len(("name", "nth", "action")) or not parts[1].isdecimal() or parts[2] not in ACTIONS:
        raise BadFailpoint(said)
    return Armed(parts[0], int(parts[1]), ACTIONS[parts[2]])


ARMED: Armed | None = armed_by(os.environ.get(VARIABLE))


def reach(name: str) -> None:
    """A failpoint that is no commit. Nothing happens unless it is armed and its turn has come."""
    if ARMED is not None:
        ARMED.reached(name)


def site() -> str:
    """The commit site that is being entered: module and function of whoever opens the transaction."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the documented way to look up the stack
    while frame is not None and is_passing_on(frame):
        frame = frame.f_back
    if frame is None:
        return ""
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname.replace('<locals>.', '')}"


def is_passing_on(frame: FrameType) -> bool:
    """Whether a frame is contextlib's or the database's own."""
    name = frame.f_code.co_filename
    return name in THROUGH or name == CONTEXTLIB


CONTEXTLIB: Final = sys.modules["contextlib"].__file__ if "contextlib" in sys.modules else ""
