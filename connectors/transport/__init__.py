"""The one place for retries, waits and the table from what a vendor answers to errors named by remedy.

Belongs here: how often and how long to try again, pacing, reading bodies, guarding against endless paging. Does not
belong here: any vendor's paths or shapes; a connector passes its own reading of an error body (`Refine`).

A vendor client makes one try and returns an `Answer` or raises; `Transport.ask` does the rest. Nothing in here logs or
raises a header, a request or a response body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, TypeVar
from urllib.parse import urlsplit

from connectors.errors import SyncError
from connectors.transport.answers import (
    SUCCESS,
    Answer,
    TryAgain,
    judge_failure,
    judge_status,
    read_body,
    read_json,
    retry_after,
    server_time,
    told_wait,
)
from connectors.transport.counting import SENT, begin_sample, note, requests_sent, sampled
from connectors.transport.paging import PageGuard, no_progress
from connectors.transport.waiting import STOPPING, Interrupted, Pace, Patience, persist
from connectors.transport.waits import Wait, heard_by

__all__ = [
    "STOPPING",
    "Answer",
    "Interrupted",
    "Pace",
    "PageGuard",
    "Patience",
    "Refine",
    "Transport",
    "TryAgain",
    "Wait",
    "begin_sample",
    "encrypted_address",
    "heard_by",
    "no_progress",
    "persist",
    "read_body",
    "read_json",
    "requests_sent",
    "retry_after",
    "sampled",
    "server_time",
    "told_wait",
]

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
Result = TypeVar("Result")

Refine = Callable[[Answer], Exception | None]
"""A vendor's reading of its own error body: a better error than the status gives, `TryAgain`, or None."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Asks one vendor until there is a readable answer or a reason named by remedy. Safe to share between threads.

    vendor: the name for sentences (`HubSpot`). can_refresh: whether a 401 can be mended by refreshing a token.
    """

    vendor: str
    patience: Patience = field(default_factory=Patience)
    refine: Refine | None = None
    can_refresh: bool = False

    def ask(self, attempt: Callable[[], Answer], read: Callable[[Answer], Result]) -> Result:
        """Try `attempt` until `read` makes something of its answer.

        Only for requests that may be repeated: reads, and POSTs that are reads in disguise (search, batch read).
        Raises the errors of `connectors.errors`; `RetryLater` when tries or time run out.
        """

        def once() -> Result:
            SENT.requests += 1
            began = monotonic()
            try:
                answer = attempt()
            except (SyncError, TryAgain) as failure:
                note(failure.code, monotonic() - began)
                raise
            except Exception as failure:  # noqa: BLE001 - an SDK may raise anything; bugs are raised again as they are
                note(type(failure).__name__, monotonic() - began)
                raise judge_failure(failure, self.vendor) from None
            went_well = answer.status in SUCCESS
            note(str(answer.status), monotonic() - began, len(answer.body), went_well=went_well)
            if answer.status not in SUCCESS:
                raise self._judge(answer)
            return read(answer)

        return persist(once, self.patience, self.vendor)

    def _judge(self, answer: Answer) -> Exception:
        """The error that one answer outside 2xx means."""
        refined = self.refine(answer) if self.refine else None
        return refined or judge_status(answer, self.vendor, can_refresh=self.can_refresh)


def encrypted_address(value: str, setting: str) -> str:
    """An address without its last slash. ValueError where a token would travel unencrypted to another machine."""
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"{setting} must begin with https://")
    return value.rstrip("/")
