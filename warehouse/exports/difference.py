"""What differs from former exports: rows that are new or other, and keys that are no more. Rows are compared whole."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.exports.arranging import arranged, named, rows_of
from warehouse.exports.arrow_types import arrow_schema, pinned
from warehouse.exports.former import NoBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from warehouse.database import Connection
    from warehouse.exports.former import Former
    from warehouse.marts import Mart


class Difference(NamedTuple):
    """Rows to put in place of those with their keys, keys to take away, and how many rows the table has then."""

    rows: Iterator[pa.RecordBatch]
    removed: pa.Table
    rows_then: int


@contextmanager
def difference(
    connection: Connection, duck: duckdb.DuckDBPyConnection, mart: Mart, before: Sequence[Former]
) -> Iterator[Difference]:
    """What differs from the state that former exports make together, a whole one first."""
    schema = arrow_schema(mart)
    duck.register("nothing", schema.empty_table())
    duck.execute(f"CREATE TEMP TABLE former AS SELECT {known(mart)} FROM nothing")
    for each in before:
        fold(duck, mart, each)
    with rows_of(connection, duck, mart) as asked:
        duck.execute(
            f"CREATE TEMP TABLE differing AS SELECT n.*, f.* FROM (SELECT *, {told(mart)} AS told_now FROM ({asked})) n"
            f" FULL JOIN former f ON {matched(mart, 'n', 'f')} WHERE n.told_now IS DISTINCT FROM f.told"
        )
    try:
        yield Difference(
            arranged(duck, mart, "differing WHERE told_now IS NOT NULL"),
            removed(duck, mart),
            counted(duck),
        )
    finally:
        duck.execute("DROP TABLE differing; DROP TABLE former")


def fold(duck: duckdb.DuckDBPyConnection, mart: Mart, former: Former) -> None:
    """Bring what is known of a table to what one more export says of it."""
    table = former.table(mart.name)
    if table is None:
        return
    schema = arrow_schema(mart)
    gone = table.get("removed", {"rows": 0, "files": []})
    if not gone["files"]:
        duck.execute("DELETE FROM former")
    elif gone["rows"]:
        keys = pa.schema([schema.field(name) for name in mart.key])
        duck.register("gone", former.read(gone["files"], keys))
        duck.execute(f"DELETE FROM former f USING gone n WHERE {matched(mart, 'n', 'f')}")
    duck.register("other", former.read(table["files"], schema))
    duck.execute(f"CREATE TEMP TABLE upserted AS SELECT {known(mart)} FROM other")
    if duck.execute("SELECT count(*) FROM upserted").fetchall() != [(table["rows"],)]:
        raise NoBase(former.place, f"{mart.name} has other rows than its manifest says")
    if gone["files"]:
        same = " AND ".join(f"n.key_{at} = f.key_{at}" for at in range(len(mart.key)))
        duck.execute(f"DELETE FROM former f USING upserted n WHERE {same}")
    duck.execute("INSERT INTO former FROM upserted; DROP TABLE upserted")


def known(mart: Mart) -> str:
    """What is kept of a former row: its key, and what tells it from another version of itself."""
    keys = ", ".join(f'"{name}" AS key_{at}' for at, name in enumerate(mart.key))
    return f"{keys}, {told(mart)} AS told"


def told(mart: Mart) -> str:
    """What tells a row from another."""
    return f"hash({named([column.name for column in mart.columns])})"


def matched(mart: Mart, rows: str, former: str) -> str:
    """A condition: the same key."""
    return " AND ".join(f'{rows}."{name}" = {former}.key_{at}' for at, name in enumerate(mart.key))


def removed(duck: duckdb.DuckDBPyConnection, mart: Mart) -> pa.Table:
    """The keys that are no more, in order."""
    schema = arrow_schema(mart)
    keys = pa.schema([schema.field(name) for name in mart.key])
    shown = ", ".join(f'key_{at} AS "{name}"' for at, name in enumerate(mart.key))
    rows = duck.sql(f"SELECT {shown} FROM differing WHERE told_now IS NULL ORDER BY ALL").to_arrow_table()
    return pa.Table.from_batches((pinned(each, keys) for each in rows.to_batches()), keys)


def counted(duck: duckdb.DuckDBPyConnection) -> int:
    """How many rows there are now."""
    asked = (
        "SELECT (SELECT count(*) FROM former) + count(*) FILTER (told IS NULL) - count(*) FILTER (told_now IS NULL)"
        " FROM differing"
    )
    ((found,),) = duck.execute(asked).fetchall()
    return int(found)
