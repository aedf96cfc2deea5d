"""What a step tells Dagster when it breaks: an error's class and place, never its text, which may quote a record.

Dagster keeps an exception with all its causes in its event log, and a database or a parser puts the offending row into
its message. The hub's own errors are built from facts that may be shown; all others pass through here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from connectors.errors import SyncError
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.reconnecting import TRIES, connect_patiently, lost
from warehouse.trouble import named

Given = ParamSpec("Given")
Outcome = TypeVar("Outcome")


class StepFailed(Exception):
    """An error of the program's own in a step. `kind` is the class of what was raised, `place` is `file.py:line`."""

    def __init__(self, kind: str, place: str) -> None:
        """Keep both facts."""
        super().__init__(f"{kind} at {place}; its text may quote a record and is left out.")
        self.kind = kind
        self.place = place


def told_by_name(step: Callable[Given, Outcome]) -> Callable[Given, Outcome]:
    """The same step; what it raises is the hub's own error or StepFailed, without any cause that could be stored."""

    @wraps(step)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Outcome:
        try:
            return step(*args, **kwargs)
        except (SyncError, WarehouseError) as error:
            raise error from None
        except Exception as error:  # noqa: BLE001  # raised again, without its text
            trouble = named(error)
            if trouble is not None:
                raise trouble from None
            raise StepFailed(type(error).__name__, place_of(error)).with_traceback(
                error.__traceback__
            ) from None
        except BaseException:  # Dagster cancels a run, or its process is told to end
            if threading.current_thread() is threading.main_thread():
                end_gently(args[0])
            raise

    return guarded


def carried_on(step: Callable[Given, Outcome]) -> Callable[Given, Outcome]:
    """The same step, begun again once the database is back, where it ended a connection in the middle of it.

    For steps that keep what they committed and go on from there; the first thing they are given is the configuration.
    """

    @wraps(step)
    def repeated(*args: Given.args, **kwargs: Given.kwargs) -> Outcome:
        for _ in range(TRIES - 1):
            try:
                return step(*args, **kwargs)
            except Exception as error:
                if not lost(error):
                    raise
            wait_until_back(args[0])
        return step(*args, **kwargs)

    return repeated


def wait_until_back(config: Any) -> None:
    """Return once the warehouse answers. Raises DatabaseUnavailable when it does not."""
    connect_patiently(Database(config.warehouse_url)).close()


def end_gently(config: Any) -> None:
    """Commit what arrived and close the run; a step's process runs nothing else."""
    from pipelines.stopping import wind_down  # its sessions know steps

    wind_down(config.warehouse_url, datetime.now(UTC))


def place_of(error: BaseException) -> str:
    """Where an error was raised: the innermost file and line."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
