"""Reading projects and users. Few beside the issues and without a cursor of their own: read whole each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connectors.jira.client import JiraClient, each_dict
from connectors.jira.positions import CLOCK_SLACK
from connectors.jira.records import plain_records
from connectors.jira.search import project_pages
from connectors.jira.streams import PROJECTS, USERS
from connectors.record import Page, Remedy, SourceRecord, utc_text
from connectors.transport import PageGuard

DONE: Final = {"phase": "done"}

NOT_VISIBLE: Final = Remedy(
    do="Grant the account *Browse projects* in this project, or take it out of `projects` in the source's settings.",
    happened="The settings name a project that Jira does not show the account; its issues are not read.",
)

PROJECT_PAGE: Final = 100
"""Projects per page (Jira's limit)."""


@dataclass(slots=True)
class ProjectReader:
    """Reads the projects the account may browse. scope: keys or ids to keep; none means all."""

    client: JiraClient
    scope: tuple[str, ...] = ()

    def pull(self) -> Iterator[Page]:
        """All projects; a page behind them says that this was all, and which chosen ones are out of sight."""
        total, seen = None, set[str]()
        for answer in project_pages(self.client, PROJECT_PAGE):
            values = [one for one in answer.json["values"] if self._wanted(one)]
            seen |= {str(one.get(name)) for one in each_dict(values) for name in ("id", "key")}
            total = answer.json.get("total")
            yield Page(PROJECTS.name, plain_records(values, utc_text(answer.at + CLOCK_SLACK)), None, "full")
        missing = [unseen(one) for one in self.scope if one not in seen]
        in_source = total if isinstance(total, int) and not self.scope else None
        yield Page(PROJECTS.name, missing, DONE, "full", last=True, in_source=in_source)

    def _wanted(self, project: object) -> bool:
        if not self.scope or not isinstance(project, dict):
            return True
        return bool({str(project.get("id")), str(project.get("key"))} & set(self.scope))


def unseen(project: str) -> SourceRecord:
    """A project the settings name and the account cannot see: kept as a problem until it can."""
    return SourceRecord(
        f"setting:{project}", {"project": project}, malformed="project_not_visible", remedy=NOT_VISIBLE
    )


@dataclass(slots=True)
class UserReader:
    """Reads the users of the site, those who have left included (`active` is false)."""

    client: JiraClient
    page_size: int = 1000

    def pull(self) -> Iterator[Page]:
        """All users. Jira leaves some out of a page after cutting it, so a short page is not the end."""
        start, guard = 0, PageGuard()
        while True:
            query = {"startAt": str(start), "maxResults": str(self.page_size)}
            answer = self.client.get_list("/rest/api/3/users/search", query)
            values = answer.json["values"]
            records = plain_records(values, utc_text(answer.at + CLOCK_SLACK), key="accountId")
            if not values:
                yield Page(USERS.name, [], DONE, "full", last=True)
                return
            guard.watch(str(values[0]), records=len(values))
            yield Page(USERS.name, records, None, "full")
            start += len(values)
