"""Looks after runs whose process is gone, without Dagster: closed within two minutes of their last sign of life."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from connectors.record import utc_text
from pipelines.land.runs import find_abandoned
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()

LOOK_SECONDS: Final = 10.0
"""With `leases.STALE_AFTER`, two minutes at most until a run that went silent is closed."""


@contextmanager
def watched(warehouse_url: str, every: float = LOOK_SECONDS) -> Iterator[None]:
    """Look every so many seconds, from a thread of its own, for the length of a block."""
    done = threading.Event()
    watcher = threading.Thread(
        target=watch, args=(Database(warehouse_url), done, every), name="watch-runs", daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        done.set()


def watch(database: Database, done: threading.Event, every: float) -> None:
    """Thread body: close abandoned runs until told to stop; a database that is away is asked again next time."""
    while not done.wait(every):
        try:
            for run_id in find_abandoned(database, utc_text(datetime.now(UTC))):
                log.warning("run abandoned: its process is gone", run_id=run_id)
        except Exception as error:  # noqa: BLE001  # whatever it was, the next look may do
            log.warning("runs not looked after", kind=type(error).__name__)
