"""Rows put in order, joined and compared by DuckDB, within a bound of memory: what is more waits on the disk.

In order, because neither engine returns the same rows in the same order twice, and the same rows should be the same
bytes; and because rows in order of time fill a month's file after another.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.exports.arrow_types import TYPES, arrow_schema, pinned
from warehouse.exports.joined import JOINED
from warehouse.exports.reading import read_columns, select
from warehouse.exports.words import Words
from warehouse.marts import MARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

    from warehouse.database import Connection
    from warehouse.exports.joined import Joined
    from warehouse.marts import Mart

BATCH: Final = 131_072
SETTINGS: Final = {
    "memory_limit": "440MB",
    "threads": "1",
    "preserve_insertion_order": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""One thread: each more holds memory of its own, and rows arrive one after another."""
NOTHING: Final[dict[str, str]] = {}


@contextmanager
def workshop(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose overflow waits below a folder until the end."""
    import duckdb

    with (
        TemporaryDirectory(prefix=".waiting-", dir=folder) as waiting,
        duckdb.connect(config={**SETTINGS, "temp_directory": waiting}) as duck,
    ):
        duck.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        yield duck


@contextmanager
def in_order(
    connection: Connection, duck: duckdb.DuckDBPyConnection, mart: Mart, where: str = "true"
) -> Iterator[Iterator[pa.RecordBatch]]:
    """The rows of a mart by its pinned schema, by time and key. where: a condition on its columns, for DuckDB."""
    schema = arrow_schema(mart)
    if is_ordered_there(mart) and where == "true":
        with read_columns(connection, f"{select(mart)} ORDER BY 1", schema) as rows:
            yield iter(rows)
        return
    if parts := parts_of(connection, mart):
        words = Words()
        with read_apart(connection, duck, parts, words) as asked:
            yield arranged(duck, mart, f"({asked}) WHERE {where}", parts.derived, words)
        return
    with rows_of(connection, duck, mart) as asked:
        yield arranged(duck, mart, f"({asked}) WHERE {where}")


def is_ordered_there(mart: Mart) -> bool:
    """Whether the engine puts it in order itself: views of streams, long texts and all, have an index by their key."""
    return mart not in MARTS and mart.key == (mart.columns[0].name,) and not mart.by_month


def parts_of(connection: Connection, mart: Mart) -> Joined | None:
    """The parts a mart is read in; none where the engine joins as quickly, or the mart is as of another moment."""
    is_view = mart.read_from == mart.name
    return JOINED.get(mart.name) if is_view and connection.dialect == "sqlite" else None


def arranged(
    duck: duckdb.DuckDBPyConnection,
    mart: Mart,
    rows: str,
    derived: Mapping[str, str] = NOTHING,
    words: Words | None = None,
) -> Iterator[pa.RecordBatch]:
    """Rows of a mart in order. rows: what stands behind FROM. derived: columns they are yet without, as SQL.

    words: what their numbers stand for.
    """
    schema = arrow_schema(mart)
    by = list(dict.fromkeys(name for name in (mart.by_month, *mart.key) if name))
    shown = ", ".join(
        f'{derived[name]} AS "{name}"' if name in derived else f'"{name}"' for name in schema.names
    )
    # What is derived comes last: it need not wait while the rest is put in order.
    asked = f"SELECT {shown} FROM (SELECT * FROM {rows} ORDER BY {named(by)})"
    for batch in duck.sql(asked).to_arrow_reader(BATCH):
        yield pinned(words.text(batch) if words else batch, schema)


@contextmanager
def rows_of(connection: Connection, duck: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[str]:
    """A query of DuckDB that reads a mart once, in no order."""
    if parts := parts_of(connection, mart):
        with read_apart(connection, duck, parts, None):
            yield parts.whole
        return
    with read_columns(connection, select(mart), arrow_schema(mart)) as rows:
        duck.register("rows_read", rows)
        yield "SELECT * FROM rows_read"
        duck.unregister("rows_read")


@contextmanager
def read_apart(
    connection: Connection, duck: duckdb.DuckDBPyConnection, parts: Joined, words: Words | None
) -> Iterator[str]:
    """A mart's parts, read side by side, and the query that joins them."""
    with ExitStack() as open_ones:
        for name, part in parts.parts.items():
            schema = pa.schema([(column, TYPES[stored]) for column, stored in part.columns.items()])
            rows = open_ones.enter_context(read_columns(connection, part.select, schema))
            duck.register(name, words.numbered(rows, part.repeat) if words else rows)
        yield parts.query
        for name in parts.parts:
            duck.unregister(name)


def named(columns: list[str]) -> str:
    """Columns, quoted: one may be called like a word of SQL."""
    return ", ".join(f'"{name}"' for name in columns)
