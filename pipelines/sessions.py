"""The sessions of this process by run id: the steps of one run share one, whoever started the run.

`partnerhub sync` prepares a run's options (progress, full read) before Dagster starts it; a scheduled run prepares
nothing, and its first pull step opens a session with the defaults.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from connectors.errors import FixSetup
from connectors.record import utc_text
from partnerhub.config.reload import reloaded
from pipelines.land.chosen import Chosen, chosen_records
from pipelines.land.runs import finish_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.leases import held, run_lease
from pipelines.progress import Progress, silent
from warehouse.commands.operate import paused
from warehouse.database import Database
from warehouse.errors import AlreadyRunning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.record import Connector
    from partnerhub.config import HubConfig

log = structlog.get_logger()

SKIPPED: Final = "skipped"
"""How a run ends that read nothing because another one was at its source."""


@dataclass(slots=True)
class RunOptions:
    """What a run was asked for. streams: per source, the streams to pull (None for all).

    approver: who lets every change of this run through, however large; empty for nobody. only: the single records to
    read, of the one stream named; None for all. run_id: the id the run gets; empty for one of its own.
    """

    trigger: str = "schedule"
    full: bool = False
    approver: str = ""
    progress: Progress = silent
    streams: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    only: Chosen | None = None
    run_id: str = ""


_options: dict[str, RunOptions] = {}
_sessions: dict[str, LandSession] = {}
_refusals: dict[str, Exception] = {}
_alive: dict[str, ExitStack] = {}
_lock = threading.Lock()


def prepare(run_id: str, options: RunOptions) -> None:
    """State the options of a run before it starts."""
    _options[run_id] = options


def options_of(run_id: str) -> RunOptions:
    """The options a run was prepared with, or the defaults of a scheduled one."""
    return _options.setdefault(run_id, RunOptions())


def session_for(run_id: str, config: HubConfig, sources: list[str]) -> LandSession:
    """The run's session, opened by whichever pull step comes first. Raises AlreadyRunning."""
    with _lock:
        if run_id not in _sessions:
            options = options_of(run_id)
            settings = LandSettings(
                run_id=run_id,
                trigger=options.trigger,
                full=options.full,
                own_domains=config.own_domains,
                streams=options.streams or {name: chosen_streams(config, name) for name in sources},
            )
            connectors = connectors_of(config, run_id, sources)
            session = LandSession(Database(config.warehouse_url), connectors, settings, options.progress)
            _sessions[run_id] = started(run_id, session)
        return _sessions[run_id]


def connectors_of(config: HubConfig, run_id: str, sources: list[str]) -> list[Connector]:
    """The run's connectors, with the secrets that stand in their files now, but of paused sources."""
    try:
        now = reloaded(config)
    except FixSetup as error:
        _refusals[run_id] = error
        raise
    with Database(config.warehouse_url).session() as connection:
        resting = paused(connection, utc_text(datetime.now(UTC)))
    awake, only = [now.connector(name) for name in sources if name not in resting], options_of(run_id).only
    return awake if only is None else [chosen_records(one, only) for one in awake]


def started(run_id: str, session: LandSession) -> LandSession:
    """Start a session; what keeps it from starting is remembered for `refusal`, as Dagster passes on only its text."""
    try:
        return session.start()
    except Exception as error:
        _refusals[run_id] = error
        if isinstance(error, AlreadyRunning):
            with session.database.session() as connection:
                finish_run(connection, run_id, SKIPPED, utc_text(datetime.now(UTC)))
        raise


def refusal(run_id: str) -> Exception | None:
    """Why the run's session could not start, once."""
    return _refusals.pop(run_id, None)


def fatal(run_id: str) -> Exception | None:
    """What ended the run's session as a whole, if anything did: a database that cannot be written."""
    session = _sessions.get(run_id)
    return session.fatal if session else None


def chosen_streams(config: HubConfig, source: str) -> frozenset[str] | None:
    """The streams the configuration narrows a source to."""
    streams = config.sources[source].streams
    return None if streams is None else frozenset(streams)


def sources_pulled(run_id: str) -> list[str]:
    """The sources whose streams this run read to their end, in order: those that can be asked for more."""
    session = _sessions.get(run_id)
    if session is None:
        return []
    return [
        source
        for source, writer in session.writers.items()
        if any(result.state == "complete" for result in writer.results())
    ]


def finish(run_id: str) -> None:
    """Forget a run, stopping its session if it still pulls. Calling twice is harmless."""
    session = _sessions.pop(run_id, None)
    _options.pop(run_id, None)
    if session:
        session.stop()
    alive = _alive.pop(run_id, None)
    if alive:
        try:
            alive.close()
        except Exception as error:  # noqa: BLE001  # a lease nobody renews expires by itself
            log.warning("run's lease not given back", run_id=run_id, kind=type(error).__name__)


def keep_alive(run_id: str, database: Database) -> None:
    """Hold the run's own lease until `finish`: whoever looks sees that it is still at work. Safe to call twice."""
    with _lock:
        if run_id not in _alive:
            _alive[run_id] = ExitStack()
            _alive[run_id].enter_context(held(database, run_lease(run_id)))


def stop_all(deadline: float) -> None:
    """Stop every session of this process and wait for its writer until `deadline` (monotonic seconds)."""
    for session in list(_sessions.values()):
        session.stopping.set()
    for session in list(_sessions.values()):
        session.settle(deadline)
