"""Ctrl-C during a sync: end at once, let go of what was held, resume with the next one.

The engine runs beside the main thread, because Dagster keeps interrupts to itself until a step is over. Ending in the
middle is safe: pages, cursors and publications commit whole or not at all.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

Outcome = TypeVar("Outcome")


class Interrupted(BaseException):
    """The engine was left in the middle; its threads still run, so the process must end without waiting for them."""


def interruptible(config: HubConfig, work: Callable[[], Outcome]) -> Outcome:
    """Do the work: its outcome or its error. Ctrl-C frees this process's leases and raises Interrupted."""
    done: dict[str, Any] = {}

    def keep() -> None:
        try:
            done["outcome"] = work()
        except BaseException as error:  # noqa: BLE001  # raised again in the main thread
            done["error"] = error

    thread = threading.Thread(target=keep, name="sync", daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        free_leases(config)
        raise Interrupted from None
    if "error" in done:
        raise done["error"]
    outcome: Outcome = done["outcome"]
    return outcome


def free_leases(config: HubConfig) -> None:
    """Let the next sync begin at once. A commit of ours that is still on its way is refused from now on."""
    from pipelines.processes import this_process
    from warehouse.database import Database

    with Database(config.warehouse_url).session() as connection, connection.transaction():
        connection.execute("UPDATE lease SET holder = '' WHERE holder = ?", (this_process(),))


def leave(exit_code: int) -> None:
    """End the process without waiting for threads that were left in the middle."""
    import sys

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
