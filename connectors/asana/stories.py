"""Reading stories: the history and comments of tasks, asked for task by task, and only for tasks that changed.

In a run in which tasks were read before, that reading says which ones changed. Otherwise, and where the two readings do
not follow on each other without a gap, tasks are listed again by id and time, subtasks included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.asana.positions import Progress, moment, progress_of
from connectors.asana.records import gid_of, records_of, version_of
from connectors.asana.streams import OVERLAP
from connectors.asana.sweep import Project, Sweep, items_of
from connectors.asana.tasks import STAMP, Handover, has_subtasks
from connectors.errors import SkipStream
from connectors.record import CursorState, JsonObject, Op, Page, SourceRecord, utc_text

LISTED: Final = "modified_at,num_subtasks,parent,memberships.project"


@dataclass(slots=True)
class StorySweep(Sweep):
    """The stories of every task. `handover`: which tasks changed, as far as this run knows."""

    handover: Handover | None = None

    def pull(self, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        """Pages of stories; see `Connector.pull`."""
        progress = progress_of(None if full else cursor)
        handed = self.handover
        if handed is None or not self._follows(progress, handed):
            return Sweep.pull(self, cursor, full=full)
        return self._handed_over(progress, handed)

    def read(self, project: Project, progress: Progress) -> Iterator[SourceRecord]:
        """The stories of one project's tasks that changed since it was last read; of all when everything is."""
        since = None if progress.whole else progress.of(project.gid).since
        lower = utc_text(moment(since) - OVERLAP) if since else None
        changed: list[str] = []
        parents: list[str] = []
        query = project.query(self.scope.workspace)
        self._list("/tasks", query, lower, changed, parents, project)
        asked: set[str] = set()
        while parents:
            if (parent := parents.pop()) not in asked:
                asked.add(parent)
                self._list(f"/tasks/{parent}/subtasks", {}, lower, changed, parents)
        for gid in dict.fromkeys(changed):
            yield from self._stories(gid)

    def _follows(self, progress: Progress, handed: Handover) -> bool:
        """Whether what was handed over begins where the last reading of stories ended, or before."""
        if progress.begun or not progress.done or progress.done < handed.after:
            return False
        return not self.is_due(progress, moment(handed.through))

    def _handed_over(self, progress: Progress, handed: Handover) -> Iterator[Page]:
        """The stories of the tasks that changed. One unit: cut short, it is found again by listing."""
        records = [SourceRecord(gid, None, at, Op.DELETE) for gid, at in sorted(handed.gone.items())]
        for gid in sorted(handed.tasks):
            records += self._stories(gid)
            if len(records) >= self.client.page_size:
                yield Page(self.stream, records)
                records = []
        progress.begun = handed.through
        for gid in progress.projects:
            progress.finish(gid)
        progress.complete(set(progress.projects))
        yield Page(self.stream, records, progress.state(), last=True)

    def _list(
        self,
        path: str,
        query: dict[str, str],
        lower: str | None,
        changed: list[str],
        parents: list[str],
        place: Project | None = None,
    ) -> None:
        """Note which tasks of a list changed since `lower`, and which have subtasks."""
        try:
            for answer in self.client.pages(path, {**query, "opt_fields": LISTED}):
                for item in items_of(answer):
                    if place and not place.holds(item):
                        continue
                    if lower is None or _stamp(item, answer.at) >= lower:
                        changed.append(gid_of(item))
                    if has_subtasks(item):
                        parents.append(gid_of(item))
        except SkipStream as refusal:
            if not path.endswith("/subtasks") or refusal.code != "not_found":
                raise

    def _stories(self, gid: str) -> Iterator[SourceRecord]:
        """The stories of one task; none when it has gone meanwhile."""
        try:
            for answer in self.client.pages(f"/tasks/{gid}/stories", {"opt_fields": self.fields}):
                # A story has no stamp of its last change: an edited comment keeps the time it was made.
                yield from records_of(answer.json["data"], None, answer.at)
        except SkipStream as refusal:
            if refusal.code != "not_found":
                raise


def _stamp(item: JsonObject, now: datetime) -> str:
    """When a task was last changed; without a stamp, now, so that it is read."""
    return version_of(item.get(STAMP)) or utc_text(now)
