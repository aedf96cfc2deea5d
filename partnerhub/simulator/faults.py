"""Declared faults: which request of which route goes wrong, how, and how often. For every vendor served over HTTP.

A plan is data, so a test reads like a sentence: the third search of companies answers 429, twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, Literal

FaultKind = Literal[
    "401",
    "403",
    "404",
    "429",
    "429_daily",
    "500",
    "502",
    "503",
    "truncate",
    "html",
    "reset",
    "short",
    "empty",
    "repeat_token",
    "latency",
    "redirect",
]
"""A status, or: `truncate` half of the body as if it were all, `short` a body shorter than announced, `html` a page
instead of JSON, `reset` the connection dies without an answer, `empty` no body, `repeat_token` the route's first answer
again, `latency` the right answer, late.
"""

STATUSES: Final[Mapping[str, int]] = {
    "401": 401,
    "403": 403,
    "404": 404,
    "429": 429,
    "429_daily": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "redirect": 302,
}

HTML: Final = b"<!doctype html><title>We will be right back</title><p>Setting things up."


@dataclass(slots=True)
class Fault:
    """One declared fault.

    where: `METHOD /path`, with shell wildcards. nth: from which matching request on, counted from 1. times: how many
    requests it strikes. retry_after: the header's text or seconds, for statuses. seconds: how late, for `latency`.
    """

    where: str
    kind: FaultKind
    nth: int = 1
    times: int = 1
    retry_after: float | str | None = None
    seconds: float = 0.0
    seen: int = 0

    def strikes(self, request: str) -> bool:
        """Count one request and say whether it is hit."""
        if not fnmatchcase(request, self.where):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass(slots=True)
class FaultPlan:
    """All declared faults of one server, and the answers that `repeat_token` serves again. Threads may share it."""

    faults: list[Fault] = field(default_factory=list)
    previous: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *faults: Fault) -> None:
        """Declare more faults; each counts requests from now on."""
        with self.lock:
            self.faults.extend(faults)

    def clear(self) -> None:
        """Forget every fault."""
        with self.lock:
            self.faults.clear()

    def strike(self, request: str) -> Fault | None:
        """The first fault that hits this request; every matching fault counts it."""
        with self.lock:
            hits = [fault for fault in self.faults if fault.strikes(request)]
        return hits[0] if hits else None

    def spoil(self, fault: Fault, request: str, body: bytes) -> bytes:
        """The body of a good answer as the fault leaves it."""
        spoilers: Mapping[str, Callable[[], bytes]] = {
            "truncate": lambda: body[: len(body) // 2],
            "html": lambda: HTML,
            "empty": lambda: b"",
            "repeat_token": lambda: self.previous.get(request, body),
        }
        return spoilers.get(fault.kind, lambda: body)()
