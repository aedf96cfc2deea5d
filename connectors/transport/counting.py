"""How many requests a thread has sent and how some of them went: what a stream's reading costs, whatever reads it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

FIRST, LAST, ODD = 3, 3, 6
"""Of the requests of a stream's reading: so many of its beginning, its end, and of those that did not go well."""


class Sent(NamedTuple):
    """One request. at: UTC time it was answered. outcome: the HTTP status, or what kept the answer away.

    milliseconds: until the answer was there. size: bytes of its body.
    """

    at: datetime
    outcome: str
    milliseconds: int
    size: int


@dataclass(slots=True)
class Sample:
    """Some requests of a reading: how it began and ended, those that did not go well, the slowest."""

    first: list[Sent] = field(default_factory=list)
    last: deque[Sent] = field(default_factory=lambda: deque(maxlen=LAST))
    odd: list[Sent] = field(default_factory=list)
    slowest: Sent | None = None

    def add(self, sent: Sent, *, went_well: bool) -> None:
        """One more request."""
        if len(self.first) < FIRST:
            self.first.append(sent)
        self.last.append(sent)
        if not went_well and len(self.odd) < ODD:
            self.odd.append(sent)
        if self.slowest is None or sent.milliseconds > self.slowest.milliseconds:
            self.slowest = sent

    def kept(self) -> list[Sent]:
        """Each of them once, in order of time."""
        every = [*self.first, *self.odd, *self.last, *([self.slowest] if self.slowest else [])]
        return sorted(set(every))


class Counter(threading.local):
    """One count per thread; a source is pulled by one."""

    def __init__(self) -> None:
        """Nothing is sent yet."""
        self.requests = 0
        self.sample = Sample()


SENT: Final = Counter()


def requests_sent() -> int:
    """Requests this thread has sent so far, repeats included."""
    return SENT.requests


def begin_sample() -> None:
    """From now on, what this thread sends is of another reading."""
    SENT.sample = Sample()


def sampled() -> list[Sent]:
    """Some of the requests this thread sent since `begin_sample`, in order of time."""
    return SENT.sample.kept()


def note(outcome: str, seconds: float, size: int = 0, *, went_well: bool = False) -> None:
    """A request of this thread was answered, or will never be."""
    sent = Sent(datetime.now(UTC), outcome, round(1000 * seconds), size)
    SENT.sample.add(sent, went_well=went_well)
