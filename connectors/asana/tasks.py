"""Reading tasks: all of a project, or those changed since, with their subtasks; deletions and moves from events.

A list of a project's tasks by `modified_since` holds neither its subtasks nor what was deleted or moved, and moving a
task does not change its modification time; events name all of these. Where events are lost the project is read whole.
Events are delivered at most once, so everything is read again at intervals (`refresh_tasks_hours`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.asana.client import OF_ONE_PROJECT
from connectors.asana.events import GONE, Changes, changes_since
from connectors.asana.positions import Progress, ProjectState, moment
from connectors.asana.records import gid_of, records_of
from connectors.asana.streams import OVERLAP
from connectors.asana.sweep import Project, Sweep
from connectors.errors import SkipStream
from connectors.record import Op, SourceRecord

MOST_HANDED_OVER: Final = 20_000
"""Changed tasks beyond which stories are found by their own list instead: memory stays bounded."""

STAMP: Final = "modified_at"


@dataclass(slots=True)
class Handover:
    """What a complete reading of changed tasks tells the reading of stories in the same run.

    after, through: what changed between these two starts of readings (UTC text) is in `tasks`, deleted stories in
    `gone`.
    """

    after: str
    through: str
    tasks: set[str]
    gone: dict[str, str | None]


@dataclass(slots=True)
class TaskSweep(Sweep):
    """The tasks of every project. `handover` is set once a reading of what changed is complete."""

    handover: Handover | None = None
    _changed: set[str] | None = field(default_factory=set)
    _gone: dict[str, str | None] = field(default_factory=dict)

    def read(self, project: Project, progress: Progress) -> Iterator[SourceRecord]:
        """The tasks of one project, parents before their subtasks."""
        state = progress.of(project.gid)
        if project.assignee:
            yield from self._of_person(project, state, whole=progress.whole or state.since is None)
            return
        changes = changes_since(self.client, project.gid, state.sync)
        whole = progress.whole or changes.lost or state.since is None
        if changes.lost and state.sync and not progress.whole:
            progress.whole_at = None  # what was deleted meanwhile only a whole reading of everything can tell
        if whole:
            self._changed = None
        seen: set[str] = set()
        for record in self._listed(project, state, seen, whole=whole):
            self._note(record.source_id)
            yield record
        for record in self._from_events(changes, seen):
            self._note(record.source_id)
            yield record
        self._gone |= {story: changes.gone_at[story] for story in changes.stories}
        # Only now: a reading that is cut short asks for the same events again.
        state.sync = changes.sync

    def _of_person(self, project: Project, state: ProjectState, *, whole: bool) -> Iterator[SourceRecord]:
        """A person's tasks in no project. No event tells of them: what was deleted is missing from a whole reading."""
        if whole:
            self._changed = None
        for record in self._listed(project, state, set(), whole=whole):
            self._note(record.source_id)
            yield record

    def finished(self, progress: Progress, previous: str | None) -> None:
        """Hand over what changed, unless something was read whole."""
        if self._changed is not None and previous and progress.done:
            self.handover = Handover(previous, progress.done, self._changed, self._gone)

    def _note(self, gid: str) -> None:
        if self._changed is not None:
            self._changed.add(gid)
            if len(self._changed) > MOST_HANDED_OVER:
                self._changed = None

    def _listed(
        self, project: Project, state: ProjectState, seen: set[str], *, whole: bool
    ) -> Iterator[SourceRecord]:
        """Every page of the project first, because offsets expire; then subtasks, level by level."""
        query = {**project.query(self.scope.workspace), "opt_fields": self.fields}
        if not whole and state.since:
            query["modified_since"] = (moment(state.since) - OVERLAP).isoformat()
        parents: list[str] = []
        yield from self._pages("/tasks", query, seen, parents, project)
        while parents:
            parent = parents.pop()
            yield from self._pages(f"/tasks/{parent}/subtasks", {"opt_fields": self.fields}, seen, parents)

    def _pages(
        self,
        path: str,
        query: dict[str, str],
        seen: set[str],
        parents: list[str],
        place: Project | None = None,
    ) -> Iterator[SourceRecord]:
        """Tasks of one list, those only that belong to its place; those with subtasks join `parents`, each once."""
        try:
            for answer in self.client.pages(path, query):
                items = answer.json["data"]
                if place:
                    items = [item for item in items if not isinstance(item, dict) or place.holds(item)]
                parents += [gid_of(item) for item in items if has_subtasks(item) and gid_of(item) not in seen]
                seen.update(filter(None, map(gid_of, items)))
                yield from records_of(items, STAMP, answer.at)
        except SkipStream as refusal:
            # A parent may have gone since it was listed; its own deletion is told by events.
            if not path.endswith("/subtasks") or refusal.code != "not_found":
                raise

    def _from_events(self, changes: Changes, seen: set[str]) -> Iterator[SourceRecord]:
        """What only events tell: deletions, changed subtasks, tasks moved elsewhere."""
        deleted = [gid for gid, action in changes.tasks.items() if action == GONE and gid not in seen]
        for gid in deleted:
            yield SourceRecord(gid, None, changes.gone_at[gid], Op.DELETE)
        yield from self._fetched(
            gid for gid, action in changes.tasks.items() if action != GONE and gid not in seen
        )

    def _fetched(self, gids: Iterable[str]) -> Iterator[SourceRecord]:
        """Tasks one by one; one that cannot be seen any more is neither deleted nor kept as if nothing were."""
        for gid in gids:
            try:
                answer = self.client.get(f"/tasks/{gid}", {"opt_fields": self.fields})
            except SkipStream as refusal:
                if refusal.code not in OF_ONE_PROJECT:
                    raise
                yield SourceRecord(gid, None, op=Op.NOT_VISIBLE)
                continue
            yield from records_of([answer.json["data"]], STAMP, answer.at)


def has_subtasks(item: Any) -> bool:
    """Whether a task says it has any."""
    return isinstance(item, dict) and bool(item.get("num_subtasks"))
