"""What tells the rows of a table from others, the same on both engines and in any order: how many, and a sum of hashes.

A row counts by what a connection of the hub hands over: times, dates and JSON as text, a truth as 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from sqlalchemy import Boolean

from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection, RowTuple

BYTES: Final = 16
EVERYTHING: Final = 1 << (BYTES * 8)
AT_ONCE: Final = 2_000
"""Rows that a server sends at a time."""
FEW_AT_ONCE: Final = {"raw_blob": 4}
"""Where one row may be as large as an attachment."""
OWN_NAMES: Final = "name NOT IN ('marts', 'views') AND name NOT LIKE 'index\\_away/%' ESCAPE '\\'"
"""What a hub remembers beside how it is stored: its views and the indexes that are away belong to one database."""


@dataclass(slots=True)
class RowSum:
    """The rows seen so far."""

    rows: int = 0
    total: int = 0

    def add(self, row: RowTuple) -> None:
        """Count one more row."""
        self.rows += 1
        self.total += int.from_bytes(blake2b(repr(row).encode(), digest_size=BYTES).digest())

    @property
    def digest(self) -> str:
        """The sum in hexadecimal; equal for equal rows, whatever their order."""
        return f"{self.total % EVERYTHING:0{BYTES * 2}x}"


def summed(connection: Connection, name: str) -> RowSum:
    """The sum of a table's rows. Expects a transaction on PostgreSQL; memory does not grow with the table."""
    found = RowSum()
    for row in rows_of(connection, name):
        found.add(row)
    return found


def rows_of(connection: Connection, name: str) -> Iterator[RowTuple]:
    """Every row of a table in the order in which it stands there, all columns as declared, truths as 0 and 1."""
    columns = table(name).columns
    truths = [place for place, column in enumerate(columns) if isinstance(column.type, Boolean)]
    listed = ", ".join(column.name for column in columns)
    where = f" WHERE {OWN_NAMES}" if name == "hub_state" else ""
    for row in streamed(connection, f"SELECT {listed} FROM {name}{where}", FEW_AT_ONCE.get(name, AT_ONCE)):
        yield numbered(row, truths) if truths else row


def streamed(connection: Connection, statement: str, at_once: int) -> Iterator[RowTuple]:
    """The rows of a query, of which no more than a few are held at a time."""
    if connection.dialect == "sqlite":
        yield from connection.raw.execute(statement)
        return
    with connection.raw.cursor(name="partnerhub_rows") as cursor:
        cursor.itersize = at_once
        yield from cursor.execute(connection.spelled(statement))


def numbered(row: RowTuple, truths: list[int]) -> RowTuple:
    """A row whose truths are numbers."""
    values = list(row)
    for place in truths:
        if values[place] is not None:
            values[place] = int(values[place])
    return tuple(values)
