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
    try:
        line = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return ""
    state, *fields = line.rpartition(")")[2].split()
    return "" if state == "Z" else fields[START_TIME]


@cache
def namespace() -> str:
    """The namespace process ids are valid in, with the boot they belong to; empty where the system does not say."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{(PROC / 'self/ns/pid').readlink().name.strip('pid:[]')}.{boot[:8]}"
    except OSError:
        return ""
