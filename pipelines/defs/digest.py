"""The daily digest as an asset of its own job, by a schedule of its own."""

# No `from __future__ import annotations` here: Dagster reads annotations itself.
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.alerts.daily import send_digest
from pipelines.defs.health import MONITORING
from pipelines.defs.schedules import schedule
from pipelines.instance import CONSOLE_QUIET

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

DIGEST = dg.AssetKey(["digest"])


def digest_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """Every connection told by each channel, once a day however often it runs; fails where a channel does."""

    @dg.asset(
        key=DIGEST,
        group_name=MONITORING,
        description="One message a day and channel: how well, how far behind and for whom each connection waits.",
    )
    def digest() -> dg.MaterializeResult[Any]:
        outcome = send_digest(config)
        failed = {channel: failure for channel, failure in outcome.items() if failure}
        if failed:
            raise dg.Failure(f"It did not arrive by {', '.join(failed)}.", failed, allow_retries=False)
        return dg.MaterializeResult(metadata={"told": len(outcome)})

    return digest


def digest_schedules(
    config: "HubConfig", job: "dg.UnresolvedAssetJobDefinition"
) -> list[dg.ScheduleDefinition]:
    """When it goes out, where it is wanted, by any channel, and anything is synced by schedule at all."""
    if config.alerts.digest is None or not config.alerts.channels:
        return []
    if not any(source.schedule for source in config.sources.values()):
        return []
    return [schedule("digest_daily", job, config.alerts.digest, CONSOLE_QUIET)]
