"""Cursors at rest: how far a stream has been read, with a checksum that refuses a corrupted or foreign one."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from connectors.errors import FixSetup

if TYPE_CHECKING:
    from connectors.record import CursorState
    from warehouse.database import Connection

FORMAT = 1


def load_cursor(connection: Connection, source: str, stream: str) -> CursorState | None:
    """The stored cursor, or None before the first page. Raises FixSetup for a damaged or foreign one."""
    found = connection.one(
        "SELECT state_json, checksum FROM cursor WHERE source = ? AND stream = ?", (source, stream)
    )
    if found is None:
        return None
    text, checksum = found
    if checksum != checksum_of(source, stream, text):
        raise FixSetup(
            code="cursor_damaged",
            do=f"Run `partnerhub sync {source} --full`, which reads everything again and replaces it.",
            happened="The stored cursor does not match its checksum.",
            source=source,
            stream=stream,
        )
    state: CursorState = json.loads(text)
    return state


def store_cursor(
    connection: Connection, source: str, stream: str, state: CursorState, run_id: str, now: str
) -> None:
    """Store a cursor; call it in the transaction that stores the page it belongs to."""
    text = json.dumps(state, sort_keys=True)
    connection.execute(
        "INSERT INTO cursor (source, stream, state_json, checksum, run_id, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, stream) DO UPDATE SET state_json = excluded.state_json,"
        " checksum = excluded.checksum, run_id = excluded.run_id, updated_at = excluded.updated_at",
        (source, stream, text, checksum_of(source, stream, text), run_id, now),
    )


def checksum_of(source: str, stream: str, text: str) -> str:
    """Binds a cursor's text to its stream and to this format of cursors."""
    plain: Any = f"{FORMAT}\n{source}\n{stream}\n{text}"
    return blake2b(plain.encode(), digest_size=8).hexdigest()
