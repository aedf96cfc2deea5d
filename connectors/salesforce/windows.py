"""Asking for less at a time: where Salesforce gives up on a query, half of its window is asked, then the other half."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from connectors.salesforce.answers import QueryTooLong, TooMuchShared
from connectors.salesforce.positions import literal
from connectors.salesforce.streams import STAMP_PRECISION

TOO_MUCH: Final = (QueryTooLong, TooMuchShared)
"""What half the window may be spared."""

LEAST_SPAN: Final = STAMP_PRECISION
"""The shortest window there is to ask for; what is too much even of one moment is told by remedy."""

BEGINNING: Final = datetime(1999, 1, 1, tzinfo=UTC)
"""Where halving begins when nothing was read yet. Older stamps still fall into the first window: it has no start."""


@dataclass(slots=True)
class Windows:
    """The spans of one reading, oldest first; to begin with one without an end.

    stamp: the field that orders the object by time. now: Salesforce's clock, where halving the last window ends; that
    window stays without an end. start: where the present window starts, None where it has no start. ends: of the
    present window and those after it, the nearest last; the very last window has none.
    """

    stamp: str
    now: datetime
    start: datetime | None = None
    ends: list[datetime] = field(default_factory=list)

    def conditions(self) -> list[str]:
        """The present window in SOQL."""
        after = [f"{self.stamp} >= {literal(self.start)}"] if self.start else []
        before = [f"{self.stamp} < {literal(self.ends[-1])}"] if self.ends else []
        return after + before

    def halve(self, reached: datetime | None) -> bool:
        """Make the earlier half of what is left of the present window the present one; False where there is no half.

        reached: the stamp up to which it was read, or before which nothing is asked.
        """
        start = max((one for one in (reached, self.start) if one), default=BEGINNING)
        end = self.ends[-1] if self.ends else self.now
        if not self.stamp or end - start < 2 * LEAST_SPAN:
            return False
        self.ends.append((start + (end - start) / 2).replace(microsecond=0))
        return True

    def passed(self) -> bool:
        """Go on to the next window; False when the present one was the last."""
        if not self.ends:
            return False
        self.start = self.ends.pop()
        return True
