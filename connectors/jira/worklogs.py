"""Reading worklogs: Jira tells the ids of those changed and deleted since a moment, then what the changed ones say.

Jira holds back what changed within the last minute. The cursor is the stamp up to which Jira has told, in milliseconds;
every reading begins `OVERLAP` before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connectors.jira.client import JiraClient, each_dict
from connectors.jira.positions import CLOCK_SLACK, bad_cursor
from connectors.jira.records import plain_records
from connectors.jira.streams import LARGEST_ISSUE_BATCH, LARGEST_WORKLOG_BATCH, OVERLAP, WORKLOGS
from connectors.record import CursorState, JsonObject, Op, Page, SourceRecord, utc_text
from connectors.transport import no_progress

OVERLAP_MS: Final = int(OVERLAP.total_seconds() * 1000)


@dataclass(slots=True)
class WorklogReader:
    """Reads the worklogs of a site. scope: keys or ids of the projects to read; none means all."""

    client: JiraClient
    scope: tuple[str, ...] = ()

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of changed worklogs, then of deleted ones. `full` begins at the first worklog there is.

        Deletions are told by events, so no reading has to prove anything by absence.
        """
        stored = {} if full or cursor is None else positions_in(cursor)
        reached = stored if stored.get("scope", []) == list(self.scope) else {}
        for ids, following, _ in self._told("updated", reached):
            yield Page(WORKLOGS.name, self._worklogs(ids), following)
            reached = following
        for ids, following, last in self._told("deleted", reached):
            records = [deleted(one, stamp) for one, stamp in ids.items()]
            yield Page(WORKLOGS.name, records, following, last=last)

    def _told(self, what: str, position: CursorState) -> Iterator[tuple[dict[str, int], CursorState, bool]]:
        """Ids with stamps of worklogs changed or deleted since, with the position behind each page."""
        since = max(0, int(position.get(what, 0)) - OVERLAP_MS)
        seen: set[tuple[str, int]] = set()
        while True:
            answer = self.client.get(
                f"/rest/api/3/worklog/{what}", {"since": str(since)}, must_list="values"
            ).json
            told = [
                (str(one["worklogId"]), int(one.get("updatedTime") or 0))
                for one in each_dict(answer["values"])
                if one.get("worklogId") is not None
            ]
            until = max([since, *(stamp for _, stamp in told)])
            last = bool(answer.get("lastPage", True)) or not told
            reached = max(until, int(position.get(what, 0)))
            position = {**position, what: reached, **({"scope": list(self.scope)} if self.scope else {})}
            yield {one: stamp for one, stamp in told if (one, stamp) not in seen}, position, last
            if last:
                return
            seen = set(told)
            since = next_since(since, until)

    def _worklogs(self, ids: dict[str, int]) -> list[SourceRecord]:
        """What the worklogs say, in the order Jira told them; those gone meanwhile are left to the deletions."""
        if not ids:
            return []
        items: list[Any] = []
        wanted = list(ids)
        horizon = None
        for start in range(0, len(wanted), LARGEST_WORKLOG_BATCH):
            batch = [int(one) for one in wanted[start : start + LARGEST_WORKLOG_BATCH]]
            answer = self.client.read_list("/rest/api/3/worklog/list", {"ids": batch})
            items += answer.json["values"]
            horizon = answer.at
        items = self._within_scope(items)
        return plain_records(items, utc_text((horizon or datetime.now(UTC)) + CLOCK_SLACK))

    def _within_scope(self, items: list[Any]) -> list[Any]:
        """The worklogs of issues in the chosen projects; all of them where none were chosen."""
        if not self.scope:
            return items
        issues = sorted({str(one["issueId"]) for one in each_dict(items) if one.get("issueId")})
        inside: set[str] = set()
        for start in range(0, len(issues), LARGEST_ISSUE_BATCH):
            body: JsonObject = {
                "issueIdsOrKeys": issues[start : start + LARGEST_ISSUE_BATCH],
                "fields": ["project"],
            }
            answer = self.client.read("/rest/api/3/issue/bulkfetch", body, must_list="issues").json
            for issue in each_dict(answer["issues"]):
                project = (issue.get("fields") or {}).get("project") or {}
                if {str(project.get("id")), str(project.get("key"))} & set(self.scope):
                    inside.add(str(issue.get("id")))
        return [one for one in items if not isinstance(one, dict) or str(one.get("issueId")) in inside]


def next_since(since: int, until: int) -> int:
    """Where the next page begins: one millisecond early, because worklogs of one moment may lie on both pages.

    Raises `RetryLater` when a page that is not the last went no further than it began.
    """
    if until <= since:
        raise no_progress("endless_paging", "Jira sent a page of worklogs that does not end where it began.")
    return until - 1 if until - 1 > since else until


def deleted(one: str, stamp: int) -> SourceRecord:
    """A worklog Jira says was deleted then."""
    version = utc_text(datetime.fromtimestamp(stamp / 1000, UTC)) if stamp else None
    return SourceRecord(one, None, version, Op.DELETE)


def positions_in(cursor: CursorState) -> CursorState:
    """Read a stored cursor; raises `FixSetup` when it is not one of ours."""
    try:
        found: CursorState = {name: int(cursor[name]) for name in ("updated", "deleted") if name in cursor}
        scope = [str(one) for one in cursor.get("scope", [])]
    except (TypeError, ValueError):
        raise bad_cursor() from None
    if set(cursor) - {"updated", "deleted", "scope"}:
        raise bad_cursor()
    return {**found, **({"scope": scope} if scope else {})}
