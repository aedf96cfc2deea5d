"""What Salesforce's error bodies mean: a JSON list of codes, because the status alone does not tell.

A quota that is used up and a missing permission are both 403, an expired query locator and a misspelled field both
400. Codes: SOAP API Developer Guide, "ExceptionCode".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import orjson

from connectors.errors import FixSetup, RetryLater, SkipStream, WaitForQuota
from connectors.transport import Answer, TryAgain, retry_after, server_time

QUOTA: Final = "REQUEST_LIMIT_EXCEEDED"
CONCURRENT: Final = "concurrent"
"""In the message of that code when too many long requests run at once, which passes by itself in seconds."""

PASSING: Final[Mapping[str, str]] = {
    "SERVER_UNAVAILABLE": "unavailable",
    "UNABLE_TO_LOCK_ROW": "locked",
    "UNKNOWN_EXCEPTION": "server_error",
    "TOO_MANY_APEX_REQUESTS": "throttled",
}
"""Salesforce's code → ours, for what may be different next time although the status is 400."""

HIDDEN: Final = frozenset(
    {"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY",
     "INVALID_TYPE_FOR_OPERATION", "FUNCTIONALITY_NOT_ENABLED", "FORBIDDEN"}
)  # fmt: skip
"""Codes for an object the user may not see, or the org does not have: Salesforce does not say which."""

TOO_LONG: Final = frozenset({"QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"})
"""Codes for a query that Salesforce stopped, after two minutes as a rule: asked again it takes as long."""

TOO_MUCH_SHARED: Final = "OPERATION_TOO_LARGE"
"""Tasks and events of a large org, asked for by a user whose right to each has to be worked out."""

NO_API: Final = frozenset(
    {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INVALID_LOGIN", "USER_DISABLED"}
)

SETTING_UP: Final = (406, 420)
"""Statuses of Salesforce's edge while an org is being moved; the body is a page of HTML."""

QUOTA_RETURNS: Final = timedelta(hours=1)
"""The quota counts the last 24 hours, so calls come back bit by bit; asking again sooner is not worth a call."""


class FieldGone(SkipStream):
    """A query named a field that is not there, or no longer visible."""


class QueryTooLong(RetryLater):
    """Salesforce stopped a query that took it too long; the same for a shorter span may do."""


class TooMuchShared(SkipStream):
    """Salesforce gave up working out which of so many records the user may see; fewer at a time may do."""


class LocatorGone(RetryLater):
    """The place in a query's result is forgotten: it expired, or belonged to an earlier session."""


def refine(answer: Answer) -> Exception | None:
    """The error that Salesforce's own code means; None where the status says it all."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return None
    code, message = code_in(answer.body)
    if code == QUOTA:
        return _quota(answer, message)
    if code in PASSING or answer.status in SETTING_UP:
        return TryAgain(PASSING.get(code, "unavailable"), f"Salesforce answered {code or answer.status}.")
    if about_query := _about_query(code):
        return about_query
    if code in NO_API:
        return FixSetup(
            code="api_disabled",
            do="Use an edition with API access, and give the user's profile the permission API Enabled.",
            happened=f"Salesforce answered {code}.",
        )
    hidden = code in HIDDEN or answer.status == HTTPStatus.FORBIDDEN
    return hidden_object() if hidden else None


def _about_query(code: str) -> Exception | None:
    """The error for a query that cannot be answered as it is; None for other codes."""
    if code == "INVALID_FIELD":
        return FieldGone(
            code="field_gone",
            do="Nothing to do: the next sync reads the fields there are.",
            happened="Salesforce no longer knows a field it had described.",
        )
    if code == "INVALID_QUERY_LOCATOR":
        return LocatorGone(
            code="locator_expired",
            do="Nothing to do: the next sync goes on from the last stored record.",
            happened="Salesforce forgot the place in a query's result again and again.",
        )
    if code in TOO_LONG:
        return QueryTooLong(
            code="query_too_long",
            do="Nothing to do now: the next sync resumes here. If it stays, ask Salesforce to index the object's "
            "SystemModstamp, or leave the object out (`leave_out`).",
            happened=f"Salesforce stops the query ({code}), however short the span it is asked for.",
        )
    if code == TOO_MUCH_SHARED:
        return TooMuchShared(
            code="too_much_shared",
            do="Give the integration user a permission set with View All Data, or leave the object out.",
            happened="Salesforce gives up working out which of so many records the user may see.",
        )
    return None


def hidden_object() -> SkipStream:
    """The error for an object that cannot be read; the stream says which."""
    return SkipStream(
        code="forbidden",
        do="Give the integration user a permission set with Read (better: View All) on this object, or leave it out.",
        happened="Salesforce says that there is no such object, or that the user may not read it.",
    )


def _quota(answer: Answer, message: str) -> Exception:
    """Too much at once passes in seconds; too much a day does not."""
    throttled = answer.status == HTTPStatus.TOO_MANY_REQUESTS and "TOTALREQUESTS" not in message.upper()
    if throttled or CONCURRENT in message.lower():
        return TryAgain("throttled", "Salesforce is asked too much at once.", retry_after(answer))
    return daily_limit(answer, "Salesforce says that the org's API calls of 24 hours are used up.")


def daily_limit(answer: Answer, happened: str) -> WaitForQuota:
    """The error for a day's calls used up."""
    wait = retry_after(answer)
    return WaitForQuota(
        code="daily_limit",
        do="Nothing to do: a later sync goes on here. Fewer streams or a slower schedule help.",
        happened=happened,
        resumes_at=server_time(answer) + (QUOTA_RETURNS if wait is None else timedelta(seconds=wait)),
    )


def code_in(body: bytes) -> tuple[str, str]:
    """(errorCode, message) of an error body; empty texts when it is something else. The message is never shown."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict):
        return "", ""
    return str(first.get("errorCode") or first.get("error") or ""), str(
        first.get("message") or first.get("error_description") or ""
    )
