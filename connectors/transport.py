"""The one place for retries, waits and the table from what a vendor answers to errors named by remedy.

Belongs here: how often and how long to try again, pacing, reading JSON bodies, guarding against endless paging. Does
not belong here: any vendor's paths or shapes; a connector passes its own reading of an error body (`Refine`).

A vendor client makes one try and returns an `Answer` or raises; `Transport.ask` does the rest. Nothing in here logs or
raises a header, a request or a response body.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import orjson
import structlog
import tenacity
import urllib3.exceptions

from connectors.errors import FixSetup, RefreshAuth, RetryLater, SkipStream, SyncError, WaitForQuota

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
LOG = structlog.get_logger(__name__)

Result = TypeVar("Result")

STOPPING: Final = threading.Event()
"""Set by whoever ends the process early (a signal handler): every wait in any transport then ends at once."""

AGAIN: Final[Mapping[int, str]] = {
    408: "timeout",
    423: "locked",
    425: "too_early",
    429: "throttled",
    477: "vendor_migration",
    500: "server_error",
    502: "bad_gateway",
    503: "unavailable",
    504: "gateway_timeout",
    520: "server_error",
    521: "unavailable",
    522: "timeout",
    523: "unavailable",
    524: "timeout",
}
"""Status → code of answers that may differ next time. Everything else in 5xx counts as `server_error`."""

MOVED: Final = (FixSetup, "redirected", "Set the base URL to the API itself; redirects are not followed.")

REFUSED: Final[Mapping[int, tuple[type[SyncError], str, str]]] = {
    **dict.fromkeys((301, 302, 303, 307, 308), MOVED),
    401: (FixSetup, "unauthorized", "Create a new access token and put it into the source's settings."),
    402: (FixSetup, "payment_required", "Ask who pays for this account: the vendor has paused it."),
    403: (SkipStream, "forbidden", "Grant the credentials permission to read this, or leave it out."),
    404: (SkipStream, "not_found", "Check that this account has such records, or leave the stream out."),
    410: (SkipStream, "gone", "Update Partner Hub: the vendor has withdrawn this part of its API."),
    414: (SkipStream, "request_too_long", "Ask for fewer properties in the source's settings."),
}
"""Status → remedy, code and what to do, for answers that stay the same however often one asks."""

OTHERWISE: Final = (SkipStream, "bad_request", "Report this: the vendor refuses a request of the hub.")

SUCCESS: Final = range(200, 300)

SERVER_ERRORS: Final = range(500, 600)

SENSIBLE_WAIT: Final = 10_000_000.0
"""Seconds in a `Retry-After` beyond which it is nonsense."""

TLS_HINTS: Final = re.compile(r"certificate|SSL|TLS", re.IGNORECASE)


class Answer(NamedTuple):
    """One HTTP answer, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TryAgain(Exception):
    """One try failed in a way that may pass. Never leaves this module: it becomes `RetryLater` when tries run out.

    after: seconds the vendor asked to wait, or None for the hub's own backoff.
    """

    def __init__(self, code: str, happened: str, after: float | None = None) -> None:
        """`happened` holds no body and no header."""
        super().__init__(code, happened)
        self.code = code
        self.happened = happened
        self.after = after


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


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. Seconds throughout.

    tries: requests at most for one answer. deadline: time at most for one answer, waits included. longest_wait: a
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

    @property
    def timeouts(self) -> tuple[float, float]:
        """Connect and read timeout, as vendor SDKs take them."""
        return self.connect_timeout, self.read_timeout


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


class PageGuard:
    """Raises when paging stops getting anywhere: a token seen before, or very many empty pages in a row."""

    def __init__(self, most_empty: int = 1000) -> None:
        """One guard watches one reading."""
        self._seen: set[int] = set()
        self._most_empty = most_empty
        self._empty = 0

    def watch(self, token: object, *, records: int) -> None:
        """Note the token of the next page and how many records this page held; raises `RetryLater`."""
        self._empty = 0 if records else self._empty + 1
        mark = hash(token)
        if mark in self._seen:
            raise no_progress(
                "repeated_page_token", "The vendor handed out a page token it had handed out before."
            )
        if self._empty > self._most_empty:
            raise no_progress("endless_paging", f"The vendor sent {self._empty} empty pages in a row.")
        self._seen.add(mark)


def no_progress(code: str, happened: str) -> RetryLater:
    """The error for paging that goes in circles."""
    return RetryLater(
        code=code,
        do="Nothing to do now: the next sync asks again from the last safe place.",
        happened=happened,
    )


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
            try:
                answer = attempt()
            except (SyncError, TryAgain):
                raise
            except Exception as failure:  # noqa: BLE001 - an SDK may raise anything; bugs are raised again as they are
                raise judge_failure(failure, self.vendor) from None
            if answer.status not in SUCCESS:
                raise self._judge(answer)
            return read(answer)

        return persist(once, self.patience, self.vendor)

    def _judge(self, answer: Answer) -> Exception:
        """The error that one answer outside 2xx means."""
        refined = self.refine(answer) if self.refine else None
        return refined or judge_status(answer, self.vendor, can_refresh=self.can_refresh)


def persist(once: Callable[[], Result], patience: Patience, vendor: str) -> Result:
    """Call `once` until it does not raise `TryAgain`, within the patience. For any protocol, not only HTTP."""
    started = patience.clock()

    def stop(state: tenacity.RetryCallState) -> bool:
        spent = patience.clock() - started + state.upcoming_sleep
        return state.attempt_number >= patience.tries or spent > patience.deadline

    def note(state: tenacity.RetryCallState) -> None:
        code, wait = _failure(state).code, round(state.upcoming_sleep, 3)
        LOG.info(
            "request will be tried again",
            vendor=vendor,
            code=code,
            tried=state.attempt_number,
            wait_seconds=wait,
        )

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TryAgain),
        stop=stop,
        wait=lambda state: _wait_for(_failure(state), state.attempt_number, patience, vendor),
        sleep=patience.sleep,
        before_sleep=note,
        reraise=True,
    )
    try:
        return retrying(once)
    except TryAgain as last:
        raise RetryLater(
            code=last.code,
            do="Nothing to do now: the next sync resumes here. If it stays, look at the vendor's status page.",
            happened=f"{vendor} did not give a usable answer within the tries and time allowed. {last.happened}",
        ) from None


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


def judge_status(answer: Answer, vendor: str, *, can_refresh: bool = False) -> Exception:
    """What a status outside 2xx means, from the tables on top."""
    status = answer.status
    happened = f"{vendor} answered with HTTP status {status}."
    if status in AGAIN or status in SERVER_ERRORS:
        return TryAgain(AGAIN.get(status, "server_error"), happened, retry_after(answer))
    if status == HTTPStatus.UNAUTHORIZED and can_refresh:
        return RefreshAuth(code="token_expired", do="Refresh the access token.", happened=happened)
    remedy, code, do = REFUSED.get(status, OTHERWISE)
    return remedy(code=code, do=do, happened=happened)


def judge_failure(failure: Exception, vendor: str) -> Exception:
    """What an exception without an answer means. Names the kind of failure, never its text (it may hold a URL)."""
    cause = failure.reason if isinstance(failure, urllib3.exceptions.MaxRetryError) else failure
    kind = type(cause).__name__
    if isinstance(cause, urllib3.exceptions.SSLError) or (
        getattr(failure, "status", None) == 0 and TLS_HINTS.search(str(failure))
    ):
        return FixSetup(
            code="tls_untrusted",
            do="Set `ca_bundle` to the certificate authority your network uses; verification is never switched off.",
            happened=f"The encrypted connection to {vendor} could not be verified.",
        )
    if isinstance(cause, (urllib3.exceptions.LocationValueError, urllib3.exceptions.LocationParseError)):
        return FixSetup(
            code="bad_base_url",
            do="Correct the base URL in the source's settings.",
            happened="It is no address.",
        )
    if isinstance(cause, (urllib3.exceptions.HTTPError, OSError, EOFError)):
        code = "timeout" if "Timeout" in kind else "unreachable"
        return TryAgain(code, f"The connection to {vendor} failed ({kind}).")
    return failure


def retry_after(answer: Answer) -> float | None:
    """Seconds of a `Retry-After` header, as a number or an HTTP date; None when absent or nonsense."""
    text = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text else None
    except ValueError:
        seconds = _seconds_until(text, answer)
    return seconds if seconds is not None and 0 <= seconds < SENSIBLE_WAIT else None


def _seconds_until(text: str, answer: Answer) -> float | None:
    """Seconds from the vendor's own now to an HTTP date."""
    try:
        return (parsedate_to_datetime(text) - server_time(answer)).total_seconds()
    except (ValueError, TypeError):
        return None


def server_time(answer: Answer) -> datetime:
    """The vendor's clock from the `Date` header (UTC, whole seconds); raises `TryAgain` when it is missing.

    Never this machine's clock: a cursor that runs ahead of the vendor loses records for good.
    """
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        raise TryAgain("no_server_time", "The answer carried no readable Date header.") from None


def read_json(answer: Answer, *, must_list: str | None = None) -> dict[str, Any]:
    """The JSON object of an answer; `must_list` names a key that must hold a list. Anything else raises `TryAgain`.

    A body that does not parse is a failed try, never the end of the data. Escaped lone surrogates are legal JSON
    and arrive as they are; integers past 64 bits arrive as floats.
    """
    try:
        document = _parse(answer.body)
    except ValueError:
        kind = "html_instead_of_json" if answer.body.lstrip()[:1] == b"<" else "truncated_json"
        raise TryAgain(kind, f"A body of {len(answer.body)} bytes was not JSON.") from None
    if not isinstance(document, dict) or (must_list and not isinstance(document.get(must_list), list)):
        raise TryAgain("unexpected_shape", f"A JSON body lacked the list {must_list!r}.")
    return document


def _parse(body: bytes) -> Any:
    """JSON by orjson; by the slower standard parser where that is stricter than the standard (lone surrogates)."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def encrypted_address(value: str, setting: str) -> str:
    """An address without its last slash. ValueError where a token would travel unencrypted to another machine."""
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"{setting} must begin with https://")
    return value.rstrip("/")
