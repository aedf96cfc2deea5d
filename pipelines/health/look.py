"""One pass over the hub's health. Run every ten minutes by a schedule, or by hand; safe to repeat, one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from connectors.record import utc_text
from partnerhub.config.intervals import due_of
from partnerhub.config.reload import as_written
from pipelines.alerts.asked import tell_questions
from pipelines.alerts.channels import NotDelivered, post, senders
from pipelines.alerts.daily import send_again
from pipelines.alerts.deliver import deliver
from pipelines.alerts.incidents import seen, settle
from pipelines.health.credentials import note_credentials
from pipelines.land.runs import find_abandoned
from pipelines.leases import held
from warehouse.changes.endpoints import LINEAGE, all_standing
from warehouse.database import Database
from warehouse.queries.credentials import credentials
from warehouse.queries.watching import (
    FAILING_CHANNELS,
    HEALTH,
    SCHEDULE,
    health_of_streams,
    never_ran,
    watch,
)
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.queries.health import Health
    from warehouse.queries.watching import Watch

log = structlog.get_logger()

LEASE: Final = "health"
PATIENCE: Final = timedelta(minutes=2)
BEAT: Final = """
INSERT INTO heartbeat (name, since_at, beat_at, said) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at, said = excluded.said,
since_at = CASE WHEN heartbeat.said = excluded.said THEN heartbeat.since_at ELSE excluded.since_at END
"""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What a pass saw. abandoned: runs whose process was found dead. told: messages that arrived."""

    streams: list[Health]
    watch: Watch
    abandoned: list[str] = field(default_factory=list)
    told: int = 0

    def counted(self) -> dict[str, int]:
        """How many streams there are by word."""
        found: dict[str, int] = {}
        for each in self.streams:
            found[each.word] = found.get(each.word, 0) + 1
        return found


def look(config: HubConfig, now: datetime | None = None) -> HealthReport:
    """Judge every stream, open and close incidents, tell people, leave a sign of life.

    now: the machine's clock unless a test says otherwise. Raises AlreadyRunning when another pass lasts for minutes.
    """
    moment = now or datetime.now(UTC)
    text, due = utc_text(moment), due_of(config, moment)
    migrate(config.warehouse_url)
    database = Database(config.warehouse_url)
    with held(database, LEASE, PATIENCE):
        abandoned = find_abandoned(database, text)
        with database.session() as connection:
            with connection.transaction():
                note_schedules(connection, config, text)
                note_credentials(connection, as_written(config), text)
            told = tell(connection, config, due, text) + send_again(connection, config, moment)
            told += tell_questions(connection, as_written(config), moment)
            with connection.transaction():
                connection.execute(BEAT, (HEALTH, text, text, ""))
            say_alive(config)
            return HealthReport(
                health_of_streams(connection, due, text), watch(connection, due, text), abandoned, told
            )


def tell(connection: Connection, config: HubConfig, due: Mapping[str, str], now: str) -> int:
    """Settle incidents and send what is due, until that brings nothing new.

    A channel that fails while at it is an incident that the others are told at once; one that works again, too.
    """
    by = senders(as_written(config).alerts)
    with connection.transaction():
        forget_channels(connection, tuple(by))
    arrived, given_up = 0, set[str]()
    while True:
        before = failing(connection)
        found = seen(
            [each for each in health_of_streams(connection, due, now) if each.source in config.sources],
            [source for source in never_ran(connection, due) if source in config.sources],
            connection.records(FAILING_CHANNELS),
            credentials(connection, now),
            [each for each in all_standing(connection) if each.name in told_names(config)],
        )
        with connection.transaction():
            settle(connection, found, now)
        arrived += deliver(connection, {name: by[name] for name in by if name not in given_up}, now)
        after = failing(connection)
        if after == before:
            return arrived
        given_up |= after


def say_alive(config: HubConfig) -> None:
    """Ask the address that raises the alarm when nobody asks it any more; one that does not answer does so, too."""
    alive = as_written(config).alerts.alive
    if alive is None:
        return
    try:
        post(alive.url, b"", {})
    except NotDelivered as error:
        log.warning("sign of life not delivered", why=str(error))


def told_names(config: HubConfig) -> set[str]:
    """The webhooks that are configured, and the events of runs where they go anywhere."""
    return {*config.changes.webhooks, *([LINEAGE] if config.lineage.to else [])}


def forget_channels(connection: Connection, channels: tuple[str, ...]) -> None:
    """Nothing waits for a channel that is configured no more. Expects a transaction."""
    marks = ", ".join("?" * len(channels)) or "''"
    connection.execute(
        f"DELETE FROM incident_alert WHERE delivered_at IS NULL AND channel NOT IN ({marks})", channels
    )


def failing(connection: Connection) -> set[Any]:
    """The channels whose messages wait."""
    return {row["channel"] for row in connection.records(FAILING_CHANNELS)}


def note_schedules(connection: Connection, config: HubConfig, now: str) -> None:
    """Remember since when each source has its schedule: nothing is late by a schedule it did not have yet."""
    scheduled = {name: source.schedule for name, source in config.sources.items() if source.schedule}
    known = {
        row[0] for row in connection.query("SELECT name FROM heartbeat WHERE name LIKE ?", (f"{SCHEDULE}%",))
    }
    connection.execute_many(
        BEAT, [(f"{SCHEDULE}{name}", now, now, cron) for name, cron in sorted(scheduled.items())]
    )
    connection.execute_many(
        "DELETE FROM heartbeat WHERE name = ?",
        [(name,) for name in sorted(known) if name.removeprefix(SCHEDULE) not in scheduled],
    )
