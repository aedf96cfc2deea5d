"""Dagster's record of a run, kept quick: one connection per file instead of several per event.

Dagster's SQLite store opens, compiles for and closes a connection at every statement, 1,800 times in a sync of forty
streams: more than everything else a sync with nothing to do needs.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dagster as dg
    from sqlalchemy import Connection

BUSY_TIMEOUT_SECONDS = 60
"""How long to wait for `dagster dev`, which may write the same files."""


@contextmanager
def kept_connections(instance: dg.DagsterInstance) -> Iterator[None]:
    """Inside the block, the instance's SQLite stores keep their connections; any other store is left as it is."""
    kept = KeptConnections()
    events, runs = instance.event_log_storage, instance.run_storage
    if isinstance(events, SqliteEventLogStorage):
        shard = partial(kept.shard, events, events.run_connection)
        vars(events).update(run_connection=shard, index_connection=partial(shard, INDEX_SHARD_NAME))
    if type(runs) is SqliteRunStorage:
        vars(runs).update(connect=partial(kept.connection, runs._conn_string))  # noqa: SLF001 - there is no other way to its address
    try:
        yield
    finally:
        for store, name in ((events, "run_connection"), (events, "index_connection"), (runs, "connect")):
            vars(store).pop(name, None)
        kept.close()


class KeptConnections:
    """One open connection per SQLite file. Threads may share it; they take turns, as the stores themselves let them."""

    def __init__(self) -> None:
        """Opens nothing."""
        self.engines: dict[str, Engine] = {}
        self.made: set[str] = set()
        self.turn = RLock()

    @contextmanager
    def connection(self, address: str) -> Iterator[Connection]:
        """A connection with a transaction, committed at the end of the block."""
        with self.turn:
            if address not in self.engines:
                self.engines[address] = opened(address)
            with self.engines[address].connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def shard(self, store: SqliteEventLogStorage, make: Any, name: str) -> Iterator[Connection]:
        """The same for one file of the event store, which `make`, the store's own way, creates at first."""
        with self.turn:
            if name not in self.made:
                with make(name):
                    self.made.add(name)
            with self.connection(store.conn_string_for_shard(name)) as connection:
                yield connection

    def close(self) -> None:
        """Close every connection."""
        for engine in self.engines.values():
            with suppress(OSError):
                engine.dispose()


def opened(address: str) -> Engine:
    """An engine that keeps one connection. A power failure may cost the newest events, never the file."""
    engine = create_engine(
        address, poolclass=QueuePool, pool_size=1, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
    )
    event.listen(engine, "connect", commit_without_waiting)
    return engine


def commit_without_waiting(connection: Any, _record: Any) -> None:
    """In the write-ahead log NORMAL is safe; FULL, the default, waits for the disk at every event."""
    connection.execute("PRAGMA synchronous = NORMAL")
