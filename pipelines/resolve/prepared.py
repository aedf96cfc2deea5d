"""Queries about rows side by side that are planned once and asked of portion after portion.

Planning the scorecard takes as long as weighing 20,000 pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from pipelines.resolve.value_ids import Ids

GIVEN = "given"
"""The relation a prepared query reads. By l and r it has the columns of both sides."""


class Given:
    """A table for a prepared query, another one each time it runs."""

    def __init__(self) -> None:
        """Empty."""
        self.table = pa.table({})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """What Arrow hands over."""
        return self.table.__arrow_c_stream__(requested_schema)


class Prepared:
    """A query over GIVEN for tables of one schema, planned with the first. Not for several threads at a time."""

    def __init__(self, query: str) -> None:
        """Open a connection of its own."""
        self.query, self.given, self.planned = query, Given(), False
        self.connection = duckdb.connect(config={"threads": 1})

    def answer(self, table: pa.Table) -> dict[str, Any]:
        """Column → its values, masked where there are none."""
        self.given.table = table
        if not self.planned:
            self.connection.register(GIVEN, self.given)
            self.connection.execute(f"PREPARE asked AS {self.query}").fetchall()
            self.planned = True
        found: dict[str, Any] = self.connection.execute("EXECUTE asked").fetchnumpy()
        self.given.table = pa.table({})
        return found

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def rows(table: pa.Table, places: Ids) -> pa.Array:
    """Rows of a table as structs."""
    return struct(table.take(pa.array(places)))


def struct(table: pa.Table) -> pa.Array:
    """All rows of a table as structs."""
    return pa.StructArray.from_arrays([one_piece(column) for column in table.columns], table.column_names)


def one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array that begins at its first value."""
    whole = column.combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    return pa.concat_arrays([whole]) if whole.offset else whole
