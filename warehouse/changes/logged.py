"""What the audit log says of who reads the feed: a line a reader and day, however often a program asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from warehouse.changes.feed import NOW
from warehouse.commands.audit import Deed, did
from warehouse.queries.audit import latest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.changes.feed import Page
    from warehouse.database import Connection

READ: Final = "changes.read"
DAY: Final = len("2026-11-30")
"""How much of a time is its day, in UTC."""
LINES: Final = 2
"""Of one reader and day at most: one that began anew, one that went on."""


def log_reading(
    connection: Connection, now: str, actor: str, cursor: str, kinds: Sequence[str], page: Page
) -> bool:
    """Write who reads which changes, before they have them; returns whether it was written.

    The first reading of a day (UTC) is, and the first that begins anew: what was read in between lies between the
    cursors of two lines. Who asks only where the feed ends reads nothing. Expects no transaction.
    """
    subject, is_anew = f"changes:{actor}", not cursor
    if cursor == NOW or any(
        entry.happened_at[:DAY] == now[:DAY] and json.loads(entry.detail)["is_anew"] == is_anew
        for entry in latest(connection, subject=subject, limit=LINES)
    ):
        return False
    detail = {
        "is_anew": is_anew,
        **({"cursor": cursor} if cursor else {}),
        "next": page.next,
        "changes": len(page.changes),
        **({"kinds": list(kinds)} if kinds else {}),
    }
    with connection.transaction():
        did(connection, now, actor, Deed(READ, subject, detail))
    return True
