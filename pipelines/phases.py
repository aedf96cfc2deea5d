"""The phases of a run, written down while it passes them: when each was at work, what came in and what became of it.

A phase that cannot be written down keeps no step from its work; one that fails says so and raises what it raised.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from connectors.record import utc_text
from warehouse.commands.phases import Counted, begin_phase, end_phase, landed_in
from warehouse.database import Database
from warehouse.reconnecting import lost

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.golden.publish import PublishCounts
    from pipelines.land.backfill import BackfillCounts
    from pipelines.resolve import ProposeCounts
    from pipelines.signals.evaluate import SignalCounts
    from pipelines.stage.engine import StageCounts
    from pipelines.validate.rules import Outcome as Checked

log = structlog.get_logger()

LAND: Final = "land"
RECORDS: Final = "records"
Outcome = TypeVar("Outcome")
Step = Callable[["HubConfig", str], Outcome]


def recorded(
    phase: str, unit: str, counted: Callable[[Outcome], Counted]
) -> Callable[[Step[Outcome]], Step[Outcome]]:
    """Decorator of a step: its phase begins and ends with it. counted: what the phase did, of what the step returns."""

    def around(step: Step[Outcome]) -> Step[Outcome]:
        @wraps(step)
        def passed(config: HubConfig, run_id: str) -> Outcome:
            database = Database(config.warehouse_url)
            begin(database, run_id, phase, unit)
            try:
                outcome = step(config, run_id)
            except Exception as error:
                if not lost(error):
                    end(database, run_id, phase, None)
                raise
            end(database, run_id, phase, counted(outcome))
            return outcome

        return passed

    return around


def begin(database: Database, run_id: str, phase: str, unit: str = RECORDS) -> None:
    """Write down that a phase is at work."""
    write(database, lambda connection: begin_phase(connection, run_id, phase, unit, now_text()))


def end(database: Database, run_id: str, phase: str, counted: Counted | None) -> None:
    """Write down that a phase is over; without counts, that it failed."""
    write(database, lambda connection: end_phase(connection, run_id, phase, counted, now_text()))


def end_landing(database: Database, run_id: str) -> None:
    """Every source was read as far as it goes in this run."""
    write(
        database,
        lambda connection: end_phase(connection, run_id, LAND, landed_in(connection, run_id), now_text()),
    )


def write(database: Database, words: Callable[..., None]) -> None:
    """One short transaction; whatever keeps it from happening is logged and no more: the step itself will meet it."""
    try:
        with database.session() as connection, connection.transaction():
            words(connection)
    except Exception as error:  # noqa: BLE001  # the books of a phase are no reason to stop the work of it
        log.warning("phase not written down", kind=type(error).__name__)


def of_stage(counts: StageCounts) -> Counted:
    """Records that waited; what staging set aside, or found unreadable as it landed, is rejected."""
    return Counted(
        counts.records,
        counts.records - counts.quarantined,
        counts.quarantined,
        {"rows written": sum(counts.rows.values()), "findings": counts.findings},
    )


def of_resolve(counts: ProposeCounts) -> Counted:
    """Pairs worth keeping, or kept before, around what waited; changed: written since they weigh otherwise."""
    more = {"organizations waiting": counts.waiting, "compared with": counts.compared - counts.waiting}
    more |= {"alike enough to join": counts.auto, "for a person to judge": counts.review}
    return Counted(counts.pairs, counts.written, 0, more)


def of_publish(counts: PublishCounts) -> Counted:
    """Records that waited: each of them is published."""
    more = {
        "organizations": counts.organizations, "persons": counts.persons, "facts": counts.facts,
        "rows written": counts.organizations_written + counts.persons_written + counts.facts_written,
        "everything": int(counts.everything),
    }  # fmt: skip
    return Counted(counts.pending, counts.pending, 0, more)


def of_fetch(counts: BackfillCounts) -> Counted:
    """Texts that were asked for; those that are not at the source any more are rejected."""
    came = min(counts.landed, counts.wanted - counts.gone)
    return Counted(counts.wanted, came, counts.gone, {"versions": counts.landed})


def of_signals(counts: SignalCounts) -> Counted:
    """Signals that stand or were closed; rejected: rules that broke on a partner, whose signals stay as they were."""
    changed = counts.opened + counts.changed + counts.closed
    more = {"partners": counts.partners, "opened": counts.opened, "closed": counts.closed}
    return Counted(counts.open + counts.closed + counts.failed, changed, counts.failed, more)


def of_validation(outcomes: list[Checked]) -> Counted:
    """Rules that were checked; rejected: those that do not hold."""
    broken = sum(bool(each.violations) for each in outcomes)
    return Counted(len(outcomes), 0, broken, {"violations": sum(each.violations for each in outcomes)})


def now_text() -> str:
    """Now, as the hub's UTC text."""
    return utc_text(datetime.now(UTC))
