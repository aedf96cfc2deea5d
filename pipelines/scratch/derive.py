"""Work a second warehouse out of what landed, by the steps of a sync; nothing is asked of any source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pipelines import sessions, steps
from pipelines.sessions import RunOptions

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.golden.publish import PublishCounts
    from pipelines.progress import Progress
    from pipelines.resolve import ProposeCounts
    from pipelines.signals.evaluate import SignalCounts
    from pipelines.stage.engine import StageCounts
    from warehouse.database import Database

END_OF_DAY: Final = "T23:59:59.999999Z"


@dataclass(frozen=True, slots=True)
class Derived:
    """What the steps counted, and the seconds they took."""

    staged: StageCounts
    proposed: ProposeCounts
    published: PublishCounts
    signals: SignalCounts
    seconds: float


def derive(config: HubConfig, target: Database, day: str | None, progress: Progress) -> Derived:
    """Stage what waits in a second warehouse, resolve, publish and look for signals, as the configuration says.

    day: what counts as today for signals, ISO; None as the configuration has it.
    """
    began, run_id = monotonic(), str(uuid4())
    moved = replace(config, warehouse_url=target.url, clock=day + END_OF_DAY if day else config.clock)
    sessions.prepare(run_id, RunOptions("scratch", progress=progress))
    try:
        staged = steps.stage(moved, run_id)
        proposed = steps.resolve(moved, run_id)
        published = steps.make_golden(moved, run_id)
        signals = steps.find_signals(moved, run_id)
    finally:
        sessions.finish(run_id)
    return Derived(staged, proposed, published, signals, round(monotonic() - began, 2))
