"""Where a reading of one object stands: the cursor states and what each resumes.

A reading goes through everything (`all`) or what changed since (`changed`), ordered by stamp and id. Between readings
`since` is stored: Salesforce's own clock at the start of the last reading, never a record's stamp, so neither a record
dated 2099 nor one that appears late with an old stamp is a danger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from connectors.errors import FixSetup
from connectors.record import CursorState, utc_text

Phase = Literal["all", "changed", "done"]

PHASES: Final = ("all", "changed", "done")

CLOCK_SLACK: Final = timedelta(hours=1)
"""Salesforce's servers may disagree about the time by less than this."""

STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
KEYSET_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """One place in a reading.

    since: lower bound, before the overlap. next: what `since` becomes when this reading is complete. stamp and id: the
    last record stored, as SOQL writes them. fields: the fields that were read, to notice one that can no longer be
    seen. full_at: when everything was last read.
    """

    phase: Phase
    since: str | None = None
    next: str | None = None
    stamp: str | None = None
    id: str | None = None
    fields: str | None = None
    full_at: str | None = None

    def state(self) -> CursorState:
        """As a JSON-plain cursor."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def past(self, stamp: str | None, record_id: str) -> Position:
        """The same reading, with this record stored."""
        return replace(self, stamp=stamp, id=record_id)

    def done(self) -> Position:
        """The position stored when this reading is complete."""
        full_at = self.next if self.phase == "all" else self.full_at
        return Position("done", since=self.next, fields=self.fields, full_at=full_at)

    def begun(self, now: datetime) -> Position:
        """The position with the start of the reading set, if it was not."""
        return self if self.next else replace(self, next=utc_text(now))

    def known_fields(self) -> frozenset[str]:
        """The fields read before; empty where nothing was."""
        return frozenset((self.fields or "").split(",")) - {""}


def position_of(cursor: CursorState) -> Position:
    """Read a stored cursor; raises `FixSetup` when it is not one of ours."""
    try:
        position = Position(**cursor)
        for text in (position.since, position.next, position.full_at):
            if text is not None:
                moment(text)
        known = position.phase in PHASES and (position.phase != "changed" or position.since is not None)
        known = known and (position.stamp is None or bool(STAMP.fullmatch(position.stamp)))
        known = known and (position.id is None or bool(KEYSET_ID.fullmatch(position.id)))
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
    """Raise `FixSetup` for a cursor ahead of Salesforce's clock: it would find nothing and call that success."""
    if moment(stamp) > now + CLOCK_SLACK:
        raise FixSetup(
            code="cursor_in_future",
            do="Run the sync once with --full; it reads everything and stores a fresh cursor.",
            happened="The stored cursor lies in Salesforce's future.",
        )


def moment(text: str) -> datetime:
    """A stored stamp as an aware datetime; raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def literal(when: datetime) -> str:
    """A moment as a SOQL literal, cut to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
