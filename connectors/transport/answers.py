"""What a vendor's answer means: reading its body, its clock and its waits, and errors named by remedy.

Nothing in here logs or raises a header, a request or a response body.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
import urllib3
import urllib3.exceptions

from connectors.errors import FixSetup, RefreshAuth, SkipStream, SyncError

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

ASK_PROXY: Final = "Check the proxy this machine uses (HTTPS_PROXY), or ask who runs it."

REFUSED: Final[Mapping[int, tuple[type[SyncError], str, str]]] = {
    **dict.fromkeys((301, 302, 303, 307, 308), MOVED),
    401: (FixSetup, "unauthorized", "Create a new access token and put it into the source's settings."),
    402: (FixSetup, "payment_required", "Ask who pays for this account: the vendor has paused it."),
    403: (SkipStream, "forbidden", "Grant the credentials permission to read this, or leave it out."),
    404: (SkipStream, "not_found", "Check that this account has such records, or leave the stream out."),
    407: (FixSetup, "proxy_refused", ASK_PROXY),
    410: (SkipStream, "gone", "Update Partner Hub: the vendor has withdrawn this part of its API."),
    414: (SkipStream, "request_too_long", "Ask for fewer properties in the source's settings."),
}
"""Status → remedy, code and what to do, for answers that stay the same however often one asks."""

OTHERWISE: Final = (SkipStream, "bad_request", "Report this: the vendor refuses a request of the hub.")

LASTING: Final[Mapping[str, str]] = {
    "html_instead_of_json": "Find out what answers in place of the API: a proxy, a sign-in page or another base URL.",
    "no_such_host": "Check the base URL in the source's settings, and that this machine can look up names (DNS).",
    "proxy_refused": ASK_PROXY,
}
"""Code of what may pass by itself → what a person can do when it did not, however often it was tried."""

SUCCESS: Final = range(200, 300)

SERVER_ERRORS: Final = range(500, 600)

SENSIBLE_WAIT: Final = 10_000_000.0
"""Seconds in a `Retry-After` beyond which it is nonsense."""

LARGEST_BODY: Final = 256 * 2**20
"""Bytes of one answer once unpacked; pages of records are a few megabytes."""
AT_ONCE: Final = 2**18
"""Bytes unpacked in one go."""

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


def judge_status(answer: Answer, vendor: str, *, can_refresh: bool = False) -> Exception:
    """What a status outside 2xx means, from the tables on top."""
    status = answer.status
    happened = f"{vendor} answered with HTTP status {status}."
    if status in AGAIN or status in SERVER_ERRORS:
        return TryAgain(AGAIN.get(status, "server_error"), happened, told_wait(answer))
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
    if isinstance(cause, urllib3.exceptions.ProxyError):
        return TryAgain("proxy_refused", f"The proxy on the way to {vendor} does not let requests through.")
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        host = getattr(cause, "_host", "") or "its host"
        return TryAgain("no_such_host", f"The name {host} leads to no address.")
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


def told_wait(answer: Answer) -> float | None:
    """Seconds the vendor wants to be left alone: `Retry-After`, else when its window begins anew (429 only)."""
    wait = retry_after(answer)
    if wait is not None or answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        return wait
    window = answer.headers.get("x-hubspot-ratelimit-interval-milliseconds", "").strip()
    if window.isdecimal():
        return int(window) / 1000
    try:
        reset = datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", ""))
        return max(0.0, (reset - server_time(answer)).total_seconds())
    except (ValueError, TypeError, TryAgain):
        return None


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


def read_body(
    response: urllib3.BaseHTTPResponse, seconds: float, clock: Callable[[], float] = time.monotonic
) -> bytes:
    """The whole body, unpacked, within a time and a size, whatever it trickles or swells to.

    Raises `TryAgain` for one that takes too long and `SkipStream` for one that is too large. Silence is the read
    timeout's to end.
    """
    until, parts, size = clock() + seconds, list[bytes](), 0
    try:
        while part := response.read1(AT_ONCE):
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                raise SkipStream(
                    code="answer_too_large",
                    do="Ask for fewer records a page or fewer fields in the source's settings.",
                    happened=f"An answer unpacked to more than {LARGEST_BODY} bytes and was given up.",
                )
            if clock() > until:
                raise TryAgain("timeout", f"A body had not ended after {seconds:.0f} seconds.")
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return b"".join(parts)


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
