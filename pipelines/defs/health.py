"""The pass that watches as an asset of its own job, every ten minutes; what it sees as checks beside it."""

# No `from __future__ import annotations` here: Dagster reads annotations itself.
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.defs.schedules import schedule
from pipelines.health import look

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.health import HealthReport
    from warehouse.queries.health import Health

MONITORING = "monitoring"
"""The asset group that no sync runs."""
HEALTH = dg.AssetKey(["health"])
EVERY = "*/10 * * * *"
"""As `warehouse.queries.watching.EVERY` says: who misses two passes is told so."""
MOST_SET_ASIDE = 0.05
"""Share of the records of a day that may be set aside before the check of a stream's error rate warns."""
CHECKS = {
    "fresh": "Every stream came through within two intervals of its schedule.",
    "error_rate": "At most 5 % of the records a stream read in the last day were set aside.",
    "nobody_must_act": "No stream waits for a person.",
    "alerts_arrive": "The last message by every channel arrived.",
}


def health_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """Every stream judged, incidents opened and closed, people told."""

    @dg.asset(
        key=HEALTH,
        group_name=MONITORING,
        description="One row per stream: how well it is, and who must act.",
        check_specs=[
            dg.AssetCheckSpec(name, asset=HEALTH, description=said) for name, said in CHECKS.items()
        ],
    )
    def health() -> dg.MaterializeResult:  # type: ignore[type-arg]  # with checks Dagster knows the bare class only
        report = look(config)
        counts = {"incidents": len(report.watch.incidents), "told": report.told, **report.counted()}
        return dg.MaterializeResult(
            metadata={"dagster/row_count": len(report.streams), **counts}, check_results=list(checked(report))
        )

    return health


def checked(report: "HealthReport") -> Iterator[dg.AssetCheckResult]:
    """What a pass saw, check by check."""
    yield result("fresh", [named(each) for each in report.streams if each.is_late])
    often = [
        f"{named(each)} {each.error_rate:.1%}"
        for each in report.streams
        if each.error_rate is not None and each.error_rate > MOST_SET_ASIDE
    ]
    yield result("error_rate", often, dg.AssetCheckSeverity.WARN)
    yield result(
        "nobody_must_act", [f"{named(each)}: {each.to_do}" for each in report.streams if each.who == "person"]
    )
    yield result("alerts_arrive", [f"{row['channel']}: {row['failure']}" for row in report.watch.failing])


def result(
    name: str, found: list[str], severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    """Passed when nothing was found."""
    return dg.AssetCheckResult(
        passed=not found,
        asset_key=HEALTH,
        check_name=name,
        severity=severity,
        metadata={"found": dg.MetadataValue.json(found)},
    )


def named(health: "Health") -> str:
    """`crm/deals`."""
    return f"{health.source}/{health.stream}"


def health_schedules(
    config: "HubConfig", job: "dg.UnresolvedAssetJobDefinition"
) -> list[dg.ScheduleDefinition]:
    """The pass's schedule, where anything is synced by schedule at all."""
    if not any(source.schedule for source in config.sources.values()):
        return []
    return [schedule("health_watch", job, EVERY)]
