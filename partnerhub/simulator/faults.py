"""Declared faults: which request goes wrong, how, and how often. One plan for every vendor, over HTTP and over IMAP.

A plan is data, so a test reads like a sentence: the third search of companies answers 429, twice.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, TypeAlias

import orjson

HttpKind: TypeAlias = Literal[
    "401",
    "403",
    "404",
    "407",
    "429",
    "429_daily",
    "500",
    "502",
    "503",
    "504",
    "truncate",
    "html",
    "reset",
    "short",
    "cut",
    "cut_chunks",
    "empty",
    "error_object",
    "repeat_token",
    "shuffle",
    "twice",
    "gzip_bomb",
    "latency",
    "hang",
    "drip",
    "redirect",
]
"""A status, or what happens to a good answer:

`truncate` its first `after_bytes` as if they were all (half of them unless said), `short` less than announced,
`cut` the connection dies after `after_bytes` of it, `cut_chunks` the same without an announced length, `html` a page
instead of JSON, `empty` no body, `error_object` an error in the body of a 200, `gzip_bomb` many zeros in few bytes,
`repeat_token` the route's first answer again, `shuffle` its items in another order, `twice` each of its items twice;
`reset` the connection dies without an answer, `hang` the same after `seconds`, `latency` the right answer, late, `drip`
the right answer, a byte every `seconds`.
"""

MailKind: TypeAlias = Literal["no", "bad", "bye", "drop"]
"""`no` and `bad` answer the command with that status, `bye` says goodbye and closes, `drop` closes the connection after
`after_bytes` of the answer."""

FaultKind: TypeAlias = HttpKind | MailKind

STATUSES: Final[Mapping[str, int]] = {
    "401": 401,
    "403": 403,
    "404": 404,
    "407": 407,
    "429": 429,
    "429_daily": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "504": 504,
    "redirect": 302,
}

HTML: Final = b"<!doctype html><title>We will be right back</title><p>Setting things up."
ERROR_OBJECT: Final = b'{"status":"error","message":"internal error","correlationId":"c0ffee"}'
BOMB_BYTES: Final = 64 * 2**20
"""What a `gzip_bomb` becomes."""


@dataclass(slots=True)
class Fault:
    """One declared fault.

    where: `METHOD /path`, or a mail command such as `UID FETCH`; with shell wildcards. nth: from which matching request
    on, counted from 1. times: how many requests it strikes. share, seed: strike only this share of them, drawn from the
    seed. retry_after: the header's text or seconds, for statuses. seconds: how late. after_bytes: where an answer ends.
    location: where a `redirect` points. text: what a mail server says. uid: only when this UID is asked for.
    """

    where: str
    kind: FaultKind
    nth: int = 1
    times: int = 1
    retry_after: float | str | None = None
    seconds: float = 0.0
    after_bytes: int | None = None
    location: str = "http://localhost:9/elsewhere"
    share: float = 1.0
    seed: int = 0
    text: str = ""
    uid: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: int = 0
    dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the dice."""
        self.dice = random.Random(self.seed)

    def strikes(self, request: str, uids: frozenset[int] | None = None) -> bool:
        """Count one request and say whether it is hit."""
        if not fnmatchcase(request, self.where) or (self.uid is not None and self.uid not in (uids or ())):
            return False
        self.seen += 1
        due = self.nth <= self.seen < self.nth + self.times
        return due and (self.share >= 1 or self.dice.random() < self.share)


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

    def strike(self, request: str, uids: frozenset[int] | None = None) -> Fault | None:
        """The first fault that hits this request; every matching fault counts it. uids: which mails it asks for."""
        with self.lock:
            hits = [fault for fault in self.faults if fault.strikes(request, uids)]
        return hits[0] if hits else None

    def spoil(self, fault: Fault, request: str, body: bytes) -> bytes:
        """The body of a good answer as the fault leaves it."""
        end = len(body) // 2 if fault.after_bytes is None else fault.after_bytes
        spoilers: Mapping[str, Callable[[], bytes]] = {
            "truncate": lambda: body[:end],
            "html": lambda: HTML,
            "empty": lambda: b"",
            "error_object": lambda: ERROR_OBJECT,
            "repeat_token": lambda: self.previous.get(request, body),
            "shuffle": lambda: with_items(body, lambda items: fault.dice.sample(items, len(items))),
            "twice": lambda: with_items(body, lambda items: [one for item in items for one in (item, item)]),
        }
        return spoilers.get(fault.kind, lambda: body)()


def with_items(body: bytes, change: Callable[[list[Any]], list[Any]]) -> bytes:
    """A JSON body with its list of objects changed; as it was where it holds none."""
    found = orjson.loads(body)
    if isinstance(found, list):
        return orjson.dumps(change(found))
    changed = {
        name: change(value) if isinstance(value, list) and value and isinstance(value[0], dict) else value
        for name, value in found.items()
    }
    return orjson.dumps(changed)
