"""Webhooks told of changes as an asset of its own job, by a schedule of its own."""

# No `from __future__ import annotations` here: Dagster reads annotations itself.
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.changes.push import push
from pipelines.defs.health import MONITORING
from pipelines.defs.schedules import schedule
from pipelines.instance import CONSOLE_QUIET

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

WEBHOOKS = dg.AssetKey(["webhooks"])
PUSH = "push_changes"


def webhook_assets(config: "HubConfig") -> list[dg.AssetsDefinition]:
    """The webhooks `changes:` names; none without any. One that takes nothing is told of, and fails no run."""
    if not config.changes.webhooks:
        return []

    @dg.asset(
        key=WEBHOOKS,
        group_name=MONITORING,
        description="One row per webhook: how many changes it took, and why no more.",
    )
    def webhooks() -> dg.MaterializeResult[Any]:
        found = push(config, datetime.now(UTC))
        told = {each.name: each.told for each in found}
        failing = {each.name: each.failure for each in found if each.failure}
        return dg.MaterializeResult(
            metadata={"told": sum(told.values()), "webhooks": told, "failing": dg.MetadataValue.json(failing)}
        )

    return [webhooks]


def webhook_jobs(assets: "list[dg.AssetsDefinition]") -> "list[dg.UnresolvedAssetJobDefinition]":
    """The job that tells them, where there are any."""
    return [dg.define_asset_job(PUSH, selection=assets)] if assets else []


def webhook_schedules(
    config: "HubConfig", jobs: "list[dg.UnresolvedAssetJobDefinition]"
) -> list[dg.ScheduleDefinition]:
    """When it runs by itself."""
    if config.changes.schedule is None:
        return []
    return [schedule(f"{job.name}_scheduled", job, config.changes.schedule, CONSOLE_QUIET) for job in jobs]
