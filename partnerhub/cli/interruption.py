"""Ctrl-C or SIGTERM during a sync: what arrived is kept, all is over in seconds, the next one resumes.

The engine runs beside the main thread, because Dagster keeps interrupts to itself until a step is over. Ending in the
middle is safe: pages, cursors and publications commit whole or not at all.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

Outcome = TypeVar("Outcome")
LOOK_SECONDS: Final = 0.5


class Interrupted(BaseException):
    """The engine was left in the middle; its threads still run, so the process must end without waiting for them.

    by: the signal that asked for it.
    """

    def __init__(self, by: signal.Signals = signal.SIGINT) -> None:
        """Keep who asked."""
        super().__init__(by)
        self.by = by


class Terminated(BaseException):
    """SIGTERM arrived; raised in the main thread."""


def interruptible(config: HubConfig, work: Callable[[], Outcome]) -> Outcome:
    """Do the work: its outcome or its error. Ctrl-C and SIGTERM commit what has arrived and raise Interrupted."""
    done: dict[str, Any] = {}

    def keep() -> None:
        try:
            done["outcome"] = work()
        except BaseException as error:  # noqa: BLE001  # raised again in the main thread
            done["error"] = error

    thread = threading.Thread(target=keep, name="sync", daemon=True)
    with terminable():
        try:
            thread.start()
            thread.join()
        except KeyboardInterrupt:
            end_gently(config)
            raise Interrupted from None
        except Terminated:
            end_gently(config)
            raise Interrupted(signal.SIGTERM) from None
    if "error" in done:
        raise done["error"]
    outcome: Outcome = done["outcome"]
    return outcome


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises Terminated in the main thread for the length of a block; elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def raise_terminated(number: int, frame: object) -> None:
        del number, frame
        raise Terminated

    former = signal.signal(signal.SIGTERM, raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def end_gently(config: HubConfig) -> None:
    """Commit what arrived, close the run and let go of its leases, undisturbed; a second Ctrl-C ends it at once."""
    from datetime import UTC, datetime

    from pipelines.stopping import wind_down

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        wind_down(config.warehouse_url, datetime.now(UTC))
    except KeyboardInterrupt:  # whoever presses twice wants out
        return


def end_with(parent: int) -> None:
    """End as by SIGTERM once the process that started this one is gone, killed even: nobody would know of it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def leave(exit_code: int) -> None:
    """End the process without waiting for threads that were left in the middle."""
    import sys

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
