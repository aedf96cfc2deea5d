"""Reading project by project: what memberships, sections, tasks and stories have in common.

Records are handed on in pages of a stream; a page's cursor names the projects that were finished before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from connectors.asana.client import OF_ONE_PROJECT, AsanaClient, Reading
from connectors.asana.positions import Progress, moment, progress_of, refuse_future
from connectors.asana.records import gid_of, readable_again, refused_assignee, refused_project, version_of
from connectors.errors import SkipStream
from connectors.record import CursorState, JsonObject, Page, SourceRecord

PROJECTS_PER_COMMIT: Final = 25
"""Projects without news after which the cursor is stored all the same."""

OF_PEOPLE: Final = frozenset({"tasks", "stories"})
"""Streams of which there is something in no project."""

OF_ONE_PERSON: Final = OF_ONE_PROJECT | {"bad_request"}
"""Refusals that may concern one person alone; Asana answers 400 for somebody it does not know."""

ASSIGNEE: Final = "assignee-"
"""Before a person in a cursor; gids of projects are numbers."""

ReadingKind = Literal["incremental", "full"]


class Project(NamedTuple):
    """One project as the list of projects has it. modified_at: UTC text.

    assignee: set for the one place beside the projects: what is assigned to a person and stands in no project.
    """

    gid: str
    listed: JsonObject
    modified_at: str | None
    assignee: str = ""

    def query(self, workspace: str) -> dict[str, str]:
        """What its tasks are asked with. Asana takes an assignee only together with a workspace."""
        if self.assignee:
            return {"assignee": self.assignee, "workspace": workspace}
        return {"project": self.gid}

    def holds(self, item: JsonObject) -> bool:
        """Whether a listed task belongs here: a person's tasks of projects are read with their project."""
        return not self.assignee or not (item.get("memberships") or item.get("parent"))


@dataclass(slots=True)
class Scope:
    """Which projects of which workspace are read, and whose tasks beside them."""

    workspace: str
    leave_out: frozenset[str] = frozenset()
    archived: bool = True
    assignees: tuple[str, ...] = ()

    def query(self) -> dict[str, str]:
        """What a list of projects is asked with."""
        return {"workspace": self.workspace} | ({} if self.archived else {"archived": "false"})


@dataclass(slots=True)
class Sweep:
    """Reads one stream project by project. A subclass says what one project yields.

    refresh: how old a whole reading may grow before the next one; only whole readings show what has vanished.
    """

    client: AsanaClient
    stream: str
    scope: Scope
    fields: str
    refresh: timedelta
    refused: dict[str, SkipStream] = field(default_factory=dict)

    def read(self, project: Project, progress: Progress) -> Iterator[SourceRecord]:
        """The records of one project: all of them when `progress.whole`, else what changed since it was last read."""
        raise NotImplementedError

    def finished(self, progress: Progress, previous: str | None) -> None:
        """Told when a reading begun here has read everything; `previous` is the start of the one before."""

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of this stream from `cursor` on; see `Connector.pull`."""
        progress = progress_of(None if full else cursor)
        projects, now = self.projects()
        refuse_future(progress, now)
        resumed = progress.begun is not None
        if not resumed:
            progress.begin(now, whole=self.is_due(progress, now))
        reading: ReadingKind = "full" if progress.whole and not resumed else "incremental"
        yield from self._every(projects, progress, reading)
        previous = progress.done
        progress.complete({project.gid for project in projects})
        if not self.refused and not resumed:
            self.finished(progress, previous)
        # What a refused project holds was not listed, so nothing may be taken for gone.
        proven: ReadingKind = "incremental" if self.refused else reading
        yield Page(self.stream, [], progress.state(), proven, last=True)

    def is_due(self, progress: Progress, now: datetime) -> bool:
        """Whether everything has to be read again, by Asana's clock."""
        return progress.whole_at is None or now - moment(progress.whole_at) >= self.refresh

    def projects(self) -> tuple[list[Project], datetime]:
        """The projects to read, by id, and Asana's clock before they were listed."""
        found: dict[str, Project] = {}
        heard: list[datetime] = []
        query = {**self.scope.query(), "opt_fields": "name,modified_at"}
        for answer in self.client.pages("/projects", query):
            heard.append(answer.at)
            for item in answer.json["data"]:
                if (gid := gid_of(item)) and gid not in self.scope.leave_out:
                    found[gid] = Project(gid, item, version_of(item.get("modified_at")))
        people = self.scope.assignees if self.stream in OF_PEOPLE else ()
        beside = [Project(f"{ASSIGNEE}{who}", {"name": who}, None, who) for who in people]
        return [*(found[gid] for gid in sorted(found)), *beside], min(heard)

    def _every(self, projects: list[Project], progress: Progress, reading: ReadingKind) -> Iterator[Page]:
        """Pages of every project that this reading has not finished yet."""
        waiting = [project for project in projects if not progress.is_finished(project.gid)]
        records: list[SourceRecord] = []
        quiet = 0
        for project in waiting:
            self.client.spend(first=project is waiting[0])
            for record in self._guarded(project, progress):
                records.append(record)
                if len(records) >= self.client.page_size:
                    yield Page(self.stream, records, progress.state(), reading)
                    records, quiet = [], 0
            progress.finish(project.gid)
            quiet += 1
            if quiet >= PROJECTS_PER_COMMIT:
                yield Page(self.stream, records, progress.state(), reading)
                records, quiet = [], 0
        if projects and len(self.refused) == len(projects):
            raise next(iter(self.refused.values()))
        if records:
            yield Page(self.stream, records, progress.state(), reading)

    def _guarded(self, project: Project, progress: Progress) -> Iterator[SourceRecord]:
        """The records of one project; one that may not be read becomes a record that says so."""
        state = progress.of(project.gid)
        was_refused, state.refused = state.refused, False
        try:
            yield from self.read(project, progress)
        except SkipStream as refusal:
            if refusal.code not in (OF_ONE_PERSON if project.assignee else OF_ONE_PROJECT):
                raise
            self.refused[project.gid], state.refused = refusal, True
            if project.assignee:
                yield refused_assignee(project.gid, project.assignee, refusal.code)
            else:
                yield refused_project(project.gid, project.listed, refusal.code)
        if was_refused and not state.refused:
            yield readable_again(project.gid)


def items_of(answer: Reading) -> list[JsonObject]:
    """The objects of a page that have an id."""
    return [item for item in answer.json["data"] if gid_of(item)]
