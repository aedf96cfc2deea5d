"""What a deployment promises of the tables it publishes: `contracts:`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from warehouse.contracts.terms import USUAL, Terms

if TYPE_CHECKING:
    from partnerhub.config.expect import Place
    from partnerhub.config.model import HubConfig

CONTRACT_KEYS: Final = ("owner", "contact", "latency_hours", "retention")
EXAMPLE: Final = "owner: Partner operations"
ADDRESS: Final = re.compile(r"(mailto:[^@\s]+@[\w.-]+|https?://[^\s/]+\S*)")
MAIL: Final = re.compile(r"[^@\s:/]+@[\w.-]+")
AHEAD: Final = 60
"""How many strikes of a schedule are looked at for its longest interval."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """owner: who answers for the tables. contacts: `mailto:` or `https://`. latency_hours: None: as schedules say."""

    owner: str = USUAL.owner
    contacts: tuple[str, ...] = ()
    latency_hours: int | None = None
    retention: str = USUAL.retention


def read_contracts(place: Place) -> Contracts:
    """What a configuration says of contracts."""
    if place.item.value is None:
        return Contracts()
    found = place.known_entries(CONTRACT_KEYS, EXAMPLE)
    owner = found["owner"].text("Partner operations") if "owner" in found else None
    retention = found["retention"].text("7 years") if "retention" in found else None
    hours = found["latency_hours"].whole_number(USUAL.latency_hours) if "latency_hours" in found else None
    listed = found["contact"].elements() if "contact" in found else []
    contacts = tuple(filter(None, (contact(each) for each in listed)))
    return Contracts(owner or USUAL.owner, contacts, hours, retention or USUAL.retention)


def contact(place: Place) -> str:
    """One address; empty, and reported, where it is none."""
    written = (place.text("data@northwind.example") or "").strip()
    if MAIL.fullmatch(written):
        return f"mailto:{written}"
    if ADDRESS.fullmatch(written):
        return written
    place.note("This is no address.", "Write `data@northwind.example` or `https://…`.")
    return ""


def terms_of(config: HubConfig) -> Terms:
    """The terms a hub promises: read as its schedules say, and late after two intervals of the slowest one."""
    said = config.contracts
    intervals = [longest_hours(source.schedule) for source in config.sources.values() if source.schedule]
    every = max(intervals, default=USUAL.every_hours)
    latency = said.latency_hours or (2 * every if intervals else USUAL.latency_hours)
    return Terms(said.owner, said.contacts, latency, every, said.retention)


def longest_hours(cron: str) -> int:
    """The longest interval of a schedule, in whole hours rounded up: office hours pause over the weekend."""
    from croniter import croniter

    times = croniter(cron, datetime(2026, 1, 1, tzinfo=UTC))
    strikes: list[datetime] = [times.get_next(datetime) for _ in range(AHEAD)]
    longest = max((later - earlier for earlier, later in pairwise(strikes)), default=timedelta())
    return max(1, -(-int(longest.total_seconds()) // 3600))
