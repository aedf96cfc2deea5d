"""The pinned Arrow schema of a mart: what a column is in every file, whatever rows there are and on either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from warehouse.marts import Mart

DIGITS, PLACES = 20, 4
TYPES: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(DIGITS, PLACES),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "json": pa.string(),
}
"""Type of a column → its Arrow type. Ids and JSON are text, times UTC to the microsecond."""


def arrow_schema(mart: Mart) -> pa.Schema:
    """The schema of a mart's files; descriptions and tags are metadata of the fields."""
    return pa.schema(
        [
            pa.field(
                column.name,
                TYPES[column.type],
                nullable=column.name not in mart.key,
                metadata={
                    "description": column.says,
                    **({"tags": ",".join(sorted(column.tags))} if column.tags else {}),
                },
            )
            for column in mart.columns
        ],
        metadata={"mart": mart.name, "description": mart.grain, "key": ",".join(mart.key)},
    )


def batch_of(rows: Sequence[Sequence[object]], mart: Mart, schema: pa.Schema) -> pa.RecordBatch:
    """Rows of a mart, as the driver hands them over, as one batch of its schema."""
    columns = zip(*rows, strict=True)
    arrays = [READ[column.type](values) for column, values in zip(mart.columns, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def pinned(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Columns as a driver or DuckDB hands them over, in the types of a schema."""
    columns = (getattr(column, "storage", column) for column in batch.columns)
    arrays = [pc.cast(column, stored) for column, stored in zip(columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def numbers(values: Sequence[object]) -> pa.Array:
    """Decimals as PostgreSQL says them, or doubles of SQLite: exact to a ten-thousandth below 10¹¹."""
    if any(isinstance(value, float) for value in values):
        return pa.array(values, pa.float64()).cast(TYPES["decimal"])
    return pa.array(values, TYPES["decimal"])


def truths(values: Sequence[object]) -> pa.Array:
    """Booleans, or the 0 and 1 of SQLite."""
    return pa.array([None if value is None else bool(value) for value in values], pa.bool_())


READ: Final[dict[str, Callable[[Sequence[object]], pa.Array]]] = {
    "text": lambda values: pa.array(values, pa.string()),
    "integer": lambda values: pa.array(values, pa.int64()),
    "decimal": numbers,
    "float": lambda values: pa.array(values, pa.float64()),
    "boolean": truths,
    "time": lambda values: pc.cast(pa.array(values, pa.string()), TYPES["time"]),
    "date": lambda values: pc.cast(pa.array(values, pa.string()), TYPES["date"]),
    "json": lambda values: pa.array(values, pa.string()),
}
"""Type of a column → what makes an Arrow array of a driver's values."""
