"""Where a reading of Jira stands: the cursor states and what each resumes.

A reading is `list` (every issue, by page token) or `search` (those changed since, by page token), and ends `done`. What
is stored between readings is `since`: Jira's own clock at the start of the last reading, never a record's stamp, so an
issue dated 2099 cannot carry the cursor away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from connectors.errors import FixSetup
from connectors.jira.streams import LARGEST_RECONCILED
from connectors.record import CursorState, utc_text

Phase = Literal["list", "search", "done"]

PHASES: Final = ("list", "search", "done")

CLOCK_SLACK: Final = timedelta(hours=1)
"""Jira's servers may disagree about the time by less than this."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place in a reading.

    since: lower bound of the search, before the overlap. next: what `since` becomes when this reading is complete.
    jql and token: the search under way and its next page; a token is good for one search only. zone: the time zone in
    which that search names its bound. recent: ids of the issues changed last as the previous reading saw them; seen:
    the same, of this reading, with their stamps. full_at: when everything was last read. scope: the projects that
    reading was limited to.
    """

    phase: Phase
    since: str | None = None
    next: str | None = None
    jql: str = ""
    token: str = ""
    zone: str = ""
    recent: tuple[str, ...] = ()
    seen: tuple[tuple[str, str], ...] = ()
    full_at: str | None = None
    scope: tuple[str, ...] = ()

    def state(self) -> CursorState:
        """As a JSON-plain cursor."""
        found = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        if "recent" in found:
            found["recent"] = list(self.recent)
        if "seen" in found:
            found["seen"] = [list(pair) for pair in self.seen]
        if "scope" in found:
            found["scope"] = list(self.scope)
        return found

    def begun(self, now: datetime) -> Position:
        """The position with the start of the reading set, if it was not."""
        return self if self.next else replace(self, next=utc_text(now))

    def done(self) -> Position:
        """The position stored when this reading is complete."""
        full_at = self.next if self.phase == "list" else self.full_at
        ids = dict.fromkeys((*(one for one, _ in self.seen), *self.recent))
        recent = tuple(ids)[:LARGEST_RECONCILED]
        return Position("done", since=self.next, recent=recent, full_at=full_at, scope=self.scope)


def position_of(cursor: CursorState) -> Position:
    """Read a stored cursor; raises `FixSetup` when it is not one of ours."""
    try:
        lists = {
            "recent": tuple(str(int(one)) for one in cursor.get("recent", ())),
            "seen": tuple((str(one), str(stamp)) for one, stamp in cursor.get("seen", ())),
            "scope": tuple(str(one) for one in cursor.get("scope", ())),
        }
        position = Position(**{**cursor, **lists})
        for stamp in (position.since, position.next, position.full_at):
            if stamp is not None:
                moment(stamp)
        if position.phase in {"search", "done"}:
            moment(position.since or "")
        known = position.phase in PHASES
    except (TypeError, ValueError):
        known = False
    if not known:
        raise bad_cursor()
    return position


def recent_in(cursor: CursorState | None) -> tuple[str, ...]:
    """The ids a stored cursor names as changed last; a complete reading asks for them too, whatever else it ignores.

    Without them an issue read by its id before the index knew it would look deleted.
    """
    try:
        return position_of(cursor).recent if cursor else ()
    except FixSetup:
        return ()


def bad_cursor() -> FixSetup:
    """The error for a cursor that is not one of ours."""
    return FixSetup(
        code="bad_cursor",
        do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
        happened="The stored cursor of this stream cannot be read.",
    )


def refuse_future(stamp: str, now: datetime) -> None:
    """Raise `FixSetup` for a cursor ahead of Jira's clock: it would find nothing and call that success."""
    if moment(stamp) > now + CLOCK_SLACK:
        raise FixSetup(
            code="cursor_in_future",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor lies in Jira's future.",
        )


def moment(text: str) -> datetime:
    """A stored stamp as an aware datetime; raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
