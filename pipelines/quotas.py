"""Schedules against quotas: what a day of syncs would cost each vendor account, by what syncs have cost so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from statistics import median
from typing import TYPE_CHECKING, Final

from warehouse.queries.requests import requests_of_runs
from warehouse.queries.streams import pinned_accounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.record import Quota
    from partnerhub.config import HubConfig
    from warehouse.database import Connection

DAY: Final = timedelta(days=1)
WEEK_BEGINS: Final = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday: a simulated week, so that schedules of single weekdays show their busiest day."""
RESERVE: Final = 0.2
"""The share of a quota that stays for people and other programs; the hub plans with the rest."""
INTERVALS: Final = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440)
"""Minutes between syncs that somebody may be told to choose."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one source asks of its account.

    requests, whole_requests: of a usual sync, and of a whole reading, as measured; None: unknown. runs: syncs on the
    busiest day. whole: whole readings a day (the nightly comparison).
    """

    source: str
    schedule: str | None
    requests: float | None
    whole_requests: float | None
    runs: int
    whole: float
    measured_runs: int

    @property
    def a_day(self) -> float:
        """Requests on the busiest day."""
        return self.runs * (self.requests or 0.0) + self.whole * (self.whole_requests or 0.0)


@dataclass(frozen=True, slots=True)
class Headroom:
    """One quota of one account against what its sources would ask.

    state: fits, tight (into the reserve), over, unknown (not measured yet) or unpaced (nothing bounds it). used:
    requests in the quota's window at its busiest. advice: which schedule to change, to what.
    """

    account: str
    quota: Quota
    used: float
    loads: tuple[Load, ...]
    state: str
    advice: str = ""

    @property
    def share(self) -> float:
        """Of the quota."""
        return self.used / self.quota.requests


def headrooms(config: HubConfig, connection: Connection) -> list[Headroom]:
    """Every quota of every account that has one, the tightest first. Reads the warehouse, asks no vendor."""
    accounts: dict[str, list[str]] = {}
    pinned = pinned_accounts(connection)
    for name, source in config.sources.items():
        accounts.setdefault(f"{source.connector} {pinned.get(name, name)}", []).append(name)
    found = []
    for account, names in accounts.items():
        loads = tuple(load_of(config, connection, name) for name in names)
        found += [headroom(config, account, quota, loads) for quota in quotas_of(config, names[0])]
    return sorted(found, key=lambda each: (-each.share, each.account, each.quota.seconds))


def quotas_of(config: HubConfig, name: str) -> tuple[Quota, ...]:
    """The vendor's quotas, with what the configuration says of the daily one (`quota: 500000`)."""
    own = config.sources[name].quota
    quotas = config.connector(name).quotas
    return tuple(q._replace(requests=own) if own and q.seconds == DAY.total_seconds() else q for q in quotas)


def load_of(config: HubConfig, connection: Connection, name: str) -> Load:
    """One source's load, from its schedule and its former runs."""
    usual, whole = requests_of_runs(connection, name)
    source = config.sources[name]
    compared = 1.0 if config.reconcile and any(s.schedule for s in config.sources.values()) else 0.0
    return Load(
        name,
        source.schedule,
        median(usual) if usual else None,
        max(whole) if whole else None,
        busiest(firings(source.schedule, WEEK_BEGINS, 7 * DAY)) if source.schedule else 0,
        compared,
        len(usual),
    )


def headroom(config: HubConfig, account: str, quota: Quota, loads: tuple[Load, ...]) -> Headroom:
    """One quota against the loads that share it."""
    if quota.seconds >= DAY.total_seconds():
        used = sum(load.a_day for load in loads)
        state = state_of(used, quota, loads)
        return Headroom(
            account, quota, used, loads, state, advice(quota, loads) if state in {"over", "tight"} else ""
        )
    paced = [config.connector(load.source).requests_in(quota.seconds) for load in loads if load.schedule]
    used = sum(each for each in paced if each is not None)
    unpaced = [
        load.source
        for load, pace in zip((x for x in loads if x.schedule), paced, strict=True)
        if pace is None
    ]
    setting, within = config.connector(loads[0].source).pace
    state = "unpaced" if unpaced else "over" if used > quota.requests else "fits"
    said = f"Set `{setting}` of {', '.join(unpaced)}." if unpaced else ""
    if state == "over":
        share = floor(10 * quota.requests * (1 - RESERVE) * within / quota.seconds / max(1, len(paced))) / 10
        said = f"Set `{setting}: {share:g}` for {', '.join(load.source for load in loads)}."
    return Headroom(account, quota, used, loads, state, said)


def state_of(used: float, quota: Quota, loads: Iterable[Load]) -> str:
    """Whether a day fits."""
    if any(load.schedule and load.requests is None for load in loads):
        return "unknown"
    if used > quota.requests:
        return "over"
    return "tight" if used > quota.requests * (1 - RESERVE) else "fits"


def advice(quota: Quota, loads: tuple[Load, ...]) -> str:
    """The schedule of the hungriest source that would make the day fit, reserve included."""
    scheduled = [load for load in loads if load.schedule and load.requests]
    if not scheduled:
        return "Compare sources and hub less often: `reconcile:`."
    hungriest = max(scheduled, key=lambda load: load.a_day)
    left = quota.requests * (1 - RESERVE) - sum(load.a_day for load in loads if load is not hungriest)
    left -= hungriest.whole * (hungriest.whole_requests or 0.0)
    for minutes in INTERVALS:
        if DAY / timedelta(minutes=minutes) * (hungriest.requests or 0.0) <= left:
            return f'Sync {hungriest.source} every {interval(minutes)}: `schedule: "{cron(minutes)}"`.'
    return f"Even one sync of {hungriest.source} a day is too much: narrow its `streams`, or ask for a larger quota."


def interval(minutes: int) -> str:
    """`15 minutes`, `2 hours`, `day`."""
    if minutes == DAY // timedelta(minutes=1):
        return "day"
    return f"{minutes} minutes" if minutes < 60 else "hour" if minutes == 60 else f"{minutes // 60} hours"  # noqa: PLR2004


def cron(minutes: int) -> str:
    """An interval as a schedule."""
    if minutes < 60:  # noqa: PLR2004
        return f"*/{minutes} * * * *"
    return "0 2 * * *" if minutes == DAY // timedelta(minutes=1) else f"0 */{minutes // 60} * * *"


def firings(schedule: str, start: datetime, length: timedelta) -> list[datetime]:
    """When a schedule fires within a time."""
    from croniter import croniter

    found, moments = [], croniter(schedule, start - timedelta(seconds=1))
    while (moment := moments.get_next(datetime)) < start + length:
        found.append(moment)
    return found


def busiest(moments: list[datetime]) -> int:
    """The most firings on one UTC day."""
    days = Counter(moment.date() for moment in moments)
    return max(days.values(), default=0)
