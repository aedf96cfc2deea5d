"""By when a schedule must have brought something: what "late" means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.record import utc_text

if TYPE_CHECKING:
    from partnerhub.config.model import HubConfig

GRACE: Final = timedelta(minutes=10)
"""How long a run may take to begin and to end before its schedule counts as passed."""


def due_since(cron: str, now: datetime) -> datetime:
    """The last but one time at which the schedule struck, the grace before `now` left out.

    Who has not come through since then let two intervals pass. Irregular ones (office hours) go by their own times.
    """
    from croniter import croniter

    times = croniter(cron, now.astimezone(UTC) - GRACE)
    times.get_prev(datetime)
    found: datetime = times.get_prev(datetime)
    return found


def due_of(config: HubConfig, now: datetime | None = None) -> dict[str, str]:
    """Source with a schedule → UTC text since when it must have come through. By the machine's clock, as schedules."""
    moment = now or datetime.now(UTC)
    return {
        name: utc_text(due_since(source.schedule, moment))
        for name, source in config.sources.items()
        if source.schedule
    }
