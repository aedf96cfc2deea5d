"""Compare sources and hub: read what is new, count, list what does not add up, publish what the listing brought."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from connectors.record import utc_text
from pipelines import sessions, steps
from pipelines.land.comparison import write_count
from pipelines.land.live_count import live_records
from pipelines.land.runs import finish_run, run_state, start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.progress import Progress, silent
from pipelines.sessions import RunOptions, chosen_streams
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.config import HubConfig
    from pipelines.land.writer import StreamResult

TRIGGER: Final = "reconcile"
LATE: Final = timedelta(hours=1)
"""What changed within the last hour may be on its way: search indexes lag, and the next sync looks back."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What one stream's comparison showed; as a row of `reconciliation`. state: how its reading ended."""

    source: str
    stream: str
    state: str
    method: str = ""
    in_source: int = 0
    in_hub: int = 0
    quarantined: int = 0
    missed: int = 0
    gone: int = 0
    days: dict[str, dict[str, int]] = field(default_factory=dict)
    sample: list[str] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        """Records the source holds and the hub still does not."""
        return max(0, self.in_source - self.in_hub) if self.method else 0


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """All of it. state: complete, needs_person (a gap stays, or a stream asks for somebody), incomplete or failed."""

    run_id: str
    state: str
    seconds: float
    proofs: list[Proof]


def reconcile(
    config: HubConfig, sources: Sequence[str], *, every: bool = False, progress: Progress = silent
) -> ReconcileReport:
    """Compare these sources with the hub, stream by stream, and mend what can be mended. Safe to repeat.

    every: list every stream, also where the counts agree. Raises AlreadyRunning before anything runs.
    """
    began, run_id = monotonic(), str(uuid4())
    migrate(config.warehouse_url)
    database = Database(config.warehouse_url)
    since = utc_text(config.now - LATE)
    with database.session() as connection:
        start_run(connection, run_id, TRIGGER, steps.now_text())
    chosen = {name: chosen_streams(config, name) for name in sources}
    first = LandSettings(run_id, TRIGGER, compared="", streams=chosen, own_domains=config.own_domains)
    doubtful = uncounted(database, read(config, database, first, progress), run_id, every=every)
    if doubtful:
        again = replace(first, full=True, compared=since, streams=doubtful)
        read(config, database, again, progress)
    derive(config, run_id, progress)
    with database.session() as connection:
        states = connection.query("SELECT state FROM stream_run WHERE run_id = ?", (run_id,))
        proofs = read_proofs(connection, run_id)
        state = verdict([row[0] for row in states], proofs)
        finish_run(connection, run_id, state, steps.now_text())
    return ReconcileReport(run_id, state, round(monotonic() - began, 2), proofs)


def read(
    config: HubConfig, database: Database, settings: LandSettings, progress: Progress
) -> dict[tuple[str, str], StreamResult]:
    """One session over the sources named in the settings; how each stream went."""
    connectors = [config.connector(name) for name in settings.streams]
    with LandSession(database, connectors, settings, progress) as session:
        return {
            (result.source, result.stream): result
            for connector in connectors
            for result in session.wait(connector.source)
        }


def uncounted(
    database: Database, results: Mapping[tuple[str, str], StreamResult], run_id: str, *, every: bool
) -> dict[str, frozenset[str]]:
    """The streams to be listed: their count is not known or does not agree. A count that agrees is their proof.

    A stream that was read whole just now has its proof already.
    """
    doubtful: dict[str, set[str]] = {}
    with database.session() as connection:
        proven = {(proof.source, proof.stream) for proof in read_proofs(connection, run_id) if proof.method}
        for (source, stream), result in results.items():
            if result.state != "complete" or (source, stream) in proven:
                continue
            held = live_records(connection, source, stream)
            if every or result.in_source != held:
                doubtful.setdefault(source, set()).add(stream)
                continue
            with connection.transaction():
                write_count(connection, run_id, (source, stream), held, steps.now_text())
    return {source: frozenset(streams) for source, streams in doubtful.items()}


def derive(config: HubConfig, run_id: str, progress: Progress) -> None:
    """Stage, resolve and publish what came."""
    sessions.prepare(run_id, RunOptions(TRIGGER, progress=progress))
    try:
        steps.stage(config, run_id)
        steps.resolve(config, run_id)
        steps.make_golden(config, run_id)
        steps.find_signals(config, run_id)
    finally:
        sessions.finish(run_id)


def read_proofs(connection: Any, run_id: str) -> list[Proof]:
    """What the run's streams showed, and those that could not be compared, by source and stream."""
    rows = connection.records(
        "SELECT s.source, s.stream, s.state, r.method, r.in_source, r.in_hub, r.quarantined, r.missed, r.gone,"
        " r.days_json, r.sample_json FROM stream_run s LEFT JOIN reconciliation r ON r.run_id = s.run_id"
        " AND r.source = s.source AND r.stream = s.stream WHERE s.run_id = ? ORDER BY s.source, s.stream",
        (run_id,),
    )
    proofs = []
    for row in rows:
        if row["method"] is None:
            proofs.append(Proof(row["source"], row["stream"], row["state"]))
            continue
        days, sample = json.loads(row.pop("days_json")), json.loads(row.pop("sample_json"))
        proofs.append(Proof(**row, days=days, sample=sample))
    return proofs


def verdict(states: list[str], proofs: list[Proof]) -> str:
    """The state of the streams, and a person's turn when something is still lacking."""
    state = run_state(states)
    return "needs_person" if state == "complete" and any(proof.lacking for proof in proofs) else state
