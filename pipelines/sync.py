"""One whole sync without a daemon: the same Dagster job a schedule starts, run in this process and watched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog

from connectors.record import utc_text
from pipelines import sessions
from pipelines.failures import StepFailed
from pipelines.land.runs import GAP, finish_run
from pipelines.openlineage.telling import tell_ended
from pipelines.sessions import RunOptions
from warehouse.commands.operate import Paused, paused
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.queries.problems import field_notes
from warehouse.queries.runs import seconds_between
from warehouse.queries.watching import open_asks
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagster as dg

    from partnerhub.config import HubConfig

log = structlog.get_logger()

VERDICT_STEP = "verdict"
EXIT_CODES = {"complete": 0, "failed": 1, "needs_person": 3, "incomplete": 4}
"""The exit code of a sync, or of a comparison, by the state its streams come to."""


@dataclass(slots=True)
class StreamReport:
    """How one stream went; counts as in `stream_run`. error: code, do and happened of what ended it early."""

    source: str
    stream: str
    state: str
    read: int
    landed: int
    unchanged: int
    superseded: int
    quarantined: int
    removed: int
    in_source: int | None
    seconds: float
    error: dict[str, str] | None = None


@dataclass(slots=True)
class SyncReport:
    """How a sync went. steps: counts of the later steps by name. seconds: the whole run, start-up included.

    broken_steps: steps that failed with an error of the program's own; what landed waits for the next sync.
    field_notes: fields that went away or were renamed at the synced sources and wait for a person, as in `sync_error`.
    gaps: streams read to their end of which the source says it holds more: source, stream, happened, to_do.
    paused: sources that were left out: since_at, until_at, actor, reason.
    """

    run_id: str
    state: str
    seconds: float
    streams: list[StreamReport] = field(default_factory=list)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken_steps: list[str] = field(default_factory=list)
    checks_failed: list[str] = field(default_factory=list)
    field_notes: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    paused: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 complete, 1 a stream failed, 3 a person must act, 4 incomplete and resumes by itself."""
        return EXIT_CODES.get(self.state, 1)


def run_sync(
    config: HubConfig,
    sources: Sequence[str] | None = None,
    options: RunOptions | None = None,
) -> SyncReport:
    """Sync the named sources (all by default) and publish what changed.

    Without names, paused sources are left out. Raises AlreadyRunning, and Paused for a named one, before anything runs.
    """
    from pipelines.defs.build import SYNC_ALL, build_definitions
    from pipelines.event_store import kept_connections
    from pipelines.instance import CONSOLE_QUIET, dagster_instance, quiet_dagster

    quiet_dagster()
    options, began = options or RunOptions("cli"), monotonic()
    run_id = options.run_id or str(uuid4())
    migrate(config.warehouse_url)
    resting = resting_sources(config, sources)
    sessions.prepare(run_id, options)
    job = build_definitions(config).resolve_job_def(SYNC_ALL)
    try:
        with dagster_instance() as instance, kept_connections(instance):
            result = job.execute_in_process(
                run_id=run_id,
                instance=instance,
                raise_on_error=False,
                asset_selection=None if sources is None else selection(list(sources), job),
                run_config=CONSOLE_QUIET,
                tags={"partnerhub/trigger": options.trigger},
            )
        done = report(config, run_id, result, monotonic() - began)
        done.paused = resting
        return done
    finally:
        sessions.finish(run_id)


def resting_sources(config: HubConfig, sources: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """The configured sources that are paused now. Raises Paused when one of them was named."""
    with Database(config.warehouse_url).session() as connection:
        resting = paused(connection, utc_text(datetime.now(UTC)))
    for name in sources or ():
        if name in resting:
            raise Paused(name, resting[name])
    return {name: facts for name, facts in resting.items() if name in config.sources}


def selection(sources: list[str], job: dg.JobDefinition) -> list[dg.AssetKey]:
    """The chosen sources' raw assets and everything that is not raw."""
    keys = job.asset_layer.selected_asset_keys
    return [key for key in keys if key.path[0] != "raw" or key.path[1] in sources]


def report(config: HubConfig, run_id: str, result: dg.ExecuteInProcessResult, seconds: float) -> SyncReport:
    """What happened, from the run's own rows and Dagster's events.

    Raises what stopped a step before it began, and what ended the session as a whole.
    """
    refused = sessions.refusal(run_id)
    if refused:
        raise refused
    with Database(config.warehouse_url).session() as connection:
        rows = connection.records(
            "SELECT * FROM stream_run WHERE run_id = ? ORDER BY source, started_at, stream", (run_id,)
        )
        found = connection.one("SELECT state FROM sync_run WHERE run_id = ?", (run_id,))
        gaps = [row for row in open_asks(connection, run_id) if row["code"] == GAP]
        notes = field_notes(connection, sources=tuple(sorted({row["source"] for row in rows})))
        if found and found[0] == "running":  # a broken step kept the verdict from closing it
            finish_run(connection, run_id, "failed", utc_text(datetime.now(UTC)))
            tell_ended(config, run_id, "failed", utc_text(datetime.now(UTC)))
    state = found[0] if found and found[0] != "running" else "failed"
    broken = broken_steps(result)
    checks = [e for e in result.get_asset_check_evaluations() if not e.passed and e.check_name != "complete"]
    ended_by = sessions.fatal(run_id)
    if isinstance(ended_by, WarehouseError):
        raise ended_by
    return SyncReport(
        run_id=run_id,
        state=state,
        seconds=round(seconds, 2),
        streams=[stream_report(row) for row in rows],
        steps=step_counts(result),
        broken_steps=broken,
        field_notes=notes,
        gaps=gaps,
        checks_failed=[f"{check.asset_key.to_user_string()}: {check.check_name}" for check in checks],
    )


def broken_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    """Steps that failed with an error of the program's own, each logged with the error's class and place."""
    broken = []
    for event in result.get_step_failure_events():
        if event.step_key == VERDICT_STEP or event.step_key is None:
            continue
        cause = event.step_failure_data.error
        while cause is not None and cause.cause is not None:
            cause = cause.cause
        known = cause is not None and cause.cls_name == StepFailed.__name__
        told = cause.message.strip() if cause and known else cause.cls_name if cause else "unknown"
        log.error("step failed", step=event.step_key, happened=told)
        broken.append(event.step_key)
    return broken


def stream_report(row: dict[str, Any]) -> StreamReport:
    """One row of `stream_run`."""
    ended = row["finished_at"]
    seconds = round(seconds_between(row["started_at"], ended), 2) if ended else 0.0
    error = {"code": row["error_code"], "do": row["error_do"], "happened": row["error_happened"]}
    return StreamReport(
        source=row["source"],
        stream=row["stream"],
        state=row["state"],
        read=row["read"],
        landed=row["landed"],
        unchanged=row["unchanged"],
        superseded=row["superseded"],
        quarantined=row["quarantined"],
        removed=row["removed"],
        in_source=row["in_source"],
        seconds=seconds,
        error=error if row["error_code"] else None,
    )


def step_counts(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """The counts of the later steps, from their metadata."""
    counts: dict[str, dict[str, Any]] = {}
    for event in result.get_asset_materialization_events():
        key = event.asset_key
        if key is None or key.path[0] in {"raw", "verdict"}:
            continue
        metadata = event.materialization.metadata
        counts["/".join(key.path)] = {name: value.value for name, value in metadata.items()}
    return counts
