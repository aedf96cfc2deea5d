"""What is told, as messages: an incident with its first error and what to do. No record, no address, no secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENED: Final = "opened"
CLOSED: Final = "closed"
TEST: Final = "test"
HUB: Final = "hub"
MOST_NAMED: Final = 5
ERRORS_PAGE: Final = "docs/operate/errors.md"
"""Where cause, effect and remedy of every code stand."""


class Telling(Protocol):
    """Whatever the channels send."""

    @property
    def message_id(self) -> str:
        """Equal for every try, so that who got it already can tell."""
        ...

    @property
    def about(self) -> str:
        """What kind of message it is, for the log."""
        ...

    @property
    def title(self) -> str:
        """One line."""
        ...

    @property
    def text(self) -> str:
        """Plain text."""
        ...

    @property
    def facts(self) -> dict[str, Any]:
        """The body of the signed webhook."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. message_id: equal for every try, so that who got it already can tell. about: opened, closed, test.

    at: when it opened or closed (UTC text).
    """

    message_id: str
    about: str
    source: str
    code: str
    happened: str
    to_do: str
    at: str
    streams: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """One line: `Partner Hub: crm needs somebody (signed_out)`."""
        if self.about == TEST:
            return "Partner Hub: a test of this channel"
        if self.about == CLOSED:
            return f"Partner Hub: {self.source} is well again ({self.code})"
        return f"Partner Hub: {self.source} needs somebody ({self.code})"

    @property
    def text(self) -> str:
        """A few lines of plain text."""
        if self.about == TEST:
            return f"{self.happened}\nNothing is wrong; incidents will be told like this."
        when = self.at[:16].replace("T", " ")
        if self.about == CLOSED:
            return f"Over since {when} UTC. It was: {self.happened}"
        more = f"\nCause, effect and remedy of {self.code}: {page_of(self.code)}"
        return f"{self.happened}\n{self.where}Noticed {when} UTC.\nWhat to do: {self.to_do}{more}"

    @property
    def where(self) -> str:
        """The streams, with a line break; nothing where there are none."""
        if not self.streams:
            return ""
        more = len(self.streams) - MOST_NAMED
        named = ", ".join(self.streams[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"{self.source}: {named}\n"

    @property
    def facts(self) -> dict[str, Any]:
        """The body of the signed webhook, as Standard Webhooks lays it out."""
        data = {
            "incident": self.message_id.partition("/")[0],
            "source": self.source,
            "code": self.code,
            "streams": list(self.streams),
            "happened": self.happened,
            "to_do": self.to_do,
            "title": self.title,
            "documentation": page_of(self.code),
        }
        return {"type": f"incident.{self.about}", "timestamp": self.at, "data": data}


def page_of(code: str) -> str:
    """Where the documentation tells of a code."""
    return f"{ERRORS_PAGE}#{code}"


def message_of(incident: Mapping[str, Any], about: str) -> Message:
    """The message about a row of `incident`, with `streams` as a list."""
    return Message(
        message_id=f"{incident['incident_id']}/{about}",
        about=about,
        source=incident["source"],
        code=incident["code"],
        happened=incident["happened"],
        to_do=incident["to_do"],
        at=incident["closed_at"] if about == CLOSED else incident["opened_at"],
        streams=tuple(incident["streams"]),
    )
