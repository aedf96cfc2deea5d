"""Searching issues: query text, page tokens, and what makes an eventually consistent index lose nothing.

Three things keep the lower bound of an incremental reading true. It is written twice, as minutes before Jira's own now,
which no time zone can shift, and as a date in the account's zone, which does not move while pages are read; either
finds. It lies `OVERLAP` before the last reading began. And the issues that changed last are named to Jira
(`reconcileIssues`), which then answers for them from its database and not from its index.
Limits: developer.atlassian.com, "Issue search" and "Search and reconcile".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from connectors.errors import SkipStream
from connectors.jira.client import JiraClient, Reading, Refused
from connectors.jira.positions import Position, moment, refuse_future
from connectors.jira.records import changed_issues
from connectors.jira.streams import LARGEST_RECONCILED, MINUTE, OVERLAP
from connectors.record import JsonObject
from connectors.transport import PageGuard

LOG = structlog.get_logger(__name__)

PATH: Final = "/rest/api/3/search/jql"

ALL: Final = 'created >= "1970-01-01"'
"""Every issue there is: Jira refuses a query without a bound."""

ORDER: Final = " ORDER BY created ASC, id ASC"
"""By what never changes, so that an edit between two pages moves no issue across their border."""

ReadingKind = Literal["incremental", "full"]


@dataclass(slots=True)
class IssueSearch:
    """Finds the issues of a site. scope: keys or ids of the projects to read; none means all the account may see."""

    client: JiraClient
    scope: tuple[str, ...] = ()
    overlap: timedelta = OVERLAP
    _zone: ZoneInfo | None = None
    _visible: tuple[str, ...] | None = None

    def pages(
        self, position: Position, fields: list[str], size: int
    ) -> Iterator[tuple[Reading, Position, bool]]:
        """Pages from a position on: the answer, the position behind it, whether it was the last.

        A token Jira refuses (they die after seven days) begins the same search anew from its lower bound.
        """
        guard = PageGuard()
        position = self._ready(position)
        while True:
            try:
                answer = self._ask(position, fields, size)
            except Refused as refusal:
                position, guard = self._eased(position, refusal), PageGuard()
                continue
            token = str(answer.json.get("nextPageToken") or "")
            guard.watch(token, records=len(answer.json["issues"]))
            seen = merge_recent(position.seen, changed_issues(answer.json))
            position = replace(position, token=token, seen=seen)
            yield answer, (position if token else position.done()), not token
            if not token:
                return

    def count(self) -> int:
        """How many issues there are, as Jira estimates."""
        body = {"jql": self._within(ALL)}
        return int(self.client.read("/rest/api/3/search/approximate-count", body).json.get("count", 0))

    def missing(self) -> tuple[str, ...]:
        """The projects of the scope that the account cannot see."""
        visible = set(self.visible()) if self.scope else set()
        return tuple(one for one in self.scope if one not in visible)

    def visible(self) -> tuple[str, ...]:
        """The projects of the scope that the account can see, as the scope names them. Asked for once."""
        if self._visible is None:
            known: set[str] = set()
            for answer in project_pages(self.client, 100):
                known |= {str(one.get(name)) for one in answer.json["values"] for name in ("id", "key")}
            self._visible = tuple(one for one in self.scope if one in known)
            for one in sorted(set(self.scope) - set(self._visible)):
                LOG.warning("project cannot be read", vendor="Jira", project=one)
        return self._visible

    def _ready(self, position: Position) -> Position:
        """The position with its start and its query set; its token kept where the query still means the same."""
        now = self.client.now()
        position = position.begun(now)
        if position.since:
            refuse_future(position.since, now)
        if position.phase == "list" or position.since is None:
            return position if position.token else replace(position, jql=self._within(ALL) + ORDER)
        zone = self._account_zone()
        if position.token and zone is not None and zone.key == position.zone:
            return position
        jql = self._changed_since(moment(position.since) - self.overlap, now, zone) + ORDER
        return replace(position, jql=jql, token="", zone=zone.key if zone else "")

    def _changed_since(self, bound: datetime, now: datetime, zone: ZoneInfo | None) -> str:
        """JQL for the issues changed since a moment."""
        minutes = ceil((now - bound) / MINUTE) + 1
        fixed = f' OR updated >= "{local_minute(bound, zone)}"' if zone else ""
        return self._within(f"(updated >= -{minutes}m{fixed})")

    def _within(self, condition: str) -> str:
        """A condition limited to the projects of the scope."""
        if not self.scope:
            return condition
        if not self.visible():
            raise SkipStream(
                code="no_project_visible",
                do="Grant the account *Browse projects* in them, or correct `projects` in the source's settings.",
                happened="Jira shows the account none of the configured projects.",
            )
        return f"project in ({', '.join(quoted(one) for one in self.visible())}) AND {condition}"

    def _account_zone(self) -> ZoneInfo | None:
        """The time zone in which Jira reads dates of this account; None for one nobody here knows."""
        if self._zone is None:
            name = str(self.client.get("/rest/api/3/myself").json.get("timeZone") or "")
            try:
                self._zone = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                return None
        return self._zone

    def _ask(self, position: Position, fields: list[str], size: int) -> Reading:
        body: JsonObject = {"jql": position.jql, "fields": fields, "maxResults": size, "expand": "names"}
        if position.token:
            body["nextPageToken"] = position.token
        if position.recent:
            body["reconcileIssues"] = [int(one) for one in position.recent]
        return self.client.read(PATH, body, must_list="issues")

    def _eased(self, position: Position, refusal: Refused) -> Position:
        """A refused request without what may have made it wrong: its token, its ids, or a project no longer seen.

        Raises the refusal when there was nothing of the kind.
        """
        before, self._visible = self._visible, None
        if position.token:
            LOG.info("page token refused; the search begins anew", vendor="Jira")
            return self._ready(replace(position, token=""))
        if position.recent:
            return replace(position, recent=())
        if self.scope and self.visible() != before:
            return self._ready(position)
        raise refusal


def project_pages(client: JiraClient, size: int) -> Iterator[Reading]:
    """Every project the account may browse."""
    start = 0
    while True:
        query = {"startAt": str(start), "maxResults": str(size), "orderBy": "key"}
        answer = client.get("/rest/api/3/project/search", query, must_list="values")
        yield answer
        start += len(answer.json["values"])
        if answer.json.get("isLast", True) or not answer.json["values"]:
            return


def local_minute(bound: datetime, zone: ZoneInfo) -> str:
    """A moment as JQL writes it in a zone, floored to the minute; earlier by an hour where the clock shows it twice."""
    local = bound.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return (local - timedelta(hours=1) if twice else local).strftime("%Y-%m-%d %H:%M")


def merge_recent(
    known: tuple[tuple[str, str], ...], found: list[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """The issues changed last among those known and found, newest first, as many as may be reconciled."""
    stamps = dict(known)
    for one, changed in found:
        stamps[one] = max(changed, stamps.get(one, ""))
    newest = sorted(stamps.items(), key=lambda pair: (pair[1], int(pair[0])), reverse=True)
    return tuple(newest[:LARGEST_RECONCILED])


def quoted(text: str) -> str:
    """A value as JQL takes it: an id bare, everything else quoted, since a key may be a word of the language."""
    if text.isdecimal():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
