"""Jira's points of an hour: what a request takes of them, and what the headers say of what is left.

A simulator's site has no such quota until `per_hour` is set; a request then costs a point, whatever it asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from partnerhub.simulator.jira.store import Store

NEAR: Final = 0.2
"""The share of the points below which answers say that the limit is near."""

BURST: Final = 100
"""Requests a second that an endpoint allows."""

LIMIT: Final = "x-ratelimit-limit"
LEFT: Final = "x-ratelimit-remaining"
RESET: Final = "x-ratelimit-reset"
REASON: Final = "ratelimit-reason"


class Points:
    """The points of one site. per_hour: None for no quota. reason: which quota a refusal names."""

    def __init__(self, store: Store) -> None:
        """Counts by the store's clock."""
        self.per_hour: int | None = None
        self.reason = "jira-quota-tenant-based"
        self._store = store
        self._hour = store.now
        self._used = 0

    def take(self) -> bool:
        """Take the point of one request; False when the hour has none left."""
        hour = self._store.now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._used = hour, 0
        self._used += 1
        return self.per_hour is None or self._used <= self.per_hour

    def headers(self, status: int) -> dict[str, str]:
        """What an answer says of the quota."""
        if self.per_hour is None:
            return {}
        left = max(0, self.per_hour - self._used)
        said = {LIMIT: str(self.per_hour), LEFT: str(left)}
        if left < self.per_hour * NEAR:
            said["x-ratelimit-nearlimit"] = "true"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            now, ends = self._store.now, self._hour + timedelta(hours=1)
            said |= {"retry-after": str(int((ends - now).total_seconds())), RESET: iso(ends)}
            said[REASON] = self.reason
        return said


def burst_headers() -> dict[str, str]:
    """What the refusal of a burst says beside its wait."""
    return {LIMIT: str(BURST), LEFT: "0", REASON: "jira-burst-based"}


def iso(when: datetime) -> str:
    """A moment as Jira's headers write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
