"""How often one address may try something: a bucket that refills, in the memory of one server process.

One process serves one hub; behind several, each counts for itself, and the limit is that many times as high.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED: Final = 10_000
"""Callers at a time; who came longest ago is forgotten first."""


@dataclass(slots=True)
class Throttle:
    """At most `burst` at once, and `per_minute` of them in the long run, for each caller apart."""

    burst: int
    per_minute: float
    clock: Callable[[], float] = time.monotonic
    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, caller: str) -> int:
        """Seconds this caller must wait, rounded up; 0 when they may, which takes one from their bucket."""
        with self.lock:
            now = self.clock()
            tokens, since = self.left.pop(caller, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - since) * self.per_minute / 60)
            allowed = tokens >= 1
            self.left[caller] = (tokens - 1 if allowed else tokens, now)
            while len(self.left) > REMEMBERED:
                self.left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self.per_minute)
