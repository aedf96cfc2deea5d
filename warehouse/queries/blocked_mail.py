"""What `blocked` of a mailbox keeps out, and what of it landed before the rule was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.database import Connection

ADDRESSES: Final = """
SELECT DISTINCT address FROM participant WHERE record > ? AND record < ? AND address IS NOT NULL ORDER BY address
"""
HELD: Final = """
SELECT DISTINCT p.record, s.fact_id, t.happened_at FROM participant p JOIN staged_touchpoint t ON t.record = p.record
JOIN fact_source s ON s.record = p.record WHERE p.record > ? AND p.record < ? AND p.address = ?
ORDER BY t.happened_at DESC, p.record
"""
PLACES: Final = "SELECT state_json FROM cursor WHERE source = ? AND stream = 'messages'"


class HeldMail(NamedTuple):
    """A mail that landed before the rule. record: for `redact`. fact_id: for `mail visibility`."""

    record: str
    fact_id: str


def left_out(connection: Connection, source: str) -> int:
    """How many mails of a mailbox were left out up to where it was read, by the cursor's own count."""
    found = connection.one(PLACES, (source,))
    folders = json.loads(found[0]).get("folders", {}) if found else {}
    return sum(int(place.get("left_out", 0)) for place in folders.values())


def held(connection: Connection, source: str, is_blocked: Callable[[str], bool]) -> list[HeldMail]:
    """The mails of a source on which an address stands that is blocked by now, each once; none that was redacted."""
    span = (f"{source}/", f"{source}0")
    names = [str(row[0]) for row in connection.query(ADDRESSES, span) if is_blocked(str(row[0]))]
    rows = (row for name in names for row in connection.query(HELD, (*span, name)))
    return list(dict.fromkeys(HeldMail(str(row[0]), str(row[1])) for row in rows))
