"""What somebody enters by hand, landed, staged, published and looked at for signals: seen by the next reader."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import structlog

from pipelines.golden.publish import LEASE, publish
from pipelines.leases import held
from pipelines.settings import policy_of, publish_settings, signal_settings, stage_settings
from pipelines.signals.evaluate import evaluate_after
from pipelines.stage.engine import stage_pending
from pipelines.stage.landed import stage_landed
from pipelines.stage.rules import HUB
from warehouse.commands.enter import enter, enter_all
from warehouse.commands.relate import STREAM as RELATIONS
from warehouse.trouble import is_busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from partnerhub.config import HubConfig
    from pipelines.stage.rules import StageSettings
    from warehouse.commands.enter import Entry
    from warehouse.database import Connection, Database


log = structlog.get_logger()
Landed = TypeVar("Landed")


def own_source_alone(config: HubConfig) -> StageSettings:
    """Staging of what people enter and nothing else: a command knows no source settings, which rules depend on."""
    return replace(stage_settings(config), sources={})


def enter_now(
    database: Database, config: HubConfig, entry: Entry, *, actor: str, now: str, entry_id: str | None = None
) -> str:
    """Land an entry and publish it; returns the key of its record. Waits while another run derives its tables.

    Raises what `warehouse.commands.enter.enter` raises, and then nothing was written. Killed in between, the next sync
    goes on; so it does where the database waits less long than somebody derives tables, and it is seen then.
    """

    def command(connection: Connection, run_id: str) -> str:
        return enter(connection, entry, actor=actor, now=now, run_id=run_id, entry_id=entry_id)

    return landed_now(database, config, command, now)


def enter_all_now(
    database: Database, config: HubConfig, entries: Sequence[Entry], *, actor: str, now: str
) -> list[str]:
    """The same for several entries as one act: all of them or none."""

    def command(connection: Connection, run_id: str) -> list[str]:
        return enter_all(connection, entries, actor=actor, now=now, run_id=run_id)

    return landed_now(database, config, command, now)


def landed_now(
    database: Database, config: HubConfig, command: Callable[[Connection, str], Landed], now: str
) -> Landed:
    """Run a command that lands entries, with the id of its run; stage, match, publish and look for signals."""
    from pipelines.resolve import propose  # brings Splink along, as publishing does

    run_id = str(uuid4())
    with held(database, LEASE):
        with database.session() as connection, connection.transaction():
            landed = command(connection, run_id)
        with later_if_busy(database):
            staged = stage_pending(database, own_source_alone(config), run_id, now)
            if staged.rows.get("organization"):  # or it would never be compared with anybody
                propose(database, run_id, now, policy_of(config))
    with later_if_busy(database):
        publish(database, publish_settings(config), run_id, now)
    evaluate_after(database, signal_settings(config), now)
    return landed


@contextmanager
def later_if_busy(database: Database) -> Iterator[None]:
    """What somebody else keeps from being done in the time the database waits for, the next sync does."""
    try:
        yield
    except Exception as error:
        if database.waits is None or not is_busy(error):
            raise
        log.info("an entry is seen later", why=type(error).__name__)


def stage_relations(connection: Connection, config: HubConfig, run_id: str, now: str) -> int:
    """Stage what an act entered or withdrew, in its own transaction; returns how many entries that was."""
    return stage_landed(connection, own_source_alone(config), HUB, RELATIONS, run_id, now)
