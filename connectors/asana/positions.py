"""Where a reading project by project stands: the cursor of memberships, sections, tasks and stories.

A project is the unit: it is either done in the reading under way, or begun again. Asana's page offsets expire within
minutes, so none is ever stored. Bounds are Asana's own clock at the start of a reading, never a record's stamp, so
a record dated 2099 cannot carry the cursor away.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.asana.records import CLOCK_SLACK
from connectors.errors import FixSetup
from connectors.record import CursorState, utc_text


@dataclass(slots=True)
class ProjectState:
    """One project. since: start of the last reading that finished it (UTC text). sync: its latest event token.

    refused: whether it could not be read the last time. read: whether the reading under way is done with it.
    """

    since: str | None = None
    sync: str = ""
    refused: bool = False
    read: bool = False


@dataclass(slots=True)
class Progress:
    """How far a stream has come.

    begun: start of the reading under way, None between readings. whole: whether that one reads everything, whatever
    changed. done: start of the last complete reading. whole_at: start of the last complete one that read everything.
    """

    begun: str | None = None
    whole: bool = False
    done: str | None = None
    whole_at: str | None = None
    projects: dict[str, ProjectState] = field(default_factory=dict)

    def state(self) -> CursorState:
        """As a JSON-plain cursor of its own."""
        found = {
            name: value for name in ("begun", "whole", "done", "whole_at") if (value := getattr(self, name))
        }
        projects = {gid: _plain(state) for gid, state in sorted(self.projects.items())}
        return {**found, "projects": projects}

    def begin(self, now: datetime, *, whole: bool) -> None:
        """Start a reading at Asana's `now`."""
        self.begun, self.whole = utc_text(now), whole

    def of(self, gid: str) -> ProjectState:
        """What is known of a project, to be changed in place."""
        return self.projects.setdefault(gid, ProjectState())

    def finish(self, gid: str) -> None:
        """The reading under way is done with a project; one that was refused stays as far as it was."""
        state = self.of(gid)
        state.read = True
        if not state.refused:
            state.since = self.begun

    def is_finished(self, gid: str) -> bool:
        """Whether the reading under way is done with this project."""
        return gid in self.projects and self.projects[gid].read

    def complete(self, listed: set[str]) -> None:
        """The reading is over; projects that are no longer listed are forgotten."""
        self.projects = {gid: state for gid, state in self.projects.items() if gid in listed}
        for state in self.projects.values():
            state.read = False
        self.done = self.begun
        self.whole_at = self.begun if self.whole else self.whole_at
        self.begun, self.whole = None, False


def _plain(state: ProjectState) -> dict[str, Any]:
    return {name: value for name, value in asdict(state).items() if value}


def progress_of(cursor: CursorState | None) -> Progress:
    """Read a stored cursor; raises `FixSetup` when it is not one of ours."""
    if cursor is None:
        return Progress()
    try:
        projects = {gid: ProjectState(**state) for gid, state in cursor["projects"].items()}
        progress = Progress(**{**cursor, "projects": projects})
        stamps = [
            progress.begun,
            progress.done,
            progress.whole_at,
            *(each.since for each in projects.values()),
        ]
        for stamp in stamps:
            if stamp is not None:
                moment(stamp)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise FixSetup(
            code="bad_cursor",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor of this stream cannot be read.",
        ) from None
    return progress


def refuse_future(progress: Progress, now: datetime) -> None:
    """Raise `FixSetup` for a cursor ahead of Asana's clock: it would find nothing and call that success."""
    latest = max(filter(None, (progress.begun, progress.done)), default=None)
    if latest and moment(latest) > now + CLOCK_SLACK:
        raise FixSetup(
            code="cursor_in_future",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor lies in Asana's future.",
        )


def moment(text: str) -> datetime:
    """A stored stamp as an aware datetime; raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
