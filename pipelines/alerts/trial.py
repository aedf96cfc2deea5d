"""A test message by every channel: what is not tried is not known to work."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.record import utc_text
from pipelines.alerts.channels import senders
from pipelines.alerts.deliver import note, tried
from pipelines.alerts.message import HUB, TEST, Message

if TYPE_CHECKING:
    from datetime import datetime

    from partnerhub.config.alerts import Alerts
    from warehouse.database import Database


def send_tests(database: Database, alerts: Alerts, now: datetime) -> dict[str, str | None]:
    """Channel → why its test did not arrive, or None. Each outcome is kept: it says whether the channel works."""
    at = utc_text(now)
    message = Message(
        f"{uuid4()}/{TEST}", TEST, HUB, TEST, f"Sent {at[:16].replace('T', ' ')} UTC by hand.", "Nothing.", at
    )
    found = {channel: tried(channel, send, message) for channel, send in senders(alerts).items()}
    with database.session() as connection, connection.transaction():
        for channel, failure in found.items():
            note(connection, (TEST, channel, TEST), failure, at)
    return found
