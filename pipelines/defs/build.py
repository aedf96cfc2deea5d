"""Put the definitions of one hub together: assets, validation checks, a job for all sources and one per source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.defs.changes import webhook_assets, webhook_jobs, webhook_schedules
from pipelines.defs.checks import validation_checks
from pipelines.defs.derived import (
    backfill_asset,
    golden_assets,
    identity_asset,
    signals_asset,
    staged_assets,
    verdict_asset,
)
from pipelines.defs.digest import digest_asset, digest_schedules
from pipelines.defs.exporting import PUBLISHED, export_assets, export_jobs, export_schedules
from pipelines.defs.health import MONITORING, health_asset, health_schedules
from pipelines.defs.marts import MARTS, mart_assets, mart_schedules
from pipelines.defs.reconciling import COMPARISON, reconcile_schedules, reconciliation_asset
from pipelines.defs.schedules import schedule
from pipelines.defs.sources import pull_assets, raw_key, stream_names
from pipelines.instance import CONSOLE_QUIET

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

SYNC_ALL = "sync_all"
RECONCILE = "reconcile"
WATCH = "watch_health"
TELL = "send_digest"
MEASURE = "measure_marts"


def build_definitions(config: HubConfig) -> dg.Definitions:
    """Everything Dagster needs to show and run this hub. Reads no source and no warehouse."""
    raw = [raw_key(source, stream) for source in config.sources for stream in stream_names(config, source)]
    derived = [
        staged_assets(config, raw),
        identity_asset(config),
        golden_assets(config),
        backfill_asset(config),
        signals_asset(config),
        verdict_asset(config, raw),
    ]
    synced = dg.AssetSelection.all() - dg.AssetSelection.groups(COMPARISON, MONITORING, PUBLISHED, MARTS)
    comparison, health, digest = reconciliation_asset(config), health_asset(config), digest_asset(config)
    published, marts = export_assets(config), mart_assets(config)
    publishing = export_jobs(published)
    webhooks = webhook_assets(config)
    pushing = webhook_jobs(webhooks)
    compare = dg.define_asset_job(RECONCILE, selection=[comparison])
    watch = dg.define_asset_job(WATCH, selection=[health])
    tell = dg.define_asset_job(TELL, selection=[digest])
    take_stock = dg.define_asset_job(MEASURE, selection=[marts])
    jobs = [source_job(config, source) for source in config.sources]
    return dg.Definitions(
        assets=[
            *(pull_assets(config, source) for source in config.sources),
            *derived,
            comparison,
            health,
            digest,
            marts,
            *published,
            *webhooks,
        ],
        asset_checks=[validation_checks(config)],
        jobs=[
            dg.define_asset_job(SYNC_ALL, selection=synced),
            *jobs,
            compare,
            watch,
            tell,
            take_stock,
            *publishing,
            *pushing,
        ],
        schedules=[
            schedule(f"every_{name}", job, source.schedule, CONSOLE_QUIET)
            for (name, source), job in zip(config.sources.items(), jobs, strict=True)
            if source.schedule
        ]
        + reconcile_schedules(config, compare)
        + health_schedules(config, watch)
        + digest_schedules(config, tell)
        + mart_schedules(config, take_stock)
        + export_schedules(config, publishing)
        + webhook_schedules(config, pushing),
        executor=dg.in_process_executor,
    )


def source_job(config: HubConfig, source: str) -> dg.UnresolvedAssetJobDefinition:
    """Pull one source, then everything downstream of raw."""
    raw = dg.AssetSelection.assets(*(raw_key(source, stream) for stream in stream_names(config, source)))
    downstream = dg.AssetSelection.groups("staged", "identity", "golden", "ops")
    return dg.define_asset_job(f"sync_{source}", selection=raw | downstream, tags={"source": source})


def empty_definitions() -> dg.Definitions:
    """Without a configuration: one asset whose description says how to begin."""

    @dg.asset(description="No partnerhub.yaml found. Run `partnerhub init`, or `make demo`, then reload.")
    def no_configuration() -> None:
        pass

    return dg.Definitions(assets=[no_configuration])
