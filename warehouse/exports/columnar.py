"""A connection whose driver hands rows over as Arrow columns (ADBC): what exports read through.

For SQLite this is a second copy of the library. Two copies in one process break each other's locks on one file (POSIX
locks are the process's: whoever closes the file first drops them all), so `session` is only for a process that has no
other connection to it: `warehouse.exports.apart`. The driver is spoken to directly: its DB-API loads pandas, which is
0.3 s of processor time.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.database import BUSY_TIMEOUT_SECONDS, Connection
from warehouse.errors import DatabaseUnavailable, WarehouseError
from warehouse.layers import LAYERS
from warehouse.postgres import session_options
from warehouse.processes import session_name, this_process
from warehouse.trouble import of_sqlstate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from warehouse.database import Database

ROWS: Final = {"sqlite": {"adbc.sqlite.query.batch_rows": 16_384}, "postgresql": {}}
"""How many rows the driver makes columns of at once; PostgreSQL's goes by bytes."""
PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = -65536",
)
SQLSTATE: Final = re.compile(r"SQLSTATE: (\w{5})")
MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@contextmanager
def session(database: Database) -> Iterator[Connection]:
    """A connection that only reads, closed at the end. `raw` is a `Columns`.

    Raises DatabaseUnavailable, or WarehouseError for what the driver says meanwhile.
    """
    connection = Connection(opened(database), database.dialect)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def beside(connection: Connection) -> Iterator[Connection]:
    """What reads the same snapshot while others are read: on PostgreSQL another connection, of SQLite the same one.

    connection: of a `session`, in a transaction; on PostgreSQL nothing must be read over it at that moment.
    """
    if connection.dialect == "sqlite":
        yield connection
        return
    ((snapshot,),) = connection.query("SELECT pg_export_snapshot()")
    columns = Columns(connection.raw.driver, connection.dialect)
    try:
        columns.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        columns.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        yield Connection(columns, connection.dialect)
    finally:
        columns.held.close()


def opened(database: Database) -> Columns:
    """The driver's connection."""
    from adbc_driver_manager import Error

    try:
        return on_sqlite(database) if database.dialect == "sqlite" else on_postgres(database)
    except Error as error:
        where = str(database.path) if database.dialect == "sqlite" else "PostgreSQL"
        raise named(error) or DatabaseUnavailable(where, "it does not open") from None


def on_sqlite(database: Database) -> Columns:
    """The file, which must be there."""
    from adbc_driver_sqlite import connect

    uri = f"file:{quote(str(database.path.absolute()))}?mode=rw"
    columns = Columns(connect(uri), "sqlite")
    for pragma in PRAGMAS:
        columns.execute(pragma)
    return columns


def on_postgres(database: Database) -> Columns:
    """The server, in UTC, with the layers on the search path."""
    from adbc_driver_postgresql import connect  # type: ignore[import-untyped]  # ships none
    from psycopg.conninfo import make_conninfo

    plain = "postgresql://" + database.url.split("://", 1)[1]
    name = session_name(this_process())
    whole = make_conninfo(plain, options=session_options(LAYERS), application_name=name)
    return Columns(connect(whole), "postgresql")


class Columns:
    """A driver's connection with as much of the others' surface as reading needs; parameters it takes none."""

    closed = False

    def __init__(self, driver: Any, dialect: str) -> None:
        """Connect by a driver's open database; each statement is a transaction of its own but for BEGIN."""
        from adbc_driver_manager import AdbcConnection

        self.driver, self.dialect = driver, dialect
        self.held = AdbcConnection(driver)
        self.in_transaction = False

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Answer:
        """Run a statement and take its whole answer."""
        if parameters:
            raise ValueError("parameters")
        with self.batches(statement) as rows:
            answer = Answer(rows.read_all())
        word = statement.split(maxsplit=1)[0]
        self.in_transaction = word == "BEGIN" or (self.in_transaction and word not in {"COMMIT", "ROLLBACK"})
        return answer

    @contextmanager
    def batches(self, statement: str) -> Iterator[pa.RecordBatchReader]:
        """The answer to a query as it comes. On PostgreSQL one at a time."""
        from adbc_driver_manager import AdbcStatement, Error

        asked = AdbcStatement(self.held)
        try:
            asked.set_options(**ROWS[self.dialect])
            asked.set_sql_query(statement.replace("%%", "%") if self.dialect == "postgresql" else statement)
            rows = pa.RecordBatchReader.from_stream(asked.execute_query()[0])
            try:
                yield rows
            finally:
                rows.close()
        except (Error, pa.ArrowException, OSError) as error:
            known = named(error)
            if known is None:
                raise
            raise known from None
        finally:
            asked.close()

    def interrupt(self) -> None:
        """Break off what runs."""
        self.held.cancel()

    cancel = interrupt

    def close(self) -> None:
        """Close; calling twice is harmless."""
        if not self.closed:
            self.closed = True
            self.held.close()
            self.driver.close()


class Answer:
    """A whole answer, its values as the hub's other drivers say them."""

    rowcount = -1

    def __init__(self, table: pa.Table) -> None:
        """Take it."""
        self.table = table
        self.description = [(name,) for name in table.schema.names]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row."""
        columns = [map(said, column.to_pylist()) for column in self.table.columns]
        return list(zip(*columns, strict=True))


def said(value: Any) -> Any:
    """Times and dates as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(MOMENT)
    return value.isoformat() if isinstance(value, date) else value


def named(error: BaseException) -> WarehouseError | None:
    """The error of ours that the driver's means; None for what is no trouble of the database's."""
    state = getattr(error, "sqlstate", None) or next(iter(SQLSTATE.findall(str(error))), None)
    meaning = of_sqlstate(state) if state else None
    if meaning is None:
        return None
    kind, happened, do = meaning
    return kind(happened, do)
