"""The comparison of sources and hub as an asset of its own job, by a schedule of its own."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.defs.schedules import schedule
from pipelines.instance import CONSOLE_QUIET
from pipelines.reconcile import reconcile

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.reconcile import Proof

COMPARISON = "comparison"
"""The asset group that no sync runs."""


def reconciliation_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """Every stream of every source against the hub; fails when something is lacking, after what could be mended was."""

    @dg.asset(
        key=dg.AssetKey(["reconciliation"]),
        group_name=COMPARISON,
        description="One row per comparison of one stream: what its source holds against what the hub holds.",
    )
    def reconciliation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        report = reconcile(config, list(config.sources))
        context.add_output_metadata({"state": report.state, **totals(report.proofs)})
        if report.state != "complete":
            raise dg.Failure(
                f"The comparison is {report.state}: run `partnerhub reconcile` and `partnerhub errors`.",
                metadata=totals(report.proofs),
                allow_retries=False,
            )
        return dg.MaterializeResult()

    return reconciliation


def totals(proofs: "list[Proof]") -> dict[str, int]:
    """The comparison in numbers."""
    names = ("in_source", "in_hub", "quarantined", "missed", "gone", "lacking")
    return {name: sum(getattr(proof, name) for proof in proofs) for name in names}


def reconcile_schedules(
    config: "HubConfig", job: "dg.UnresolvedAssetJobDefinition"
) -> list[dg.ScheduleDefinition]:
    """The comparison's schedule, where anything is synced by schedule at all."""
    if config.reconcile is None or not any(source.schedule for source in config.sources.values()):
        return []
    return [schedule("reconcile_nightly", job, config.reconcile, CONSOLE_QUIET)]
