"""How many live pages are followed at the same time: each asks the warehouse once a second."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EACH: Final = 6
"""Streams of one person: browsers open no more to one server anyhow, and then their pages hang."""
ALL: Final = 60
LASTS: Final = 90.0
"""Seconds after which a stream counts as over, even where nobody said so; one lasts a minute."""


@dataclass(slots=True)
class OpenStreams:
    """The streams of one server process."""

    each: int = EACH
    all: int = ALL
    clock: Callable[[], float] = time.monotonic
    until: defaultdict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0

    def opened(self, who: str) -> int | None:
        """The number of a new stream of somebody; None where there are enough."""
        with self.lock:
            now = self.clock()
            for name in list(self.until):
                self.until[name] = {each: end for each, end in self.until[name].items() if end > now}
                if not self.until[name]:
                    del self.until[name]
            if sum(map(len, self.until.values())) >= self.all or len(self.until.get(who, ())) >= self.each:
                return None
            self.number += 1
            self.until[who][self.number] = now + LASTS
            return self.number

    @contextmanager
    def until_closed(self, who: str, number: int) -> Iterator[None]:
        """Give the place back at the end."""
        try:
            yield
        finally:
            with self.lock:
                self.until.get(who, {}).pop(number, None)
