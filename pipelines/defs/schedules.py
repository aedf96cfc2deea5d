"""When jobs run by themselves: all by one clock, and from the moment the hub is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Mapping


def schedule(
    name: str, job: dg.UnresolvedAssetJobDefinition, cron: str, run_config: Mapping[str, Any] | None = None
) -> dg.ScheduleDefinition:
    """A job's schedule, in UTC as every other time of the hub."""
    return dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=cron,
        execution_timezone="UTC",
        run_config=run_config,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
