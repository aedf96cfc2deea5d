"""Read marts as typed batches, as of one moment for all of them, while others write if need be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.exports.arrow_types import arrow_schema, batch_of, pinned

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def read_batches(connection: Connection, mart: Mart) -> Iterator[pa.RecordBatch]:
    """The rows of a mart by its pinned schema. Expects a `snapshot`."""
    schema = arrow_schema(mart)
    with cursor_of(connection) as cursor:
        cursor.execute(connection.spelled(select(mart)))
        while rows := cursor.fetchmany(BATCH):
            yield batch_of(rows, mart, schema)


def select(mart: Mart) -> str:
    """What reads a mart, its view or what stands for it as of then."""
    return f"SELECT {', '.join(column.name for column in mart.columns)} FROM {mart.read_from}"


@contextmanager
def read_columns(connection: Connection, statement: str, schema: pa.Schema) -> Iterator[pa.RecordBatchReader]:
    """The answer to a query with these types, over a `columnar.session`."""
    if connection.dialect == "postgresql":
        with connection.raw.batches(statement) as rows:
            yield pa.RecordBatchReader.from_batches(schema, (pinned(each, schema) for each in rows))
        return
    # SQLite's columns have no types: its driver goes by the first rows, so one that has them all is put before.
    first = ", ".join(map(value_of_type, schema.types))
    with connection.raw.batches(f"SELECT {first} UNION ALL {statement}") as rows:
        yield pa.RecordBatchReader.from_batches(schema, (pinned(each, schema) for each in but_first(rows)))


def value_of_type(stored: pa.DataType) -> str:
    """A value by which SQLite's driver knows a column; what is no number comes as text."""
    if pa.types.is_integer(stored) or pa.types.is_boolean(stored):
        return "0"
    return "0.0" if pa.types.is_decimal(stored) or pa.types.is_floating(stored) else "''"


def but_first(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """All rows but the very first."""
    start = 1
    for batch in batches:
        yield batch.slice(start)
        start = 0


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
