"""Jira's limits: which of them a refusal names, and what that means for waiting.

A burst passes within seconds, so the same request is tried again. The points of an hour come back with the next one, so
the run ends and says when it is worth going on. Names: developer.atlassian.com, "Rate limiting".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from connectors.errors import WaitForQuota
from connectors.transport import Answer, TryAgain, server_time, told_wait

REASON: Final = "ratelimit-reason"
QUOTA: Final = "-quota-"
"""In the reasons that name the points of an hour: `jira-quota-tenant-based`, `jira-quota-global-based`."""

BURSTS: Final = {
    "jira-burst-based": "asked for the same thing too often within a second",
    "jira-per-issue-on-write": "told too many changes of one issue at once (by somebody else: the hub only reads)",
}

SHORT_WAIT: Final = 60.0
"""Seconds until the next hour that are waited rather than ending the run."""

HOUR: Final = timedelta(hours=1)


def refused_by_limit(answer: Answer) -> Exception | None:
    """The error for a 429 that says which limit it is; None for every other answer."""
    reason = answer.headers.get(REASON, "").strip()
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS or not reason:
        return None
    if QUOTA in reason:
        return _hour_used_up(answer, reason)
    what = BURSTS.get(reason, "asked too much at once")
    allowed = answer.headers.get("x-ratelimit-limit", "").strip()
    limit = f"; it allows {allowed} a second" if allowed.isdecimal() and reason == "jira-burst-based" else ""
    return TryAgain("throttled", f"Jira is {what} ({reason}{limit}).", told_wait(answer))


def _hour_used_up(answer: Answer, reason: str) -> Exception:
    """The points of an hour are used up: by Jira's word when they return, else with the next full hour."""
    now, wait = server_time(answer), told_wait(answer)
    returns = _next_hour(now) if wait is None else now + timedelta(seconds=wait)
    allowed = answer.headers.get("x-ratelimit-limit", "").strip()
    points = f"{int(allowed):,} points" if allowed.isdecimal() else "points"
    happened = f"Jira says that the {points} of this hour are used up ({reason})."
    if returns - now <= timedelta(seconds=SHORT_WAIT):
        return TryAgain("throttled", happened, (returns - now).total_seconds())
    return WaitForQuota(
        code="hourly_limit",
        do="Nothing to do: a sync after that time resumes here. A slower schedule, fewer streams (`leave_out`) or a "
        "rarer complete reading (`full_days`) cost less.",
        happened=happened,
        resumes_at=returns,
    )


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def nearly_used_up(answer: Answer) -> bool:
    """Whether Jira says that less than a fifth of the hour's points is left."""
    return answer.headers.get("x-ratelimit-nearlimit", "").strip().lower() == "true"
