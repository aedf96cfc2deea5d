"""How often and how long to try again, within what pace, and when to stop asking a vendor that does not answer."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog
import tenacity
import urllib3

from connectors.errors import FixSetup, RetryLater, WaitForQuota
from connectors.transport.answers import LASTING, TryAgain
from connectors.transport.waits import Wait, tell

LOG = structlog.get_logger(__name__)

Result = TypeVar("Result")

STOPPING: Final = threading.Event()
"""Set by whoever ends the process early (a signal handler): every wait in any transport then ends at once."""


class Interrupted(RetryLater):
    """The process was asked to stop while a request waited for its next try."""


def wait_interruptibly(seconds: float) -> None:
    """Sleep, unless `STOPPING` is set before the time is over: then raise `Interrupted` at once."""
    if STOPPING.wait(seconds):
        raise Interrupted(
            code="interrupted",
            do="Start the sync again; it resumes where it stopped.",
            happened="The process was asked to stop while a request waited to be tried again.",
        )


MOST_TOLD: Final = 20
"""How often one request may be told to wait, for each try it has."""
LAST_TRIES: Final = 2
"""Tries of a request after another one of the same vendor was given up, until one succeeds."""


@dataclass(slots=True)
class Strain:
    """Whether a vendor was given up on: then the next requests try less, or twenty streams would each wait in vain."""

    given_up: bool = False

    def tries(self, usual: int) -> int:
        """How often to try now."""
        return min(usual, LAST_TRIES) if self.given_up else usual


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. Seconds throughout.

    tries: requests at most for one answer, not counting those that were told how long to wait. deadline: time at most
    for one answer, waits included, and for one body to arrive. longest_wait: a
    vendor's `Retry-After` beyond this ends as `WaitForQuota`. first_wait doubles with each try up to `backoff_cap`,
    with full jitter. sleep, clock and jitter are replaceable so that tests run in milliseconds.
    """

    tries: int = 8
    deadline: float = 600.0
    first_wait: float = 1.0
    backoff_cap: float = 60.0
    longest_wait: float = 120.0
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    sleep: Callable[[float], None] = wait_interruptibly
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    strain: Strain = field(default_factory=Strain, compare=False)

    @property
    def timeouts(self) -> tuple[float, float]:
        """Connect and read timeout, as vendor SDKs take them."""
        return self.connect_timeout, self.read_timeout

    @property
    def timeout(self) -> urllib3.Timeout:
        """The same as urllib3 takes them."""
        return urllib3.Timeout(connect=self.connect_timeout, read=self.read_timeout)


class Pace:
    """A token bucket: at most `burst` requests at once and `per_second` in the long run. Threads may share it."""

    def __init__(self, per_second: float, burst: int, *, patience: Patience | None = None) -> None:
        """`per_second` of 0 means no limit."""
        self._rate = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._patience = patience or Patience()
        self._filled_at = self._patience.clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take one token, sleeping until there is one. Requests in line are served in the order they came."""
        if self._rate <= 0:
            return
        with self._lock:
            now = self._patience.clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            self._tokens -= 1
            debt = -self._tokens / self._rate
        if debt > 0:
            self._patience.sleep(debt)


def persist(once: Callable[[], Result], patience: Patience, vendor: str) -> Result:
    """Call `once` until it does not raise `TryAgain`, within the patience. For any protocol, not only HTTP."""
    started, tries = patience.clock(), patience.strain.tries(patience.tries)
    unasked = 0

    def stop(state: tenacity.RetryCallState) -> bool:
        nonlocal unasked
        unasked += not _failure(state).after
        spent = patience.clock() - started + state.upcoming_sleep
        return unasked >= tries or state.attempt_number >= tries * MOST_TOLD or spent > patience.deadline

    def note(state: tenacity.RetryCallState) -> None:
        failure, wait, tried = _failure(state), round(state.upcoming_sleep, 3), state.attempt_number
        LOG.info(
            "request will be tried again", vendor=vendor, code=failure.code, tried=tried, wait_seconds=wait
        )
        tell(Wait(vendor, datetime.now(UTC) + timedelta(seconds=wait), failure.happened, tried))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TryAgain),
        stop=stop,
        wait=lambda state: _wait_for(_failure(state), state.attempt_number, patience, vendor),
        sleep=patience.sleep,
        before_sleep=note,
        reraise=True,
    )
    try:
        answered = retrying(once)
    except TryAgain as last:
        patience.strain.given_up = True
        raise _given_up(last, vendor) from None
    finally:
        if retrying.statistics.get("attempt_number", 1) > 1:
            tell(None)
    patience.strain.given_up = False
    return answered


def _given_up(last: TryAgain, vendor: str) -> RetryLater | FixSetup:
    """What is said when tries or time ran out: the next sync tries again, or a person has to look."""
    happened = f"{vendor} did not give a usable answer within the tries and time allowed. {last.happened}"
    if last.code in LASTING:
        return FixSetup(code=last.code, do=LASTING[last.code], happened=happened)
    do = "Nothing to do now: the next sync resumes here. If it stays, look at the vendor's status page."
    return RetryLater(code=last.code, do=do, happened=happened)


def _failure(state: tenacity.RetryCallState) -> TryAgain:
    """Why the last try failed; tenacity asks for waits after nothing else."""
    failure = state.outcome.exception() if state.outcome else None
    return failure if isinstance(failure, TryAgain) else TryAgain("unknown", "")


def _wait_for(failure: TryAgain, tried: int, patience: Patience, vendor: str) -> float:
    """Seconds until the next try; raises `WaitForQuota` when the vendor asks for more than the patience allows."""
    if failure.after is None:
        return patience.jitter() * min(patience.backoff_cap, patience.first_wait * 2.0 ** (tried - 1))
    if failure.after <= patience.longest_wait:
        return failure.after
    raise WaitForQuota(
        code="asked_to_wait",
        do="Nothing to do: the next sync after that time resumes here.",
        happened=f"{vendor} asked to wait {failure.after:.0f} seconds.",
        resumes_at=datetime.now(UTC) + timedelta(seconds=failure.after),
    )
