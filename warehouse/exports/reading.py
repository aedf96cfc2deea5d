"""Read views as of one moment, in batches: memory does not grow with what is read, and a sync may go on meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from warehouse.exports.arrow_types import arrow_schema, batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa  # type: ignore[import-untyped]  # ships none

    from warehouse.database import Connection
    from warehouse.marts import Mart

BATCH: Final = 32_768
"""Rows at once."""
BEGIN: Final = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


@contextmanager
def snapshot(connection: Connection) -> Iterator[Connection]:
    """Everything read inside is as it was when this began. Writers are not kept waiting."""
    connection.execute(BEGIN[connection.dialect])
    try:
        connection.query("SELECT count(*) FROM hub_state")  # SQLite's snapshot begins with the first reading
        yield connection
    finally:
        if not connection.raw_closed():
            connection.take_back()


def read_batches(
    connection: Connection, mart: Mart, where: str = "", parameters: Sequence[Any] = ()
) -> Iterator[pa.RecordBatch]:
    """The rows of a mart by its pinned schema. where: a condition on its columns. Expects a `snapshot`."""
    columns = ", ".join(column.name for column in mart.columns)
    statement = f"SELECT {columns} FROM {mart.read_from}" + (f" WHERE {where}" if where else "")
    schema = arrow_schema(mart)
    with cursor_of(connection) as cursor:
        cursor.execute(connection.spelled(statement), tuple(parameters))
        while rows := cursor.fetchmany(BATCH):
            yield batch_of(rows, mart, schema)


@contextmanager
def cursor_of(connection: Connection) -> Iterator[Any]:
    """A cursor that does not hold the whole answer: SQLite's own, on PostgreSQL one of the server."""
    named = {} if connection.dialect == "sqlite" else {"name": "partnerhub_export"}
    cursor = connection.raw.cursor(**named)
    if named:
        cursor.itersize = BATCH
    try:
        yield cursor
    finally:
        cursor.close()
