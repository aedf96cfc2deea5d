"""A whole warehouse into another database, of either engine: all tables and all rows, compared before they count.

The target is filled in one transaction. Until it commits, the target's revision says that it is a copy that was not
finished, so that no program opens it; whatever is killed meanwhile leaves tables without rows, and is begun anew. Of
the source nothing is written, and nobody else writes to it either.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse import bulk
from warehouse.backup import require_nobody
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.row_sums import FEW_AT_ONCE, OWN_NAMES, RowSum, rows_of, summed
from warehouse.schema import UNFINISHED, current_revision, latest_revision, migrate, require_current
from warehouse.tables import layer_of, metadata, table
from warehouse.trouble import from_driver, is_busy, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from warehouse.database import Connection, RowTuple

PATIENCE: Final = timedelta(seconds=10)
"""How long whoever writes to the source is waited for."""
BATCH: Final = 2_000
"""Rows handed to SQLite at once."""
AGAIN: Final = "Run this again: it begins anew, and the former warehouse is as it was."
REMEMBERED: Final = "hub_state"
"""The one table that has rows in a new warehouse."""
SORTING: Final = "SET LOCAL maintenance_work_mem = '256MB'"


class Moved(NamedTuple):
    """One table in the new place. digest: of its rows, the same on both sides."""

    name: str
    rows: int
    digest: str


class Away(NamedTuple):
    """An index or key that a load does without. drop, make: what takes it away, and what builds it again."""

    drop: str
    make: str


def move(source: Database, target: Database, tell: Callable[[str], None] = lambda _: None) -> list[Moved]:
    """Copy a warehouse into an empty database and compare every table; returns the tables that were compared.

    tell: called with the name of each table, when it is copied and when it is compared. Safe to call again after it
    failed or was killed. Raises WarehouseError: the target holds rows, somebody is at work on the source, the source is
    of another schema, a value that the target cannot hold, rows that differ. None of these leaves a row in the target.
    """
    require_current(source)
    if source.url == target.url:
        raise WarehouseError("That is the warehouse itself.", "Name an empty database.")
    prepare(target)
    with locked(replace(source, waits=PATIENCE)) as origin:
        moved = copy_all(origin, target, tell)
    migrate(target.url)  # the views of streams that came
    with target.session() as connection:
        connection.execute("ANALYZE")
    return moved


def prepare(target: Database) -> None:
    """Bring an empty database to this program's schema and mark it as unfinished. Raises WarehouseError: it is not."""
    found = current_revision(target, unfinished=True)
    if found is not None and found.startswith(UNFINISHED):
        stand_at(target, found.removeprefix(UNFINISHED))
    elif found is not None:
        refuse_rows(target)
    migrate(target.url)
    stand_at(target, UNFINISHED + latest_revision())


def refuse_rows(target: Database) -> None:
    """Raise WarehouseError when a database that has our tables holds rows in one of them."""
    require_current(target)
    with target.session() as connection:
        for name in sorted(metadata.tables.keys() - {REMEMBERED}):
            if connection.one(f"SELECT 1 FROM {name} LIMIT 1"):
                raise WarehouseError(
                    f"The database that was named is a hub already: {name} has rows.",
                    "Name an empty database; nothing of this one was touched.",
                )


def stand_at(target: Database, revision: str) -> None:
    """Write down at which revision a warehouse stands."""
    with target.session() as connection, connection.transaction():
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


@contextmanager
def locked(source: Database) -> Iterator[Connection]:
    """A connection that reads the source as of one moment, while others may read and nobody may write.

    Raises WarehouseError when somebody is at work.
    """
    with source.session() as connection:
        require_nobody(connection)
        try:
            hold(connection)
            require_nobody(connection)  # who took a lease before the lock came
            yield connection
        finally:
            if not connection.raw_closed():
                connection.take_back()


def hold(connection: Connection) -> None:
    """Begin a transaction that keeps every writer out. It ends by rollback: it writes nothing itself."""
    try:
        if connection.dialect == "sqlite":
            connection.execute("BEGIN IMMEDIATE")
            return
        every = ", ".join(placed(name) for name in sorted(metadata.tables))
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SET LOCAL lock_timeout = {PATIENCE.total_seconds() * 1000:.0f}")
        connection.execute(f"LOCK TABLE {every} IN EXCLUSIVE MODE")
    except Exception as error:
        if not is_busy(error):
            raise
        raise WarehouseError(
            "Somebody else writes to the warehouse.", "Wait until that is over, then run this again."
        ) from None


def copy_all(origin: Connection, target: Database, tell: Callable[[str], None]) -> list[Moved]:
    """Fill the target, compare it and let it count, in one transaction."""
    names = [each.name for each in metadata.sorted_tables]
    with target.session() as connection, connection.transaction():
        connection.execute(f"DELETE FROM {REMEMBERED} WHERE {OWN_NAMES}")
        away = take_down(connection)
        sums = {}
        for name in names:
            tell(name)
            sums[name] = copy_table(origin, connection, name)
        for each in away:
            connection.execute(each.make)
        set_sequences(connection)
        moved = [compared(connection, name, sums[name], tell) for name in names]
        connection.execute("UPDATE alembic_version SET version_num = ?", (latest_revision(),))
    return moved


def copy_table(origin: Connection, target: Connection, name: str) -> RowSum:
    """Copy the rows of one table, counting them as they pass. Raises WarehouseError for what the target cannot hold."""
    seen = RowSum()
    columns, rows = bulk.columns_of(name), passing(rows_of(origin, name), seen)
    try:
        if target.dialect == "postgresql":
            bulk.copy_rows(target, placed(name), columns, rows, frozen=name != REMEMBERED)
        else:
            for batch in batches(rows, FEW_AT_ONCE.get(name, BATCH)):
                bulk.insert(target, name, columns, batch)
    except Exception as error:
        if not from_driver(error) or named(error):
            raise
        raise WarehouseError(
            f"A row of {name} cannot be stored in the new database ({place_of(error)}).",
            f"Correct it at its source, or leave it out (`partnerhub quarantine`). {AGAIN}",
        ) from None
    return seen


def place_of(error: BaseException) -> str:
    """Where an error of a driver lies, without the value: it may be anybody's text."""
    said = getattr(getattr(error, "diag", None), "context", None) or ""
    column = said.partition(", column ")[2].partition(":")[0]
    kind = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", "") or type(error).__name__
    return f"column {column}, {kind}" if column.isidentifier() else str(kind)


def passing(rows: Iterable[RowTuple], seen: RowSum) -> Iterator[RowTuple]:
    """The rows, counted on their way."""
    add = seen.add
    for row in rows:
        add(row)
        yield row


def batches(rows: Iterator[RowTuple], size: int) -> Iterator[list[RowTuple]]:
    """Rows in lists of at most so many."""
    while batch := list(islice(rows, size)):
        yield batch


def compared(target: Connection, name: str, expected: RowSum, tell: Callable[[str], None]) -> Moved:
    """A table that was read back and holds what was read from the source. Raises WarehouseError when it does not."""
    tell(name)
    found = summed(target, name)
    if (found.rows, found.digest) != (expected.rows, expected.digest):
        raise WarehouseError(
            f"{name} is not the same in the new database: {found.rows:,} rows {found.digest},"
            f" but {expected.rows:,} rows {expected.digest} were read.",
            f"Tell us which table it is. {AGAIN}",
        )
    return Moved(name, found.rows, found.digest)


def take_down(connection: Connection) -> list[Away]:
    """PostgreSQL: empty the tables, and drop indexes and keys for the length of a load. What makes them is returned."""
    if connection.dialect != "postgresql":
        return []
    emptied = ", ".join(placed(name) for name in sorted(metadata.tables.keys() - {REMEMBERED}))
    connection.execute(SORTING)
    connection.execute(f"TRUNCATE {emptied}")
    layers = sorted({layer_of(name) for name in metadata.tables})
    away = [Away(*row) for row in connection.query(KEYS, (layers,))]
    away += [Away(*row) for row in connection.query(INDEXES, (layers,))]
    for each in away:
        connection.execute(each.drop)
    return away


KEYS: Final = """
SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
       'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname) || ' '
       || pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname = ANY(?) AND contype IN ('p', 'u') AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1
"""
INDEXES: Final = """
SELECT 'DROP INDEX ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = ANY(?) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 2
"""


def set_sequences(connection: Connection) -> None:
    """PostgreSQL: numbers go on after the highest that came. SQLite counts on by itself."""
    if connection.dialect != "postgresql":
        return
    for name in sorted(metadata.tables):
        column = table(name).autoincrement_column
        if column is None:
            continue
        (sequence,) = connection.query("SELECT pg_get_serial_sequence(?, ?)", (placed(name), column.name))[0]
        if sequence:
            connection.query(
                f"SELECT setval(?, greatest(max({column.name}), 1), max({column.name}) IS NOT NULL) FROM {name}",
                (sequence,),
            )


def placed(name: str) -> str:
    """A table's name with its schema."""
    return f"{layer_of(name)}.{name}"
