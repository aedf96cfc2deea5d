"""Questions about values end with the publication that changes the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.commands.ask import CHANGED, CLOSE
from warehouse.queries.asked import changed_since_asked

if TYPE_CHECKING:
    from warehouse.database import Connection

HUB: Final = "hub"


def settle_questions(connection: Connection, now: str) -> int:
    """Close every question whose value is another one than when it was put; returns how many.

    Asks one partial index where nothing is open. Expects the organizations of this publication to be written.
    """
    changed = changed_since_asked(connection)
    connection.execute_many(CLOSE, [(now, HUB, CHANGED, None, number) for number in changed])
    return len(changed)
