"""What is made from raw: staged records, identity, the golden record, and the verdict over the run."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import dagster as dg

from mappings.canonical import STAGED_KINDS
from pipelines import steps
from pipelines.defs.columns import column_metadata

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

STAGED = {kind.kind_name: dg.AssetKey(["staged", kind.kind_name]) for kind in STAGED_KINDS}
IDENTITY = dg.AssetKey(["identity", "match_edge"])
GOLDEN = {
    name: dg.AssetKey(["golden", name]) for name in ("organization", "person", "timeline", "partnership")
}
ROW_COUNT = "dagster/row_count"
BACKFILL = dg.AssetKey(["backfill"])
SIGNAL = dg.AssetKey(["golden", "signal"])
VERDICT = dg.AssetKey(["verdict"])


def staged_assets(config: "HubConfig", raw: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """One asset per staged kind; they are written together, by key."""
    columns = column_metadata(config)

    @dg.multi_asset(
        name="stage",
        specs=[
            dg.AssetSpec(
                key,
                deps=raw,
                group_name="staged",
                description=first_line(kind.__doc__),
                metadata=columns[kind.kind_name],
            )
            for kind, key in zip(STAGED_KINDS, STAGED.values(), strict=True)
        ],
    )
    def stage(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        counts = steps.stage(config, context.run.run_id)
        held = steps.rows_held(config, [f"staged_{name}" for name in STAGED])
        for name, key in STAGED.items():
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    ROW_COUNT: held[f"staged_{name}"],
                    "written": counts.rows.get(name, 0),
                    "quarantined": counts.quarantined,
                },
            )

    return stage


def identity_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """Scored pairs."""

    @dg.asset(
        key=IDENTITY,
        deps=[STAGED["organization"], STAGED["person"], STAGED["relation"]],
        group_name="identity",
        kinds={"splink"},
        description="One row per scored pair of staged organizations.",
    )
    def match_edge(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        counts = plain(steps.resolve(config, context.run.run_id))
        held = steps.rows_held(config, ["match_edge"])
        return dg.MaterializeResult(metadata={ROW_COUNT: held["match_edge"], **counts})

    return match_edge


def golden_assets(config: "HubConfig") -> dg.AssetsDefinition:
    """The published record: written in one transaction, reported as four tables."""

    @dg.multi_asset(
        name="publish",
        specs=[
            dg.AssetSpec(
                key, deps=[IDENTITY, *STAGED.values()], group_name="golden", description=GOLDEN_ROWS[name]
            )
            for name, key in GOLDEN.items()
        ],
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        counts = plain(steps.make_golden(config, context.run.run_id))
        held = steps.rows_held(config, list(GOLDEN))
        for name, key in GOLDEN.items():
            yield dg.MaterializeResult(asset_key=key, metadata={ROW_COUNT: held[name], **counts})

    return publish


def backfill_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """Content that policy left at its source, fetched once its fact is attached."""

    @dg.asset(
        key=BACKFILL,
        deps=list(GOLDEN.values()),
        group_name="ops",
        description="One row per mail whose text was fetched because it attaches to a known organization.",
    )
    def backfill(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(metadata=plain(steps.fill_in(config, context.run.run_id)))

    return backfill


def signals_asset(config: "HubConfig") -> dg.AssetsDefinition:
    """What about partners needs a person."""

    @dg.asset(
        key=SIGNAL,
        deps=[*GOLDEN.values(), BACKFILL],
        group_name="golden",
        description="One row per thing about a partner that needs a person, open or closed.",
    )
    def signals(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        counts = plain(steps.find_signals(config, context.run.run_id))
        held = steps.rows_held(config, ["signal"])
        return dg.MaterializeResult(metadata={ROW_COUNT: held["signal"], **counts})

    return signals


def verdict_asset(config: "HubConfig", raw: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The last step: fails the run when a stream is not complete, after everything that landed was published."""

    @dg.asset(
        key=VERDICT,
        deps=[*raw, *GOLDEN.values(), BACKFILL, SIGNAL],
        group_name="ops",
        description="One row per run: whether every stream was read to its end.",
    )
    def verdict(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        state = steps.conclude(config, context.run.run_id)
        if state != "complete":
            raise dg.Failure(
                f"The sync is {state}: run `partnerhub status` and `partnerhub errors`.", allow_retries=False
            )
        return dg.MaterializeResult(metadata={"state": state})

    return verdict


GOLDEN_ROWS = {
    "organization": "One row per organization, as the hub publishes it now.",
    "person": "One row per person, as the hub publishes them now.",
    "timeline": "One row per fact on one organization's timeline.",
    "partnership": "One row per organization and program it takes part in.",
}


def plain(counts: Any) -> dict[str, Any]:
    """A counts dataclass or tuple as metadata; empty values are left out."""
    values = counts._asdict() if hasattr(counts, "_asdict") else asdict(counts)
    return {name: value for name, value in values.items() if isinstance(value, (int, float, str))}


def first_line(text: str | None) -> str:
    """The sentence that says what one row is."""
    return (text or "").strip().split("\n")[0]
