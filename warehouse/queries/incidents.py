"""Incidents with who was told of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.database import Connection


def list_incidents(connection: Connection, *, closed: bool = False, limit: int = 50) -> list[dict[str, Any]]:
    """Rows of `incident`, the newest first, with `streams` as a list and `alerts`: rows of `incident_alert`."""
    where = "" if closed else "WHERE closed_at IS NULL"
    rows = connection.records(
        "SELECT incident_id, source, code, streams_json, happened, to_do, opened_at, closed_at FROM incident"
        f" {where} ORDER BY opened_at DESC, incident_id LIMIT ?",
        (limit,),
    )
    return [
        {**row, "streams": json.loads(row.pop("streams_json")), "alerts": told(connection, row)}
        for row in rows
    ]


def told(connection: Connection, incident: dict[str, Any]) -> list[dict[str, Any]]:
    """To whom one incident was told, and what failed."""
    return connection.records(
        "SELECT channel, about, tries, tried_at, delivered_at, failure FROM incident_alert WHERE incident_id = ?"
        " ORDER BY tried_at, channel, about",
        (incident["incident_id"],),
    )
