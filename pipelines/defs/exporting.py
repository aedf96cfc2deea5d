"""The published files as an asset of its own job, by a schedule of its own."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from connectors.record import utc_text
from partnerhub.config.contracts import terms_of
from pipelines.defs.derived import GOLDEN, ROW_COUNT
from pipelines.defs.schedules import schedule
from pipelines.instance import CONSOLE_QUIET
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnerhub.config import HubConfig
    from warehouse.exports.export import Format

PUBLISHED = "published"
"""The asset group that no sync runs."""
EXPORT = dg.AssetKey(["published", "export"])


def export_assets(config: "HubConfig") -> list[dg.AssetsDefinition]:
    """The files `export:` asks for; none without it."""
    if not config.export.to:
        return []

    @dg.asset(
        key=EXPORT,
        deps=list(GOLDEN.values()),
        group_name=PUBLISHED,
        kinds={config.export.format},
        description="One row per published table: the marts and the views of streams as files, with a manifest.",
    )
    def exported(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        from warehouse.exports.export import Options, export

        del context
        options = Options(cast("Format", config.export.format), terms=terms_of(config))
        told = export(Database(config.warehouse_url), config.export.to, options, utc_text(datetime.now(UTC)))
        rows = {table["name"]: table["rows"] for table in told["tables"]}
        newest = told["runs"]["newest_run"] or {}
        metadata = {ROW_COUNT: sum(rows.values()), "tables": rows, "newest_run": newest.get("run_id", "")}
        return dg.MaterializeResult(metadata=metadata)

    return [exported]


def export_jobs(assets: "Sequence[dg.AssetsDefinition]") -> "list[dg.UnresolvedAssetJobDefinition]":
    """The job that publishes, where anything is published."""
    return [dg.define_asset_job("publish_files", selection=list(assets))] if assets else []


def export_schedules(
    config: "HubConfig", jobs: "Sequence[dg.UnresolvedAssetJobDefinition]"
) -> list[dg.ScheduleDefinition]:
    """When it runs by itself."""
    if not config.export.schedule:
        return []
    return [schedule(f"{job.name}_scheduled", job, config.export.schedule, CONSOLE_QUIET) for job in jobs]
