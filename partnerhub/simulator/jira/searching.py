"""`/search/jql`: bounded queries, page tokens that die, an index that lags."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from partnerhub.simulator.jira.jql import BadQueryError, Query, Surroundings, read_query
from partnerhub.simulator.jira.projection import Projection

if TYPE_CHECKING:
    from partnerhub.simulator.jira.store import Store
    from partnerhub.simulator.world.projects import Issue

MOST_RECONCILED: Final = 50
MOST_IDS, MOST_ISSUES = 5000, 100
TOKEN_LIFE: Final = timedelta(days=7)


@dataclass
class Searcher:
    """Answers searches.

    hidden: keys of projects the account may not browse. empty_first: answer the first page of every search empty, with
    a token. largest_page: issues at most on a page, however many were asked for.
    """

    store: Store
    projection: Projection
    hidden: set[str] = field(default_factory=set)
    empty_first: bool = False
    largest_page: int = MOST_ISSUES
    generation: int = 0

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """One page; raises `BadQueryError`."""
        jql, wanted = str(body.get("jql") or ""), list(body.get("fields") or ["id"])
        reconciled = body.get("reconcileIssues") or []
        if len(reconciled) > MOST_RECONCILED:
            raise BadQueryError("The number of issue ids to reconcile must not exceed 50.")
        found, query = self.found(jql, frozenset(str(one) for one in reconciled))
        start = self._start(body.get("nextPageToken"), jql)
        rest = [one for one in found if start is None or place(one, query) > start]
        size = min(int(body.get("maxResults") or 50), MOST_IDS)
        size = size if wanted == ["id"] else min(size, self.largest_page)
        page = [] if self.empty_first and start is None and rest else rest[:size]
        answer: dict[str, Any] = {"issues": [self.projection.issue(one, wanted) for one in page]}
        if "names" in str(body.get("expand") or ""):
            answer["names"] = self.projection.names()
        answer["isLast"] = len(page) == len(rest)
        if not answer["isLast"]:
            answer["nextPageToken"] = self._token(jql, place(page[-1], query) if page else [])
        return answer

    def found(self, jql: str, reconciled: frozenset[str] = frozenset()) -> tuple[list[Issue], Query]:
        """What a query finds, in its order."""
        visible = {one.id: one for one in self.store.projects.values() if one.key not in self.hidden}
        issues = {one.id: one for one in self.store.issues.values() if one.project_id in visible}
        around = Surroundings(self.store.now, self.projection.zone, visible, issues)
        query = read_query(jql, around)
        shown = [one for one in self.store.found(reconciled) if one.project_id in visible]
        return sorted((one for one in shown if query.matches(one)), key=lambda one: place(one, query)), query

    def _token(self, jql: str, after: list[float]) -> str:
        content = [jql, after, self.store.now.isoformat(), self.generation]
        return urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")

    def _start(self, token: str | None, jql: str) -> list[float] | None:
        """Behind which place a token goes on; raises for one of another search, and for one that is too old."""
        if not token:
            return None
        try:
            of, after, made, generation = orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            age = self.store.now - datetime.fromisoformat(made)
        except ValueError:
            raise BadQueryError("The provided next page token is invalid or expired.") from None
        if of != jql or age > TOKEN_LIFE or generation != self.generation:
            raise BadQueryError("The provided next page token is invalid or expired.")
        return list(after)


def place(issue: Issue, query: Query) -> list[float]:
    """Where an issue stands in a query's order; its id tells equal ones apart."""
    found = []
    for name, descending in (*query.order, ("id", False)):
        dates = {"created": issue.created_at, "updated": issue.updated_at}
        value = dates[name].timestamp() if name in dates else float(issue.id)
        found.append(-value if descending else value)
    return found
