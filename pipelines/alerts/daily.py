"""The digest sent: once a day by each channel, whoever asks, and tried again until it arrives or the day is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.record import utc_text
from partnerhub.config.reload import as_written
from pipelines.alerts.channels import senders
from pipelines.alerts.deliver import note, tried
from pipelines.alerts.digest import digest_of
from pipelines.alerts.digest_words import DIGEST, DigestMessage, digest_id
from pipelines.leases import held
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnerhub.config import HubConfig
    from pipelines.alerts.message import Telling
    from warehouse.database import Connection

LEASE: Final = "digest"
PATIENCE: Final = timedelta(minutes=2)
ARRIVED: Final = (
    "SELECT channel FROM incident_alert WHERE incident_id = ? AND about = ? AND delivered_at IS NOT NULL"
)
WAITS: Final = (
    "SELECT count(*) FROM incident_alert WHERE incident_id = ? AND about = ? AND delivered_at IS NULL"
)
FORGET: Final = "DELETE FROM incident_alert WHERE about = ? AND incident_id < ?"
KEPT: Final = timedelta(days=30)
"""How long it is remembered that a day's digest was told."""


def send_digest(config: HubConfig, now: datetime | None = None) -> dict[str, str | None]:
    """Send today's digest by each channel it did not arrive by yet; channel → why it did not arrive, or None.

    Two that ask at once send one: the second one waits and finds it sent. Raises AlreadyRunning after two minutes.
    """
    moment = now or datetime.now(UTC)
    migrate(config.warehouse_url)
    database = Database(config.warehouse_url)
    with held(database, LEASE, PATIENCE), database.session() as connection:
        return sent(connection, config, senders(as_written(config).alerts), moment)


def send_again(connection: Connection, config: HubConfig, now: datetime) -> int:
    """Try what of today's digest waits for a channel; returns how many messages arrived. For the pass that watches."""
    waits = connection.one(WAITS, (digest_id(utc_text(now)[:10]), DIGEST))
    if not waits or not waits[0]:
        return 0
    return sum(failure is None for failure in send_digest(config, now).values())


def sent(
    connection: Connection, config: HubConfig, by: Mapping[str, Callable[[Telling], None]], now: datetime
) -> dict[str, str | None]:
    """Send by those of these channels by which it did not arrive; each outcome is kept before the next try."""
    at = utc_text(now)
    today = digest_id(at[:10])
    arrived = {str(row[0]) for row in connection.query(ARRIVED, (today, DIGEST))}
    waiting = {channel: send for channel, send in by.items() if channel not in arrived}
    if not waiting:
        return {}
    message = DigestMessage(digest_of(config, connection, now), config.web.public_url)
    outcome: dict[str, str | None] = {}
    for channel, send in waiting.items():
        outcome[channel] = tried(channel, send, message)
        with connection.transaction():
            note(connection, (today, channel, DIGEST), outcome[channel], at)
    with connection.transaction():
        connection.execute(FORGET, (DIGEST, digest_id(utc_text(now - KEPT)[:10])))
    return outcome
