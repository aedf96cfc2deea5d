"""Reading what is listed whole each time (the workspace, users, projects) and what belongs to projects alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.asana.client import AsanaClient
from connectors.asana.positions import Progress, moment
from connectors.asana.records import gid_of, records_of
from connectors.asana.streams import OVERLAP
from connectors.asana.sweep import Project, Scope, Sweep
from connectors.record import Page, SourceRecord, utc_text

PATHS = {"project_memberships": "project_memberships", "sections": "sections"}


@dataclass(slots=True)
class ListReader:
    """Reads one list from beginning to end, whatever was read before: a few pages, and deletions show by absence."""

    client: AsanaClient
    stream: str
    scope: Scope
    fields: str

    def pull(self) -> Iterator[Page]:
        """Pages of the whole list."""
        if self.stream == "workspaces":
            answer = self.client.get(f"/workspaces/{self.scope.workspace}", {"opt_fields": self.fields})
            records = records_of([answer.json["data"]], None, answer.at)
            yield Page(self.stream, records, {"read_at": utc_text(answer.at)}, "full", last=True)
            return
        stamp = "modified_at" if self.stream == "projects" else None
        scope = self.scope.query() if self.stream == "projects" else {"workspace": self.scope.workspace}
        held: Page | None = None
        for answer in self.client.pages(f"/{self.stream}", {**scope, "opt_fields": self.fields}):
            if held:
                yield held
            items = [item for item in answer.json["data"] if gid_of(item) not in self.scope.leave_out]
            held = Page(
                self.stream, records_of(items, stamp, answer.at), {"read_at": utc_text(answer.at)}, "full"
            )
        if held:
            yield held._replace(last=True)


@dataclass(slots=True)
class PartSweep(Sweep):
    """Memberships or sections: of projects that changed, and of all at intervals.

    Asana does not say whether adding a member or renaming a section changes the project's modification time.
    """

    def read(self, project: Project, progress: Progress) -> Iterator[SourceRecord]:
        """All of one project, or none when it has not changed."""
        since = progress.of(project.gid).since
        changed = project.modified_at
        if not progress.whole and since and changed and changed < utc_text(moment(since) - OVERLAP):
            return
        path = f"/projects/{project.gid}/{PATHS[self.stream]}"
        for answer in self.client.pages(path, {"opt_fields": self.fields}):
            yield from records_of(answer.json["data"], None, answer.at)
