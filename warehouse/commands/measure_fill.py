"""How full published tables are, counted whole once in a while: pages show the last measure and when it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse import bulk
from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts

if TYPE_CHECKING:
    from warehouse.database import Connection, Database
    from warehouse.marts import Mart

COLUMNS: Final = ("mart", "name", "row_count", "sampled", "filled", "measured_at")
WHOLE: Final = ""
"""The name under which the table as a whole stands."""


def measure_fill(database: Database, now: str) -> int:
    """Count the rows of every published table, and in each column those that hold something; returns how many tables.

    now: UTC text. Each table is read in one pass and kept in a transaction of its own. Safe to call twice.
    """
    with database.session() as connection:
        tables = (*MARTS, *stream_marts(connection))
        for mart in tables:
            keep(connection, mart, counted(connection, mart), now)
        with connection.transaction():
            connection.execute("DELETE FROM column_fill WHERE measured_at < ?", (now,))
    return len(tables)


def counted(connection: Connection, mart: Mart) -> list[int]:
    """Its rows, and for each column how many of them are not null."""
    counts = "".join(f", count({column.name})" for column in mart.columns)
    found = connection.one(f"SELECT count(*){counts} FROM {mart.name}")
    return [int(each) for each in found or ()]


def keep(connection: Connection, mart: Mart, counts: list[int], now: str) -> None:
    """Write down one table."""
    rows = counts[0]
    names = (WHOLE, *(column.name for column in mart.columns))
    with connection.transaction():
        bulk.upsert(
            connection,
            "column_fill",
            COLUMNS,
            [(mart.name, name, rows, rows, filled, now) for name, filled in zip(names, counts, strict=True)],
        )
