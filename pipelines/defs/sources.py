"""A pull step per source: one asset per stream under `raw/<source>/<stream>`, with a check that it is complete."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from connectors.errors import SyncError
from pipelines import steps

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.land.writer import StreamResult

COMPLETE = "complete"


def raw_key(source: str, stream: str) -> dg.AssetKey:
    """The asset key of one raw stream."""
    return dg.AssetKey(["raw", source, stream])


def stream_names(config: "HubConfig", source: str) -> list[str]:
    """The streams of a source that this hub pulls."""
    chosen = config.sources[source].streams
    return [s.name for s in config.connector(source).streams() if chosen is None or s.name in chosen]


def pull_assets(config: "HubConfig", source: str) -> dg.AssetsDefinition:
    """The pull step of one source."""
    streams = stream_names(config, source)
    keys = {stream: raw_key(source, stream) for stream in streams}

    @dg.multi_asset(
        name=f"pull_{source}",
        specs=[
            dg.AssetSpec(
                key,
                group_name="raw",
                kinds={config.sources[source].connector},
                tags={"source": source},
                description=f"One row per version of one record of {source}/{stream}, as it arrived.",
            )
            for stream, key in keys.items()
        ],
        check_specs=[dg.AssetCheckSpec(COMPLETE, asset=key, blocking=False) for key in keys.values()],
    )
    def pull(context: dg.AssetExecutionContext) -> Iterator[Any]:
        steps.begin(config, context.run.run_id)
        results = {
            r.stream: r for r in steps.pull(config, context.run.run_id, source, sources_of(context, config))
        }
        for stream, key in keys.items():
            yield from reported(key, results.get(stream))

    return pull


def sources_of(context: dg.AssetExecutionContext, config: "HubConfig") -> list[str]:
    """The sources whose pull step is part of this run: they share one session."""
    selected = context.run.asset_selection
    if not selected:
        steps_in_job = {name.removeprefix("pull_") for name in context.job_def.graph.node_dict}
        return [name for name in config.sources if name in steps_in_job]
    named = {key.path[1] for key in selected if key.path[0] == "raw"}
    return [name for name in config.sources if name in named]


def reported(key: dg.AssetKey, result: "StreamResult | None") -> Iterator[Any]:
    """One stream's outcome for Dagster: it always materializes, and its check says whether it is complete."""
    if result is None:
        yield dg.MaterializeResult(asset_key=key, metadata={"state": "not pulled"})
        yield dg.AssetCheckResult(passed=False, asset_key=key, check_name=COMPLETE)
        return
    yield dg.MaterializeResult(asset_key=key, metadata=counts_of(result))
    yield dg.AssetCheckResult(
        passed=result.state == "complete", asset_key=key, check_name=COMPLETE, metadata=error_of(result)
    )


def counts_of(result: "StreamResult") -> dict[str, Any]:
    """A stream's counts as metadata; `dagster/row_count` is what was read."""
    return {
        "dagster/row_count": result.read,
        "state": result.state,
        "landed": result.landed,
        "unchanged": result.unchanged,
        "superseded": result.superseded,
        "quarantined": result.quarantined,
        "removed": result.removed,
        "pages": result.pages,
        "seconds": round(result.seconds, 3),
    }


def error_of(result: "StreamResult") -> dict[str, Any]:
    """What ended a stream early, and what to do."""
    error = result.error
    if isinstance(error, SyncError):
        return {"code": error.code, "do": error.do, "happened": error.happened}
    return {"code": type(error).__name__} if error else {}
