"""What a person enters by hand (a call, a meeting, a note) lands as a raw version of the source `hub`.

So provenance, undo, history and rebuild need no second path: it is staged and published like everything else.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

HUB = "hub"
TITLE = "Entered in the hub"
TOUCHPOINTS = "touchpoints"
KINDS = frozenset({"call", "meeting", "note", "email", "visit", "message"})
DIRECTIONS = frozenset({"in", "out", "internal"})
NEXT_RAW_ID = (
    "INSERT INTO hub_state (name, value) VALUES ('raw_id', '1') ON CONFLICT (name) DO UPDATE SET"
    " value = CAST(CAST(hub_state.value AS BIGINT) + 1 AS TEXT) RETURNING value"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One touchpoint as a person tells it.

    happened_at: UTC text. about: record keys of the organizations, persons or deals it concerns. participants: mail
    addresses of those who took part.
    """

    kind: str
    happened_at: str
    about: Sequence[str] = ()
    subject: str | None = None
    text: str | None = None
    direction: str | None = None
    participants: Sequence[str] = field(default_factory=tuple)


def log_entry(
    connection: Connection, entry: Entry, *, actor: str, now: str, run_id: str, entry_id: str | None = None
) -> str:
    """Land an entry; returns its id. With an `entry_id` of before, it is a new version of that entry.

    Stage and publish to see it. Raises WarehouseError for a kind or direction the hub does not know.
    """
    if entry.kind not in KINDS or (entry.direction is not None and entry.direction not in DIRECTIONS):
        raise WarehouseError(
            f"The hub knows no {entry.direction or ''} {entry.kind}.".replace("  ", " "),
            f"Use one of: {', '.join(sorted(KINDS))}; direction in, out or internal.",
        )
    payload: dict[str, object] = {
        "kind": entry.kind,
        "happened_at": entry.happened_at,
        "about": list(entry.about),
        "subject": entry.subject,
        "text": entry.text,
        "direction": entry.direction,
        "participants": list(entry.participants),
        "actor": actor,
        "entered_at": now,
    }
    wanted = entry_id or str(uuid.uuid4())
    land(connection, TOUCHPOINTS, wanted, payload, now=now, run_id=run_id)
    return wanted


def land(
    connection: Connection, stream: str, source_id: str, payload: dict[str, object], *, now: str, run_id: str
) -> None:
    """Append a version of a hub record and make it the current one. Raises WarehouseError for a redacted one."""
    if connection.one(
        "SELECT 1 FROM redaction WHERE source = ? AND stream = ? AND source_id = ?", (HUB, stream, source_id)
    ):
        raise WarehouseError(
            f"The entry {source_id} was redacted.", "Enter it anew, without an id of before."
        )
    content = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()
    digest = blake2b(content, digest_size=16).digest()
    raw_id = int(connection.query(NEXT_RAW_ID)[0][0])
    connection.execute(
        "INSERT INTO source (source, connector, title, account, pinned_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (source) DO NOTHING",
        (HUB, HUB, TITLE, HUB, now),
    )
    connection.execute(
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, version, payload, run_id,"
        " landed_at) VALUES (?, ?, ?, ?, 'upsert', ?, ?, ?, ?, ?)",
        (raw_id, HUB, stream, source_id, digest, now, content, run_id, now),
    )
    connection.execute(
        "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, version, staged_raw_id,"
        " staged_rules) VALUES (?, ?, ?, ?, 'upsert', ?, ?, 0, '') ON CONFLICT (source, stream, source_id) DO UPDATE"
        " SET raw_id = excluded.raw_id, op = excluded.op, content_hash = excluded.content_hash,"
        " version = excluded.version, quarantine = NULL",
        (HUB, stream, source_id, raw_id, digest, now),
    )
