"""The connection: one small surface over sqlite3 and psycopg, so that every statement is written once.

Statements use `?` for parameters and unqualified table names. Times, dates and JSON come back as text in the hub's
fixed formats on both engines. Every write happens inside `transaction()`, which takes the write lock at once on
SQLite (`BEGIN IMMEDIATE`: a read that turns into a write would fail under concurrency, whatever the timeout).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from weakref import WeakSet

from warehouse import failpoints
from warehouse.errors import DatabaseStarting, DatabaseUnavailable, UnsupportedUrl
from warehouse.layers import LAYERS
from warehouse.postgres import connect_postgres
from warehouse.reconnecting import READY_WITHIN, when_it_answers

RowTuple: TypeAlias = tuple[Any, ...]

BUSY_TIMEOUT_SECONDS = 300
"""How long a writer waits for another's transaction: a first publication of many organizations takes minutes."""
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
    # 32 MB of log: pages of an index that one transaction after another touches are copied back once.
    "PRAGMA wal_autocheckpoint = 8000",
)


# The driver asks every null and every blob whether it wants to be adapted, which costs more than storing it: two
# adapters that answer at once take 3 µs off a staged row. An empty dict answers None for None.
NOTHING_KNOWN: dict[None, None] = {}
sqlite3.register_adapter(type(None), NOTHING_KNOWN.get)
sqlite3.register_adapter(bytes, bytes)


@dataclass(frozen=True, slots=True)
class Database:
    """Where the warehouse lives. `url` is `sqlite:///path` or `postgresql://user@host/name`. Opens nothing itself."""

    url: str
    fence: Callable[[Connection], None] | None = field(default=None, compare=False, repr=False)
    """Called first in every transaction, which it may refuse: see `pipelines.leases.fenced`."""
    patience: timedelta = field(default=READY_WITHIN, compare=False)
    """How long a server that is starting, recovering or shutting down is waited for."""
    waits: timedelta | None = field(default=None, compare=False)
    """How long whoever writes, or holds a lease, is waited for; None: as long as a publication may take."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`; raises UnsupportedUrl for anything else."""
        scheme = urlsplit(self.url).scheme.split("+")[0]
        if scheme == "postgres":
            return "postgresql"
        if scheme not in {"sqlite", "postgresql"}:
            raise UnsupportedUrl(self.url)
        return scheme

    @property
    def path(self) -> Path:
        """The file of a SQLite warehouse."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def sqlalchemy_url(self) -> str:
        """The URL with an explicit driver, as SQLAlchemy 2.1 needs it."""
        if self.dialect == "sqlite":
            return self.url
        return "postgresql+psycopg://" + self.url.split("://", 1)[1]

    def connect(self) -> Connection:
        """A new connection, to be used by one thread at a time, of a server that is ready within `patience`.

        Raises DatabaseUnavailable: at once where nobody answers or the sign-in is refused.
        """
        if self.dialect == "postgresql":
            plain = "postgresql://" + self.url.split("://", 1)[1]
            opened = when_it_answers(
                partial(connect_postgres, plain, LAYERS), DatabaseStarting, self.patience
            )
            return Connection(opened, "postgresql", self.fence)
        seconds = BUSY_TIMEOUT_SECONDS if self.waits is None else self.waits.total_seconds()
        return Connection(connect_sqlite(self.path, seconds), "sqlite", self.fence)

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection that is closed at the end."""
        connection = self.connect()
        try:
            yield connection
        finally:
            connection.close()


def end_all() -> None:
    """From now on no connection of this process runs a statement, and what runs is broken off and rolled back."""
    threading.excepthook = unless_ended
    ENDING.set()
    for connection in list(OPEN):
        with suppress(Exception):  # closed meanwhile
            connection.interrupt()


def unless_ended(failure: threading.ExceptHookArgs) -> None:
    """Report what ended a thread, unless it was told to end."""
    if not issubclass(failure.exc_type, Ended):
        threading.__excepthook__(failure)


def connect_sqlite(path: Path, seconds: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    """Open a SQLite file in WAL mode; explicit transactions only. seconds: how long another writer is waited for."""
    try:
        connection = sqlite3.connect(
            path,
            timeout=seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma).fetchall()
    except sqlite3.OperationalError as error:
        raise DatabaseUnavailable(str(path), str(error)) from error
    return connection


ENDING = threading.Event()
"""Set when this process is to end: from then on its connections refuse every statement, so nothing commits halfway."""
OPEN: WeakSet[Connection] = WeakSet()


class Ended(BaseException):
    """A statement of a process that is ending; no error to be handled, like KeyboardInterrupt."""


class Connection:
    """One open connection. `raw` is the driver's own, for bulk paths in `warehouse.bulk`."""

    def __init__(self, raw: Any, dialect: str, fence: Callable[[Connection], None] | None = None) -> None:
        """Wrap an open driver connection in autocommit mode."""
        self.raw = raw
        self.dialect = dialect
        self.fence = fence
        self.spared = False
        OPEN.add(self)
        self.in_transaction = False

    def interrupt(self) -> None:
        """Break off the statement another thread of this process is running here."""
        if self.dialect == "sqlite":
            self.raw.interrupt()
        elif not self.raw_closed():
            self.raw.cancel()

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; returns the number of rows it touched (-1 where the driver cannot say)."""
        return int(self.raw.execute(self.spelled(statement), tuple(parameters)).rowcount)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[RowTuple]:
        """All rows of a query, as tuples."""
        rows: list[RowTuple] = self.raw.execute(self.spelled(statement), tuple(parameters)).fetchall()
        return rows

    def one(self, statement: str, parameters: Sequence[Any] = ()) -> RowTuple | None:
        """The first row of a query, or None."""
        rows = self.query(statement, parameters)
        return rows[0] if rows else None

    def records(self, statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows of a query, as dicts by column name."""
        cursor = self.raw.execute(self.spelled(statement), tuple(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for every row of parameters."""
        cursor = self.raw.cursor()
        cursor.executemany(self.spelled(statement), rows)
        cursor.close()

    def spelled(self, statement: str) -> str:
        """The statement with the driver's own parameter marks. Raises Ended once this process is to end."""
        if ENDING.is_set() and not self.spared:
            raise Ended
        return statement if self.dialect == "sqlite" else statement.replace("%", "%%").replace("?", "%s")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside commits together or not at all. Not to be nested."""
        site = failpoints.site() if failpoints.ARMED else ""
        self.execute("BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN")
        self.in_transaction = True
        try:
            if self.fence is not None:
                self.fence(self)
            yield self
            if site:
                failpoints.reach(f"{site}.{failpoints.BEFORE}")
            self.execute("COMMIT")
        except BaseException:
            self.in_transaction = False
            if not self.raw_closed():
                self.take_back()
            raise
        self.in_transaction = False
        if site:
            failpoints.reach(f"{site}.{failpoints.AFTER}")

    def wait_long(self) -> None:
        """From now on wait for other writers as long as a publication may take, whatever its database says."""
        if self.dialect == "sqlite":
            self.raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000:.0f}").fetchall()

    def take_back(self) -> None:
        """End the open transaction; some errors have made the database do so by itself already."""
        if self.dialect == "postgresql" or self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    def raw_closed(self) -> bool:
        """Whether the server has already dropped the connection (then there is nothing to roll back)."""
        return bool(getattr(self.raw, "closed", False))

    def go_on_with(self, fresh: Connection) -> None:
        """Take over the driver's connection of another one, in place of one that is lost."""
        with suppress(Exception):  # the server has closed it already
            self.raw.close()
        self.raw, self.in_transaction = fresh.raw, False

    def close(self) -> None:
        """Close; calling twice is harmless."""
        self.raw.close()
