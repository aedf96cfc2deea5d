"""Fill a second warehouse from the hub's, as of one moment: some of its tables, or all of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from warehouse.bulk import columns_of
from warehouse.exports.reading import cursor_of
from warehouse.schema import migrate
from warehouse.tables import layer_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection, Database

ROWS: Final = 10_000
"""Rows at once."""


def copy_tables(live: Connection, target: Database, names: Iterable[str]) -> None:
    """Make the schema of today and fill the named tables. live: inside a `snapshot`."""
    migrate(target.url)
    with target.session() as connection, connection.transaction():
        for name in names:
            connection.execute(f"DELETE FROM {name}")  # a migration may have written a row
            copy_rows(live, connection, name)
    settle(target)


def copy_all(live: Connection, target: Database, names: Iterable[str], left_out: Iterable[str]) -> None:
    """The whole warehouse with its indexes, but for the rows of some tables. live: inside a `snapshot`."""
    if live.dialect == "postgresql":
        skipped = set(left_out)
        copy_tables(live, target, (name for name in names if name not in skipped))
        return
    with closing(sqlite3.connect(target.path)) as copy:
        live.raw.backup(copy)
    with target.session() as connection, connection.transaction():
        for name in left_out:
            connection.execute(f"DELETE FROM {name}")


def copy_rows(live: Connection, target: Connection, name: str) -> None:
    """All rows of one table, as they are."""
    columns = ", ".join(columns_of(name))
    if live.dialect == "postgresql":
        placed = f"{layer_of(name)}.{name} ({columns})"
        with (
            live.raw.cursor() as reading,
            target.raw.cursor() as writing,
            reading.copy(f"COPY {placed} TO STDOUT (FORMAT BINARY)") as rows,
            writing.copy(f"COPY {placed} FROM STDIN (FORMAT BINARY)") as into,
        ):
            for block in rows:
                into.write(block)
        return
    marks = ", ".join("?" * len(columns_of(name)))
    with cursor_of(live) as cursor:
        cursor.execute(f"SELECT {columns} FROM {name}")
        while rows_read := cursor.fetchmany(ROWS):
            target.execute_many(f"INSERT INTO {name} ({columns}) VALUES ({marks})", rows_read)


def settle(target: Database) -> None:
    """Let PostgreSQL's planner know what was filled in."""
    if target.dialect == "postgresql":
        with target.session() as connection:
            connection.execute("ANALYZE")
