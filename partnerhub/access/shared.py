"""What the server processes of one hub must know of each other at once: small tables of this machine.

Not of the warehouse: it may be busy for minutes with a publication, and all this is of no use once the server ends.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IN_MEMORY: Final = ":memory:"
PATIENCE_SECONDS: Final = 5.0


class Shared:
    """A table in a file that several processes open, or in the memory of one. To be used by many threads at once."""

    def __init__(self, file: Path | None, table: str) -> None:
        """Open it, and make the table where it is not there yet."""
        self.lock = threading.Lock()
        self.raw = sqlite3.connect(
            file or IN_MEMORY, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        # Also when nobody says that the server ends: the driver complains of connections left open.
        weakref.finalize(self, self.raw.close)
        # Neither outlasts the server, so nothing waits for a disk.
        for setting in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY", table):
            self.raw.execute(setting).fetchall()

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """The table, while no other thread and no other process reads or writes it; what raises is taken back."""
        with self.lock:
            self.raw.execute("BEGIN IMMEDIATE")
            try:
                yield self.raw
            except BaseException:
                self.raw.execute("ROLLBACK")
                raise
            self.raw.execute("COMMIT")
