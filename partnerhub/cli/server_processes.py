"""The processes that answer for `partnerhub serve`: several on one socket, each with everything it needs.

Python answers one page at a time in each, so there are as many as cores. Uvicorn keeps them: it starts one that died
again, and one that says nothing any more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

OPEN_STREAMS_SECONDS: Final = 3
"""How long Ctrl-C waits for pages that watch a run."""
SILENT_SECONDS: Final = 30
"""A process that gives no sign of life for so long is ended, and another one started."""
GENTLE_SECONDS: Final = 7.0
"""How long processes may take to end; then they are killed: `partnerhub up` gives all of them eight seconds."""
MOST: Final = 4
"""Processes nobody asked for: each has its own memory, about 150 MB and what it keeps of the warehouse."""


@dataclass(frozen=True, slots=True)
class Answering:
    """What one process needs to know. shared: the folder of what all of them count together; None where it is alone."""

    config_path: Path
    workers: int
    shared: Path | None = None
    debug: bool = False


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usual_workers() -> int:
    """As many as cores, four at most."""
    return min(cores(), MOST)


def answer_on(bound: socket.socket, answering: Answering) -> None:
    """Answer until Ctrl-C or SIGTERM. Exits with 1 where no process could begin."""
    if answering.workers == 1:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(configured(answering)).run(sockets=[bound])
        return
    with TemporaryDirectory(prefix="partnerhub-serve-") as folder:
        shared = Answering(answering.config_path, answering.workers, Path(folder), answering.debug)
        processes = Processes(configured(shared), sockets=[bound])
        processes.run()
    if processes.failed:
        sys.exit(1)


def configured(answering: Answering) -> uvicorn.Config:
    """How each of them answers. The application is made in the process that answers."""
    return uvicorn.Config(
        partial(application, answering), factory=True, workers=answering.workers, log_level="warning",
        server_header=False, proxy_headers=True, timeout_graceful_shutdown=OPEN_STREAMS_SECONDS,
        timeout_worker_healthcheck=SILENT_SECONDS,
    )  # fmt: skip


def application(answering: Answering) -> FastAPI:
    """The pages, in the process that answers."""
    from partnerhub.access.passwords import ROOM
    from partnerhub.cli.invocation import log_to_stderr
    from partnerhub.cli.serving import wiring_of
    from partnerhub.config import load_config
    from partnerhub.web.app import create_app

    if answering.workers > 1:
        log_to_stderr(debug=answering.debug)
        end_with_parent()
        ROOM.share_among(answering.workers)
    return create_app(wiring_of(load_config(answering.config_path, with_settings=False)), answering.shared)


def end_with_parent() -> None:
    """End when the process that started this one is gone, killed even: nobody else would, and the port stay taken."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


class Processes(Multiprocess):
    """Uvicorn's, ended in bounded time."""

    @property
    def failed(self) -> bool:
        """Whether a process could not begin, so that none will."""
        return any(each.exitcode == uvicorn.config.STARTUP_FAILURE for each in self.processes)

    def join_all(self) -> None:
        """Wait for all of them; kill who has not ended: a statement that runs for minutes would hold it up."""
        until = monotonic() + GENTLE_SECONDS
        for each in self.processes:
            each.process.join(max(0.0, until - monotonic()))
            if each.process.is_alive():
                each.process.kill()
                each.process.join()
