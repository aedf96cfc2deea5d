"""Our own people: when an address becomes ours or stops being ours, the facts it takes part in are looked at again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.golden import work

if TYPE_CHECKING:
    from warehouse.database import Connection

ADDRESSES_NAME = "colleague_addresses"


def touch_colleagues(connection: Connection) -> None:
    """Compare the addresses of all colleagues with those of the last publication; only where a colleague waits."""
    if not connection.one("SELECT 1 FROM work_record WHERE kind = 'colleague' LIMIT 1"):
        return
    known = connection.one("SELECT value FROM hub_state WHERE name = ?", (ADDRESSES_NAME,))
    before = set(json.loads(known[0])) if known else set()
    rows = connection.query(
        "SELECT DISTINCT k.normalized FROM staged_colleague s CROSS JOIN key k"
        " WHERE k.record = s.record AND k.kind = 'email'"
    )
    now = {row[0] for row in rows}
    if now == before:
        return
    work.add_keys(connection, "work_anchor", {f"email:{address}" for address in now ^ before})
    connection.execute(
        "INSERT INTO hub_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (ADDRESSES_NAME, json.dumps(sorted(now))),
    )
