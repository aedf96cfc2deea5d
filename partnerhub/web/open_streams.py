"""How many live pages are followed at the same time: each asks the warehouse once a second."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from partnerhub.access.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EACH: Final = 6
"""Streams of one person: browsers open no more to one server anyhow, and then their pages hang."""
ALL: Final = 60
LASTS: Final = 90.0
"""Seconds after which a stream counts as over, even where nobody said so; one lasts a minute."""
TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS stream (number INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT, until REAL)"
)


class OpenStreams:
    """The streams of one server, whatever the number of its processes."""

    def __init__(
        self,
        each: int = EACH,
        all: int = ALL,  # noqa: A002  # beside `each`
        clock: Callable[[], float] = time.monotonic,
        file: Path | None = None,
    ) -> None:
        """Count in a file, where several processes count together; else in memory."""
        self.each = each
        self.all = all
        self.clock = clock
        self.streams = Shared(file, TABLE)

    def opened(self, who: str) -> int | None:
        """The number of a new stream of somebody; None where there are enough."""
        with self.streams.alone() as streams:
            now = self.clock()
            streams.execute("DELETE FROM stream WHERE until <= ?", (now,))
            among_all, theirs = streams.execute(
                "SELECT count(*), count(*) FILTER (WHERE who = ?) FROM stream", (who,)
            ).fetchone()
            if among_all >= self.all or theirs >= self.each:
                return None
            made = streams.execute("INSERT INTO stream (who, until) VALUES (?, ?)", (who, now + LASTS))
            return made.lastrowid

    @contextmanager
    def until_closed(self, number: int) -> Iterator[None]:
        """Give the place back at the end."""
        try:
            yield
        finally:
            with self.streams.alone() as streams:
                streams.execute("DELETE FROM stream WHERE number = ?", (number,))
