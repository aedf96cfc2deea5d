"""Run a function in a process of its own, which ends with this one.

Exports read through a second copy of SQLite (`columnar`); in a process that has the hub's own connections open it would
take their locks away. It also gives back what memory it took. The process imports what the function needs and no more:
multiprocessing would import the program again that this one was started as, a command with all its pages.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
KILLED = 1
PROGRAM: Final = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one decides
sys.path[:] = json.loads(sys.argv[1])
from warehouse.exports.apart import answer
answer()
"""

KEEPS_MEMORY: Final = {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "67108864"}
"""Columns come and go by the megabyte: glibc would give each back to the system, which cleans every page again."""


class ProcessLost(WarehouseError):
    """The process that read for this one is gone."""

    def __init__(self, code: int | None) -> None:
        """Say how it ended, as the system says it."""
        super().__init__(
            f"The process that reads the warehouse ended with {code}.",
            "-9 is a system that had no memory left: give it 1 GB, then run this again.",
        )


def apart(work: Callable[..., T], *given: Any) -> T:
    """What a function returns; everything it is given and returns is pickled. Raises what it raises, or ProcessLost.

    The function is of a module with a name, which `__main__` is not.
    """
    call = [sys.executable, "-c", PROGRAM, json.dumps(sys.path)]
    process = subprocess.Popen(  # noqa: S603  # ours
        call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env={**KEEPS_MEMORY, **os.environ}
    )
    with process:
        try:
            said = answer_of(process, pickle.dumps((work, given)))
        finally:
            process.kill()  # it has nothing to say any more, or nobody listens
    if said is None:
        raise ProcessLost(process.returncode)
    is_well, outcome = said
    if is_well:
        found: T = outcome
        return found
    raise outcome


def answer_of(process: Any, task: bytes) -> tuple[bool, Any] | None:
    """What a process made of its task; None where it ended before. Its input stays open: by that it knows us alive."""
    try:
        process.stdin.write(task)
        said: tuple[bool, Any] = pickle.loads(process.stdout.read())  # noqa: S301  # our own
    except (BrokenPipeError, EOFError, pickle.UnpicklingError):
        process.wait()
        return None
    return said


def answer() -> None:
    """What the process does: work, say what came of it, and end."""
    sending = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed meanwhile is no answer
    work, given = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own
    threading.Thread(target=end_with_parent, name="watch-parent", daemon=True).start()
    try:
        outcome = True, work(*given)
    except WarehouseError as error:
        outcome = False, WarehouseError(error.happened, error.do)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other process is told
        outcome = False, carried(error)
    with sending:
        pickle.dump(outcome, sending)


def end_with_parent() -> None:
    """End as soon as the parent is gone, killed even."""
    while os.read(0, 1):
        pass
    os._exit(KILLED)


def carried(error: Exception) -> Exception:
    """An error that can be handed to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # noqa: BLE001  # pickling runs the error's own code
        return RuntimeError(type(error).__name__)
    return error
