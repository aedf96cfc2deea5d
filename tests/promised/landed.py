"""What a warehouse holds of one stream, in the terms of `Served`."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.promised.served import Served
    from warehouse.database import Connection

LIVE = ("upsert", "restore")


class Landed(NamedTuple):
    """The current version of one record. mark: which version it is, None where it has no stamp or no payload."""

    source_id: str
    op: str
    quarantine: str | None
    mark: str | None

    @property
    def is_live(self) -> bool:
        """Whether the hub takes it for a record that its source holds."""
        return self.op in LIVE


def landed_in(connection: Connection, source: str, stream: str, served: Served) -> dict[Any, list[Landed]]:
    """Key → the records of the hub that have it; more than one is one too many."""
    found: dict[Any, list[Landed]] = defaultdict(list)
    rows = connection.query(
        "SELECT c.source_id, c.op, c.quarantine, r.payload, r.redacted_at FROM raw_current c"
        " JOIN raw_record r ON r.raw_id = c.raw_id WHERE c.source = ? AND c.stream = ? ORDER BY c.source_id",
        (source, stream),
    )
    for source_id, op, quarantine, payload, redacted_at in rows:
        content = json.loads(payload) if payload else None
        mark = served.mark_of(content) if content and not redacted_at else None
        found[served.key_of(source_id, content)].append(Landed(source_id, op, quarantine, mark))
    return found


def some(things: Any, most: int = 5) -> str:
    """A few of many, for a sentence."""
    listed = sorted(map(str, things))
    shown = ", ".join(one[:80] for one in listed[:most])
    return f"{shown}, … ({len(listed)})" if len(listed) > most else shown
