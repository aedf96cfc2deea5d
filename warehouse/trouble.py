"""What a driver's error means, named by remedy. Its text is never passed on: it may quote what was written."""

from __future__ import annotations

import sqlite3
from typing import Final

from warehouse.errors import (
    AlreadyRunning,
    ConnectionLost,
    Contended,
    DatabaseBusy,
    DiskFull,
    WarehouseError,
)

RESUMES: Final = "Nothing of the transaction was kept; the next sync goes on from the last committed page."

LOOK: Final = "`partnerhub doctor --offline` says where and how much is free."
FULL: Final = DiskFull, "The database's disk is full.", f"Make room there: {LOOK} {RESUMES}"
BUSY: Final = (
    DatabaseBusy,
    "Another program has locked the database.",
    f"Close whatever has the warehouse open: a browser of databases, a backup. {RESUMES}",
)
LOST: Final = (
    ConnectionLost,
    "The database ended the connection.",
    f"Nothing to do if it was restarted; else look at its log. {RESUMES}",
)
AGAIN: Final = Contended, "Two transactions got into each other's way.", f"Nothing to do. {RESUMES}"

Meaning = tuple[type[WarehouseError], str, str]
OF_SQLITE: Final[dict[int, Meaning]] = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
}
"""Primary result codes; extended ones carry them in their last byte."""
OF_POSTGRES: Final[dict[str, Meaning]] = {
    "53100": FULL,
    "55P03": BUSY,
    "57P01": LOST,
    "57P02": LOST,
    "57P03": LOST,
    "40001": AGAIN,
    "40P01": AGAIN,
}
CONNECTION: Final = "08"
"""The class of SQLSTATEs about connections."""


def named(error: BaseException) -> WarehouseError | None:
    """The error of ours that a driver's error means; None for what is no trouble of a database's."""
    meaning = of_sqlite(error) if isinstance(error, sqlite3.Error) else of_postgres(error)
    if meaning is None:
        return None
    kind, happened, do = meaning
    return kind(happened, do)


def is_busy(error: BaseException) -> bool:
    """Whether somebody else writes, or derives tables, for longer than was waited for."""
    meaning = error if isinstance(error, WarehouseError) else named(error)
    return isinstance(meaning, (AlreadyRunning, DatabaseBusy, Contended))


def from_driver(error: BaseException) -> bool:
    """Whether a database's driver raised it, be it named here or not."""
    return isinstance(error, sqlite3.Error) or is_psycopg(error, "Error")


def is_psycopg(error: BaseException, name: str) -> bool:
    """Whether it is of that class of psycopg, which a SQLite hub does not load."""
    return f"psycopg.{name}" in {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}


def of_sqlite(error: sqlite3.Error) -> Meaning | None:
    """By its result code."""
    return OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def of_postgres(error: BaseException) -> Meaning | None:
    """By its SQLSTATE; an operational error without one is a connection that is gone."""
    if not is_psycopg(error, "Error"):
        return None
    state = getattr(error, "sqlstate", None)
    if state is None:
        return LOST if is_psycopg(error, "OperationalError") else None
    return of_sqlstate(state)


def of_sqlstate(state: str) -> Meaning | None:
    """By what PostgreSQL says of itself, whichever driver it comes through."""
    return LOST if state.startswith(CONNECTION) else OF_POSTGRES.get(state)
