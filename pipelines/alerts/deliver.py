"""Messages that are due, sent by every channel; each success or failure is kept before the next try."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import structlog

from pipelines.alerts.channels import NotDelivered
from pipelines.alerts.message import CLOSED, OPENED, message_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipelines.alerts.message import Telling
    from warehouse.database import Connection

log = structlog.get_logger()

TO_OPEN: Final = """
SELECT i.* FROM incident i WHERE i.closed_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM incident_alert a WHERE a.incident_id = i.incident_id AND a.channel = ? AND a.about = 'opened'
  AND a.delivered_at IS NOT NULL) ORDER BY i.opened_at, i.incident_id
"""
TO_CLOSE: Final = """
SELECT i.* FROM incident i JOIN incident_alert a ON a.incident_id = i.incident_id AND a.channel = ?
AND a.about = 'opened' AND a.delivered_at IS NOT NULL
WHERE i.closed_at IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM incident_alert c WHERE c.incident_id = i.incident_id AND c.channel = a.channel AND c.about = 'closed'
  AND c.delivered_at IS NOT NULL) ORDER BY i.closed_at, i.incident_id
"""
NOTE: Final = """
INSERT INTO incident_alert (incident_id, channel, about, tries, tried_at, delivered_at, failure)
VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (incident_id, channel, about) DO UPDATE SET
tries = incident_alert.tries + 1, tried_at = excluded.tried_at, delivered_at = excluded.delivered_at,
failure = excluded.failure
"""


def deliver(connection: Connection, by: Mapping[str, Callable[[Telling], None]], now: str) -> int:
    """Send what is due by each channel, oldest first; returns how many messages arrived.

    A channel that fails once is left until the next pass, so that it holds nobody up.
    """
    arrived = 0
    for channel, send in by.items():
        for incident, about in due(connection, channel):
            failure = tried(channel, send, message_of(incident, about))
            with connection.transaction():
                note(connection, (incident["incident_id"], channel, about), failure, now)
            if failure:
                break
            arrived += 1
    return arrived


def note(connection: Connection, about: tuple[str, str, str], failure: str | None, now: str) -> None:
    """Write down how a try went: of (incident, channel, about). Expects a transaction."""
    connection.execute(NOTE, (*about, now, None if failure else now, failure))


def due(connection: Connection, channel: str) -> list[tuple[dict[str, Any], str]]:
    """Incidents and what about them this channel was not told. That it failed itself, too: so it is tried again."""
    return [
        ({**row, "streams": json.loads(row["streams_json"])}, about)
        for query, about in ((TO_OPEN, OPENED), (TO_CLOSE, CLOSED))
        for row in connection.records(query, (channel,))
    ]


def tried(channel: str, send: Callable[[Telling], None], message: Telling) -> str | None:
    """Send once; why it failed, or None."""
    try:
        send(message)
    except NotDelivered as error:
        log.warning("alert not delivered", channel=channel, about=message.about, failure=str(error))
        return str(error)
    except Exception as error:  # noqa: BLE001  # a bug in one channel must not keep the others from telling
        log.warning("alert not delivered", channel=channel, about=message.about, kind=type(error).__name__)
        return f"Sending failed with {type(error).__name__}."
    return None
