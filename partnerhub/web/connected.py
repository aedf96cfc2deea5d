"""What a page asks for: one connection for the time of one request, kept for the next one, and the time it began."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from connectors.record import utc_text
from warehouse.database import Connection, Database
from warehouse.reconnecting import lost

if TYPE_CHECKING:
    from fastapi import FastAPI

KEPT: Final = 4
"""Connections that stay open between requests; the one used last is taken first, as it remembers most."""
ASKED_AFTER_SECONDS: Final = 1.0
"""A connection that rested longer is asked whether its server is still there."""
CACHE: Final = "PRAGMA cache_size = -16384"
"""16 MB of pages for each: several stay open in one process."""
SMALL: Final = ("SET jit = off", "SET max_parallel_workers_per_gather = 0")
"""PostgreSQL neither compiles nor divides a page's statement: both take longer than it does, and others' cores."""
PREPARED: Final = 400
"""Statements PostgreSQL keeps planned for each connection: those of all pages."""


class Resting(NamedTuple):
    """A connection nobody uses. file: which one it has open, for SQLite. since: seconds of the monotonic clock."""

    connection: Connection
    file: tuple[int, int] | None
    since: float


class Connections:
    """The connections of one application. To be used by many threads at once; each connection by one at a time."""

    def __init__(self, database: Database) -> None:
        """Opens nothing yet."""
        self.database = database
        self.resting: list[Resting] = []
        self.lock = Lock()
        # Also when nobody says that the application ends: a driver complains of connections left open.
        weakref.finalize(self, close_all, self.resting)

    def take(self) -> Connection:
        """An open connection to the warehouse as it is now. Raises DatabaseUnavailable."""
        while True:
            with self.lock:
                found = self.resting.pop() if self.resting else None
            if found is None:
                return self.opened()
            if found.file == self.file() and is_there(found):
                return found.connection
            found.connection.close()

    def opened(self) -> Connection:
        """A new connection."""
        connection = self.database.connect()
        if connection.dialect == "sqlite":
            connection.execute(CACHE)
        else:
            for setting in SMALL:
                connection.execute(setting)
            connection.raw.prepared_max = PREPARED
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next request, unless something was left undone on it or enough are kept."""
        resting = Resting(connection, self.file(), monotonic())
        with self.lock:
            keeps = len(self.resting) < KEPT and is_clean(connection)
            if keeps:
                self.resting.append(resting)
        if not keeps:
            connection.close()

    def file(self) -> tuple[int, int] | None:
        """Which file the warehouse is now: a restored backup is another one under the same name."""
        if self.database.dialect != "sqlite":
            return None
        with suppress(OSError):
            found = self.database.path.stat()
            return found.st_dev, found.st_ino
        return None


class Lent:
    """The connection of one request, taken when it is first asked for: who is sent away needs none."""

    def __init__(self, connections: Connections) -> None:
        """Takes nothing yet."""
        self.connections = connections
        self.taken: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection. Raises DatabaseUnavailable."""
        if self.taken is None:
            self.taken = self.connections.take()
        return self.taken

    def give_back(self) -> None:
        """The request is over; calling twice is harmless."""
        taken, self.taken = self.taken, None
        if taken is not None:
            self.connections.give_back(taken)


def is_there(resting: Resting) -> bool:
    """Whether a connection still answers."""
    if resting.connection.dialect == "sqlite" or monotonic() - resting.since < ASKED_AFTER_SECONDS:
        return not resting.connection.raw_closed()
    try:
        resting.connection.query("SELECT 1")
    except Exception as error:
        if lost(error) is None:
            raise
        return False
    return True


def is_clean(connection: Connection) -> bool:
    """Whether nothing is open on it: neither a transaction nor, on PostgreSQL, a broken session."""
    if connection.in_transaction or connection.raw_closed():
        return False
    if connection.dialect == "sqlite":
        return not connection.raw.in_transaction
    return bool(connection.raw.info.transaction_status == 0)


def close_all(resting: list[Resting]) -> None:
    """Close what rests."""
    while resting:
        resting.pop().connection.close()


def connections_of(app: FastAPI) -> Connections:
    """The connections an application keeps."""
    if not hasattr(app.state, "connections"):
        app.state.connections = Connections(app.state.database)
    kept: Connections = app.state.connections
    return kept


@contextmanager
def lending(app: FastAPI) -> Iterator[Lent]:
    """A connection as long as the block takes."""
    found = Lent(connections_of(app))
    try:
        yield found
    finally:
        found.give_back()


async def lent(request: Request) -> AsyncIterator[Lent]:
    """The one connection of a request, for its guard and its page."""
    with lending(request.app) as found:
        yield found


OneConnection = Annotated[Lent, Depends(lent, scope="function")]
"""Given back before the answer is sent: a slow reader, or a stream of a minute, holds no connection."""


async def connected(lent: OneConnection) -> Connection:
    """A connection for the time of one request. Opening one may wait for a server, so it does so beside the others."""
    if lent.taken is None:
        await run_in_threadpool(lambda: lent.connection)
    return lent.connection


def now_text() -> str:
    """Now, as the hub's UTC text."""
    return utc_text(datetime.now(UTC))


async def now_of_request() -> str:
    """The same, asked where requests arrive: a thread for it would cost more."""
    return now_text()


Connected = Annotated[Connection, Depends(connected)]
Now = Annotated[str, Depends(now_of_request)]
