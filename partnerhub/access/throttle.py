"""How often one address may try something: a bucket that refills, one for all server processes of a hub."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from partnerhub.access.secrets import kept
from partnerhub.access.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REMEMBERED: Final = 10_000
"""Callers at a time; who came longest ago is forgotten first."""
TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS bucket (caller TEXT PRIMARY KEY, tokens REAL, since REAL) WITHOUT ROWID"
)
FORGET: Final = (
    "DELETE FROM bucket WHERE caller IN (SELECT caller FROM bucket ORDER BY since"
    " LIMIT (SELECT max(0, count(*) - ?) FROM bucket))"
)


class Throttle:
    """At most `burst` at once, and `per_minute` of them in the long run, for each caller apart."""

    def __init__(
        self,
        burst: int,
        per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        file: Path | None = None,
    ) -> None:
        """Count in a file, where several processes count together; else in memory."""
        self.burst = burst
        self.per_minute = per_minute
        self.clock = clock
        self.buckets = Shared(file, TABLE)

    def wait_for(self, caller: str) -> int:
        """Seconds this caller must wait, rounded up; 0 when they may, which takes one from their bucket."""
        who = kept(caller)
        with self.buckets.alone() as buckets:
            now = self.clock()
            found = buckets.execute("SELECT tokens, since FROM bucket WHERE caller = ?", (who,)).fetchone()
            tokens, since = found or (float(self.burst), now)
            tokens = min(float(self.burst), tokens + (now - since) * self.per_minute / 60)
            allowed = tokens >= 1
            left = tokens - 1 if allowed else tokens
            buckets.execute("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?)", (who, left, now))
            buckets.execute(FORGET, (REMEMBERED,))
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self.per_minute)
