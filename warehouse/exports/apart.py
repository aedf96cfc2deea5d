"""Run a function in a process of its own, which ends with this one.

Exports read through a second copy of SQLite (`columnar`); in a process that has the hub's own connections open it would
take their locks away. It also gives back what memory it took.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, TypeVar

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

T = TypeVar("T")
KILLED = 1


class ProcessLost(WarehouseError):
    """The process that read for this one is gone."""

    def __init__(self, code: int | None) -> None:
        """Say how it ended, as the system says it."""
        super().__init__(
            f"The process that reads the warehouse ended with {code}.",
            "-9 is a system that had no memory left: give it 1 GB, then run this again.",
        )


def apart(work: Callable[..., T], *given: Any) -> T:
    """What a function returns; everything it is given and returns is pickled. Raises what it raises, or ProcessLost."""
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=answer, args=(sending, work, given), name="partnerhub-export")
    process.start()
    sending.close()
    try:
        is_well, outcome = receiving.recv()
    except EOFError:
        process.join()
        raise ProcessLost(process.exitcode) from None
    finally:
        process.kill()  # it has nothing to say any more, or nobody listens
        process.join()
        receiving.close()
    if is_well:
        found: T = outcome
        return found
    raise outcome


def answer(sending: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """What the process does: work, and say what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one decides
    threading.Thread(target=end_with_parent, name="watch-parent", daemon=True).start()
    try:
        outcome = True, work(*given)
    except WarehouseError as error:
        outcome = False, WarehouseError(error.happened, error.do)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other process is told
        outcome = False, carried(error)
    sending.send(outcome)


def end_with_parent() -> None:
    """End as soon as the parent is gone, killed even."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(KILLED)


def carried(error: Exception) -> Exception:
    """An error that can be handed to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # noqa: BLE001  # pickling runs the error's own code
        return RuntimeError(type(error).__name__)
    return error
