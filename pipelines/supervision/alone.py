"""One supervisor at a time over a folder with dagster.yaml: two would each run every schedule.

The lock is the system's own, on dagster.yaml itself: it ends with its holder, however that one dies; no file is made.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from warehouse.errors import AlreadyRunning, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKS: Final = Path("/proc/locks")
"""Where Linux lists locks: number, kind, advisory, mode, process, device and inode."""
KIND, PROCESS, PLACE = 1, 4, 5


class AlreadyUp(AlreadyRunning):
    """Another supervisor is at work over the same folder."""

    def __init__(self, home: Path, process: int | None) -> None:
        """process: its id on this machine, where that can be seen."""
        by = f" by process {process}" if process else ""
        stop = f"`kill {process}`" if process else "Ctrl-C where it runs"
        WarehouseError.__init__(
            self,
            f"The schedules of {home} are already kept at work{by}.",
            f"Leave it so; or stop that one ({stop}) and start this again.",
        )
        self.holder, self.since = str(process or ""), ""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Be the only supervisor over `home` for the length of a block. Raises AlreadyUp at once when there is one."""
    with (home / "dagster.yaml").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(home, holder_of(file.fileno())) from None
        except OSError:  # a file system that cannot lock, as some network drives
            pass
        yield


def holder_of(descriptor: int) -> int | None:
    """The process that holds the lock on an open file; None where the system does not say."""
    inode = os.fstat(descriptor).st_ino
    with suppress(OSError, ValueError, IndexError):
        for parts in map(str.split, LOCKS.read_text(encoding="ascii").splitlines()):
            if parts[KIND] == "FLOCK" and parts[PLACE].endswith(f":{inode}"):
                return int(parts[PROCESS])
    return None
