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
from warehouse.exports.columnar import beside
from warehouse.exports.joined import JOINED, in_number
from warehouse.exports.reading import read_columns, select
from warehouse.exports.ties import settled
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
NO_WORDS: Final[dict[str, Words]] = {}


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
    if parts := parts_of(mart):
        words = {name: Words(part.repeat) for name, part in parts.parts.items() if part.repeat}
        with read_apart(connection, duck, parts, words):
            yield arranged(duck, mart, f"({parts.in_numbers}) WHERE {where}", parts.derived, words)
        return
    with rows_of(connection, duck, mart) as asked:
        yield arranged(duck, mart, f"({asked}) WHERE {where}")


def is_ordered_there(mart: Mart) -> bool:
    """Whether the engine puts it in order itself: views of streams, long texts and all, have an index by their key."""
    return mart not in MARTS and mart.key == (mart.columns[0].name,) and not mart.by_month


def parts_of(mart: Mart) -> Joined | None:
    """The parts a mart is read in; none where it has none, or is as of another moment."""
    return JOINED.get(mart.name) if mart.read_from == mart.name else None


def arranged(
    duck: duckdb.DuckDBPyConnection,
    mart: Mart,
    rows: str,
    derived: Mapping[str, str] = NOTHING,
    words: Mapping[str, Words] = NO_WORDS,
) -> Iterator[pa.RecordBatch]:
    """Rows of a mart in order. rows: what stands behind FROM. derived: columns they are yet without, as SQL.

    words: by part, what the numbers stand for that are there in place of its texts.
    """
    schema = arrow_schema(mart)
    # The key is a text: to put all rows in order by it, too, takes half as long again.
    by = [mart.by_month] if mart.by_month else list(mart.key)
    # What is derived comes last: it need not wait while the rest is put in order.
    columns = [
        f'{derived[name]} AS "{name}"' if name in derived else f'"{name}"' for name in plain(mart, words)
    ]
    shown = ", ".join([*columns, *map(in_number, words)])
    asked = f"SELECT {shown} FROM (SELECT * FROM {rows} ORDER BY {named(by)})"
    batches = iter(duck.sql(asked).to_arrow_reader(BATCH))
    for batch in settled(duck, batches, mart.by_month, mart.key) if mart.by_month else batches:
        yield pinned(in_texts(batch, schema, words), schema)


def plain(mart: Mart, words: Mapping[str, Words]) -> list[str]:
    """The columns of a mart that no number stands for."""
    texts = {name for each in words.values() for name in each.names}
    return [column.name for column in mart.columns if column.name not in texts]


def in_texts(batch: pa.RecordBatch, schema: pa.Schema, words: Mapping[str, Words]) -> pa.RecordBatch:
    """The columns of a schema, with texts in place of numbers."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    for part, known in words.items():
        columns |= known.of(columns[in_number(part)])
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], names=schema.names)


@contextmanager
def rows_of(connection: Connection, duck: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[str]:
    """A query of DuckDB that reads a mart once, in no order."""
    if parts := parts_of(mart):
        with read_apart(connection, duck, parts, NO_WORDS):
            yield parts.whole
        return
    with read_columns(connection, select(mart), arrow_schema(mart)) as rows:
        duck.register("rows_read", rows)
        yield "SELECT * FROM rows_read"
        duck.unregister("rows_read")


@contextmanager
def read_apart(
    connection: Connection, duck: duckdb.DuckDBPyConnection, parts: Joined, words: Mapping[str, Words]
) -> Iterator[None]:
    """A mart's parts, read side by side, by their names. words: by part, for numbers in place of its texts."""
    with ExitStack() as open_ones:
        for name, part in parts.parts.items():
            schema = pa.schema([(column, TYPES[stored]) for column, stored in part.columns.items()])
            reader = open_ones.enter_context(beside(connection))
            rows = open_ones.enter_context(read_columns(reader, part.select, schema))
            if part.repeat:
                rows = words[name].numbered(rows) if name in words else Words(part.repeat).told(rows)
            duck.register(name, rows)
        yield
        for name in parts.parts:
            duck.unregister(name)


def named(columns: list[str]) -> str:
    """Columns, quoted: one may be called like a word of SQL."""
    return ", ".join(f'"{name}"' for name in columns)
