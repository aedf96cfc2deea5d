"""Where a reading of HubSpot stands: the cursor states and what each resumes.

A reading goes through phases. Complete: `list` (everything, by page token) then `archived`. Incremental: `search`
(everything changed since, by id) then `archived`. What is stored between readings is `since`: HubSpot's own clock at
the start of the last reading, never a record's stamp, so a record dated 2099 cannot carry the cursor away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from connectors.errors import FixSetup
from connectors.record import CursorState, utc_text

Phase = Literal["list", "search", "archived", "done"]

PHASES: Final = ("list", "search", "archived", "done")

CLOCK_SLACK: Final = timedelta(hours=1)
"""HubSpot's servers may disagree about the time by less than this."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place in a reading.

    since: lower bound of the search, before the overlap. next: what `since` becomes when this reading is complete.
    after: page token of `list` and `archived`, last id of `search`. full_at: when everything was last read.
    """

    phase: Phase
    since: str | None = None
    next: str | None = None
    after: str = ""
    full_at: str | None = None

    def state(self) -> CursorState:
        """As a JSON-plain cursor."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def to(self, phase: Phase, after: str = "") -> Position:
        """The same reading, further on."""
        return replace(self, phase=phase, after=after)

    def done(self) -> Position:
        """The position stored when this reading is complete."""
        return Position("done", since=self.next, full_at=self.full_at)

    def begun(self, now: datetime) -> Position:
        """The position with the start of the reading set, if it was not."""
        return self if self.next else replace(self, next=utc_text(now))


def position_of(cursor: CursorState) -> Position:
    """Read a stored cursor; raises `FixSetup` when it is not one of ours."""
    try:
        position = Position(**cursor)
        for stamp in (position.since, position.next, position.full_at):
            if stamp is not None:
                moment(stamp)
        if position.phase in {"search", "done"}:
            moment(position.since or "")
        if position.phase == "search":
            int(position.after or 0)
        known = position.phase in PHASES
    except (TypeError, ValueError):
        known = False
    if not known:
        raise FixSetup(
            code="bad_cursor",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor of this stream cannot be read.",
        )
    return position


def refuse_future(stamp: str, now: datetime) -> None:
    """Raise `FixSetup` for a cursor ahead of HubSpot's clock: it would find nothing and call that success."""
    if moment(stamp) > now + CLOCK_SLACK:
        raise FixSetup(
            code="cursor_in_future",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor lies in HubSpot's future.",
        )


def moment(text: str) -> datetime:
    """A stored stamp as an aware datetime; raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
