"""Which process is at work, in words for people and in numbers that outlive it: does the holder of a lease still run?

A process id alone says little: it is used again after a crash, and means something else in the next container. So a
name also carries the process's start time and its namespace, where the system tells them (Linux; elsewhere the id has
to do).
"""

from __future__ import annotations

import os
import re
import socket
from functools import cache
from pathlib import Path
from typing import NamedTuple

NAME = re.compile(r"process (\d+) on (\S+) \[([^/\]]*)/([^\]]*)\]")
PROC = Path("/proc")
STOPPED = frozenset({"T", "t"})
LONGEST_SESSION_NAME = 63
"""Bytes PostgreSQL keeps of `application_name`."""
START_TIME = 18
"""Index of `starttime` in /proc/PID/stat among what follows the state (proc(5) calls it field 22)."""


class Process(NamedTuple):
    """One process: id, host, the namespace its id is valid in, when it started (clock ticks since boot)."""

    pid: int
    host: str
    namespace: str
    started: str

    def __str__(self) -> str:
        """As stored and shown: `process 17 on web-1 [4026531836/98765]`."""
        return f"process {self.pid} on {self.host} [{self.namespace}/{self.started}]"


def this_process() -> str:
    """The name of the process that calls."""
    return str(Process(os.getpid(), socket.gethostname(), namespace(), start_time(os.getpid())))


def still_runs(name: str) -> bool | None:
    """Whether the named process runs; None when it cannot be known from here (another host, or a name of its own)."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    process = Process(int(found[1]), *found.groups()[1:])
    if (process.host, process.namespace) != (socket.gethostname(), namespace()):
        return None
    return exists(process.pid) and start_time(process.pid) == process.started


def is_awake(name: str) -> bool:
    """Whether a process of this machine is not stopped (SIGSTOP, a debugger); True where the system does not say."""
    found = NAME.fullmatch(name)
    return found is None or state_of(int(found[1])) not in STOPPED


def session_name(name: str) -> str:
    """What a process calls its database sessions, so that another one can find and end them. 63 bytes at most."""
    found = NAME.fullmatch(name)
    return f"partnerhub {found[1]}@{found[2]} {found[4]}"[:LONGEST_SESSION_NAME] if found else name


def exists(pid: int) -> bool:
    """Whether any process has this id now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def start_time(pid: int) -> str:
    """When a process started, in the kernel's own count; empty where the system does not say."""
    state, *fields = status_of(pid)
    return "" if state in {"", "Z"} else fields[START_TIME]


def state_of(pid: int) -> str:
    """The kernel's letter for what a process does: R runs, S sleeps, T is stopped, Z is dead; empty where unknown."""
    return status_of(pid)[0]


def status_of(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat, the state first; one empty text where the system does not say."""
    try:
        line = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return [""]
    return line.rpartition(")")[2].split()


@cache
def namespace() -> str:
    """The namespace process ids are valid in, with the boot they belong to; empty where the system does not say."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{(PROC / 'self/ns/pid').readlink().name.strip('pid:[]')}.{boot[:8]}"
    except OSError:
        return ""
