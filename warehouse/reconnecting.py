"""A server that restarts: wait until it is ready, and go on with the same connection object."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from warehouse.errors import ConnectionLost, DatabaseUnavailable
from warehouse.trouble import named

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from warehouse.database import Connection, Database

log = structlog.get_logger()
Result = TypeVar("Result")

PATIENCE: Final = timedelta(minutes=2)
"""How long a server may take to come back: one that replays its log after a crash needs a while."""
READY_WITHIN: Final = timedelta(seconds=60)
"""How long whoever opens a session waits for a server that says it will be ready."""
AT_ONCE: Final = timedelta(0)
"""The patience of whoever is to say how things are."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 1.0
TRIES: Final = 5
"""How often one piece of work is begun anew before the server counts as broken."""


def lost(error: BaseException) -> ConnectionLost | None:
    """The error of ours where the server ended the connection; None for any other trouble."""
    meaning = error if isinstance(error, ConnectionLost) else named(error)
    return meaning if isinstance(meaning, ConnectionLost) else None


def reconnect(database: Database, connection: Connection, stopping: Event | None = None) -> None:
    """Let a connection that the server ended go on with a new one of the driver's.

    What its session held is gone: open transactions, temporary tables, advisory locks. Raises as `connect_patiently`.
    """
    connection.go_on_with(connect_patiently(database, stopping))
    log.warning("connected to the database again")


def connect_patiently(database: Database, stopping: Event | None = None) -> Connection:
    """A new connection, once the server answers.

    Raises DatabaseUnavailable when it does not within `PATIENCE`, or `stopping` is set meanwhile.
    """
    return when_it_answers(
        replace(database, patience=AT_ONCE).connect, DatabaseUnavailable, PATIENCE, stopping
    )


def when_it_answers(
    connect: Callable[[], Result],
    while_it_says: type[DatabaseUnavailable],
    patience: timedelta,
    stopping: Event | None = None,
) -> Result:
    """What `connect` returns, tried again at growing intervals as long as it raises `while_it_says`; told once.

    Raises that error when `patience` is over, or `stopping` is set meanwhile.
    """
    deadline, wait = monotonic() + patience.total_seconds(), FIRST_WAIT_SECONDS
    while True:
        try:
            return connect()
        except while_it_says as error:
            if monotonic() >= deadline or (stopping is not None and stopping.is_set()):
                raise
            if wait == FIRST_WAIT_SECONDS:
                log.warning("waiting for the database", said=error.happened)
        sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def patiently(database: Database, work: Callable[[Connection], Result]) -> Result:
    """What a piece of work returns, on a connection of its own; begun anew where the server ends that midway.

    For work that may be done twice. Raises as `connect_patiently`, and whatever the work raises.
    """
    for _ in range(TRIES - 1):
        try:
            with closing(connect_patiently(database)) as connection:
                return work(connection)
        except Exception as error:
            if not lost(error):
                raise
    with closing(connect_patiently(database)) as connection:
        return work(connection)
