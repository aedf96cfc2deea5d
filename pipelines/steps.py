"""The steps of a sync as plain functions: each opens what it needs, does one thing and returns its counts.

Dagster's assets (`defs/`) and tests call these; none of them knows Dagster. What they raise may be stored and shown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.record import utc_text
from pipelines import phases, sessions
from pipelines.failures import carried_on, told_by_name
from pipelines.golden.publish import LEASE, publish
from pipelines.land.backfill import BackfillCounts, backfill
from pipelines.land.runs import finish_run, run_state, start_run
from pipelines.leases import fenced, held
from pipelines.openlineage.telling import tell_began, tell_ended
from pipelines.phases import LAND, RECORDS, recorded
from pipelines.progress import ProgressEvent
from pipelines.settings import policy_of, publish_settings, signal_settings, stage_settings
from pipelines.signals.evaluate import SignalCounts, evaluate
from pipelines.stage.columns import declare_columns
from pipelines.stage.engine import stage_pending
from pipelines.validate.check import check_rules
from warehouse.database import Database
from warehouse.queries.sizes import row_counts
from warehouse.queries.watching import open_asks
from warehouse.schema import migrate

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.golden.publish import PublishCounts
    from pipelines.land.writer import StreamResult
    from pipelines.resolve import ProposeCounts
    from pipelines.stage.engine import StageCounts
    from pipelines.validate.rules import Outcome


@told_by_name
@carried_on
def begin(config: HubConfig, run_id: str) -> None:
    """Migrate the warehouse and open the run's row. Safe to call by every pull step."""
    migrate(config.warehouse_url)
    with Database(config.warehouse_url).session() as connection:
        start_run(connection, run_id, sessions.options_of(run_id).trigger, now_text())
    sessions.keep_alive(run_id, Database(config.warehouse_url))
    phases.begin(Database(config.warehouse_url), run_id, LAND)
    tell_began(config, run_id, now_text())


@told_by_name
def pull(config: HubConfig, run_id: str, source: str, sources: list[str]) -> list[StreamResult]:
    """Wait for one source of the run's session; nothing of a paused one.

    Raises AlreadyRunning, or what broke the warehouse.
    """
    database = Database(config.warehouse_url)
    try:
        session = sessions.session_for(run_id, config, sources)
        results = session.wait(source) if source in session.connectors else []
    except Exception:
        phases.end(database, run_id, LAND, None)
        raise
    if session.is_over():
        phases.end_landing(database, run_id)
    return results


@told_by_name
@carried_on
@recorded("stage", RECORDS, phases.of_stage)
def stage(config: HubConfig, run_id: str) -> StageCounts:
    """Stage what landed. Waits while another run derives its tables."""
    return staged(config, run_id)


def staged(config: HubConfig, run_id: str) -> StageCounts:
    """The same as a part of another phase."""
    options, database = sessions.options_of(run_id), Database(config.warehouse_url)
    settings = stage_settings(config, approver=options.approver)
    with held(database, LEASE) as lease:
        database = fenced(database, lease)
        counts = stage_pending(database, settings, run_id, now_text(), options.progress)
        declare_columns(database, config, settings, now_text(), staged=counts.records)
    return counts


@told_by_name
@carried_on
@recorded("resolve", "pairs", phases.of_resolve)
def resolve(config: HubConfig, run_id: str) -> ProposeCounts:
    """Score the pairs that the pending records may form.

    Brings DuckDB, pandas and Arrow along, 90 MB that landing and staging do without.
    """
    from pipelines.resolve import propose
    from pipelines.resolve.retraining import rescore_if_rules_moved
    from pipelines.resolve.thresholds import score_anew_if_thresholds_moved

    tell(run_id, "identity", "running")
    database, policy = Database(config.warehouse_url), policy_of(config)
    with held(database, LEASE) as lease:
        database = fenced(database, lease)
        rescore_if_rules_moved(database, run_id, now_text(), policy)
        score_anew_if_thresholds_moved(database, policy)
        counts = propose(database, run_id, now_text(), policy)
    tell(run_id, "identity", "complete")
    return counts


@told_by_name
@carried_on
@recorded("publish", RECORDS, phases.of_publish)
def make_golden(config: HubConfig, run_id: str) -> PublishCounts:
    """Assign ids and publish, in one transaction."""
    return published(config, run_id)


def published(config: HubConfig, run_id: str) -> PublishCounts:
    """The same as a part of another phase."""
    tell(run_id, "golden", "running")
    counts = publish(Database(config.warehouse_url), publish_settings(config), run_id, now_text())
    tell(run_id, "golden", "complete")
    return counts


@told_by_name
@carried_on
@recorded("fetch", "texts", phases.of_fetch)
def fill_in(config: HubConfig, run_id: str) -> BackfillCounts:
    """Fetch what attached facts lack from the sources of this run, and publish it."""
    total = BackfillCounts()
    for source in sessions.sources_pulled(run_id):
        connector = config.connector(source)
        while (counts := backfill(Database(config.warehouse_url), connector, run_id, now_text())).moved:
            total += counts
            if counts.landed:
                staged(config, run_id)
    if total.landed:
        published(config, run_id)
    return total


@told_by_name
@carried_on
@recorded("signals", "signals", phases.of_signals)
def find_signals(config: HubConfig, run_id: str) -> SignalCounts:
    """Open, keep and close signals. Waits while another run derives its tables."""
    tell(run_id, "signals", "running")
    counts = evaluate(Database(config.warehouse_url), signal_settings(config), now_text())
    tell(run_id, "signals", "complete")
    return counts


@told_by_name
@carried_on
@recorded("validate", "rules", phases.of_validation)
def validate(config: HubConfig, run_id: str) -> list[Outcome]:
    """What the validation rules say of the warehouse as it is now."""
    del run_id
    with Database(config.warehouse_url).session() as connection:
        return check_rules(connection)


@told_by_name
@carried_on
def rows_held(config: HubConfig, names: list[str]) -> dict[str, int]:
    """How many rows each of the tables holds now."""
    with Database(config.warehouse_url).session() as connection:
        return row_counts(connection, names)


@told_by_name
@carried_on
def conclude(config: HubConfig, run_id: str) -> str:
    """Close the run's row with the state its streams come to, and forget its session; returns the state.

    Streams that were read to their end and yet lack something, or a field, need a person as well.
    """
    with Database(config.warehouse_url).session() as connection:
        rows = connection.query("SELECT state FROM stream_run WHERE run_id = ?", (run_id,))
        state = run_state([row[0] for row in rows])
        if state in {"complete", "incomplete"} and open_asks(connection, run_id):
            state = "needs_person"
        finish_run(connection, run_id, state, now_text())
    tell_ended(config, run_id, state, now_text())
    sessions.finish(run_id)
    return state


def tell(run_id: str, step: str, state: str) -> None:
    """Report a later step to whoever watches."""
    sessions.options_of(run_id).progress(ProgressEvent("", "", state, step=step))


def now_text() -> str:
    """Now, as the hub's UTC text."""
    return utc_text(datetime.now(UTC))
