"""What hangs on found issues: comments and changelog entries, by their own endpoints.

A found issue carries its first comments only, cut at a number Jira chooses. Where there are so few that nothing can
have been cut they are taken as they came, which saves a request for most issues; otherwise the issue's comments are
paged. Changes come for a whole page of issues at once. Jira shows nothing of an issue that has become invisible
meanwhile (403, 404); its neighbors go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from connectors.errors import SkipStream
from connectors.jira.client import JiraClient, Reading, Refused, each_dict
from connectors.jira.records import plain_records, with_issue
from connectors.jira.streams import LARGEST_COMMENT_PAGE, LONGEST_UNCUT
from connectors.record import JsonObject, SourceRecord
from connectors.transport import PageGuard, no_progress

LOG = structlog.get_logger(__name__)

COMMENT_FIELDS = ["updated", "comment"]
CHANGELOG_FIELDS = ["updated"]


@dataclass(slots=True)
class Comments:
    """Reads the comments of found issues."""

    client: JiraClient
    page_size: int = LARGEST_COMMENT_PAGE

    def of(self, answer: Reading, horizon: str) -> list[SourceRecord]:
        """Every comment of the issues on a page."""
        records: list[SourceRecord] = []
        refused = 0
        found = [one for one in each_dict(answer.json["issues"]) if one.get("id")]
        for issue in found:
            try:
                items = uncut(issue)
                items = self._paged(str(issue["id"])) if items is None else items
            except Refused:
                raise
            except SkipStream as refusal:
                refused += 1
                LOG.info("comments cannot be read", vendor="Jira", code=refusal.code)
                if refused == len(found) and refusal.code == "forbidden":
                    raise
                continue
            records += plain_records(with_issue(items, str(issue["id"])), horizon)
        return records

    def _paged(self, issue: str) -> list[Any]:
        """All comments of one issue, oldest first, so that new ones join at the end.

        One that is deleted meanwhile moves others across the border between two pages: then all are asked again.
        """
        found: list[Any] = []
        counted = 0
        while True:
            query = {
                "startAt": str(len(found)),
                "maxResults": str(self.page_size),
                "orderBy": "created",
            }
            answer = self.client.get(f"/rest/api/3/issue/{issue}/comment", query, must_list="comments").json
            total = answer.get("total")
            if isinstance(total, int) and total < counted:
                found, counted = [], 0
                continue
            counted = total if isinstance(total, int) else counted
            found += answer["comments"]
            if not answer["comments"]:
                if isinstance(total, int) and total > len(found):
                    raise no_progress("short_listing", "Jira listed fewer comments than it counts.")
                return found
            if isinstance(total, int) and len(found) >= total:
                return found


def uncut(issue: JsonObject) -> list[Any] | None:
    """The comments inside a found issue when they are certain to be all, else None."""
    fields = issue.get("fields")
    inside = fields.get("comment") if isinstance(fields, dict) else None
    items = inside.get("comments") if isinstance(inside, dict) else None
    if not isinstance(inside, dict) or not isinstance(items, list):
        return None
    return items if inside.get("total") == len(items) < LONGEST_UNCUT else None


@dataclass(slots=True)
class Changelog:
    """Reads the changelog of found issues, for a whole page of them at once."""

    client: JiraClient
    page_size: int = 1000

    def of(self, answer: Reading, horizon: str) -> list[SourceRecord]:
        """Every change of the issues on a page: one record for each time somebody saved."""
        ids = [str(one["id"]) for one in each_dict(answer.json["issues"]) if one.get("id")]
        records: list[SourceRecord] = []
        for found in self._fetched(ids) if ids else ():
            for issue in each_dict(found["issueChangeLogs"]):
                changes = issue.get("changeHistories") or []
                records += plain_records(with_issue(changes, str(issue.get("issueId") or "")), horizon)
        return records

    def _fetched(self, ids: list[str]) -> Iterator[JsonObject]:
        guard, token = PageGuard(), ""
        while True:
            body: JsonObject = {"issueIdsOrKeys": ids, "maxResults": self.page_size}
            body |= {"nextPageToken": token} if token else {}
            answer = self.client.read(
                "/rest/api/3/changelog/bulkfetch", body, must_list="issueChangeLogs"
            ).json
            yield answer
            token = str(answer.get("nextPageToken") or "")
            guard.watch(token, records=len(answer["issueChangeLogs"]))
            if not token:
                return
