"""One whole sync without Dagster, in this process or in one that is to die.

Processes are forked from a server that has everything imported: what costs a second and a half once would otherwise
cost it at each of some hundred kills.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from partnerhub.cli import exit_codes
from partnerhub.config import load_config
from pipelines import sessions, steps
from pipelines.reconcile.compare import reconcile
from pipelines.sync import EXIT_CODES
from warehouse import failpoints
from warehouse.errors import AlreadyRunning

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe
    from pathlib import Path

    from partnerhub.config import HubConfig

LONGEST_SECONDS = 120
RECONCILE = "reconcile"
"""As a run id: compare with the sources instead."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.syncing", "tests.crash.warm"])


def sync(config: HubConfig, run_id: str) -> str:
    """Every step a sync has, in order; returns the state of the run."""
    sources = list(config.sources)
    steps.begin(config, run_id)
    try:
        for source in sources:
            steps.pull(config, run_id, source, sources)
        steps.stage(config, run_id)
        steps.resolve(config, run_id)
        steps.make_golden(config, run_id)
        steps.fill_in(config, run_id)
        steps.find_signals(config, run_id)
        return steps.conclude(config, run_id)
    finally:
        sessions.finish(run_id)


class Passages:
    """Counts the failpoints that are passed; stands where an armed one would. moments: each one's processor time."""

    def __init__(self) -> None:
        """None yet."""
        self.counts: Counter[str] = Counter()
        self.moments: list[float] = []

    def reached(self, name: str) -> None:
        """Count one."""
        self.counts[name] += 1
        self.moments.append(time.process_time())


def die_at(config_path: Path, run_id: str, failpoint: str) -> int:
    """Sync in a process with an armed failpoint (`name:nth:action`); returns its exit code, -9 when it was killed."""
    return finished(start(config_path, run_id, failpoint), started=True)


def start(config_path: Path, run_id: str, failpoint: str = "") -> Any:
    """Begin a sync in a process of its own, with a failpoint armed in it; returns the process."""
    process = PROCESSES.Process(target=doomed, args=(str(config_path), run_id, failpoint))
    process.start()
    return process


def doomed(config_path: str, run_id: str, failpoint: str) -> None:
    """The body of that process; it exits as `partnerhub sync` does."""
    failpoints.ARMED = failpoints.armed_by(failpoint)
    os.chdir(os.path.dirname(config_path))  # noqa: PTH120
    config = load_config(config_path)
    try:
        state = reconcile(config, list(config.sources)).state if run_id == RECONCILE else sync(config, run_id)
    except AlreadyRunning:
        sys.exit(exit_codes.RUNNING)
    sys.exit(EXIT_CODES[state])


def passages(config_path: Path, run_id: str) -> Passages:
    """Sync in a process of its own; returns how often each failpoint was passed, and when."""
    receiving, sending = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=counted, args=(str(config_path), run_id, sending))
    process.start()
    sending.close()
    found: Passages = receiving.recv()
    assert finished(process, started=True) == 0
    return found


def counted(config_path: str, run_id: str, told: Pipe[Any, Any]) -> None:
    """The body of that process."""
    seen: Any = Passages()
    failpoints.ARMED = seen
    os.chdir(os.path.dirname(config_path))  # noqa: PTH120
    sync(load_config(config_path), run_id)
    told.send(seen)


def finished(process: Any, *, started: bool = False) -> int:
    """Wait for a process; one that outlasts every patience is killed and fails the test."""
    if not started:
        process.start()
    process.join(LONGEST_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"a sync took longer than {LONGEST_SECONDS} seconds")
    return int(process.exitcode)
