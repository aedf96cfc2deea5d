"""Write batches as Parquet: one file a table, or one a month for what happened; memory holds one group of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROW_GROUP: Final = 131_072
MONTHS: Final = 12
"""Of a year."""
NO_MONTH: Final = "__HIVE_DEFAULT_PARTITION__"
OF_ITS_OWN: Final = frozenset({"record_key", "_hub_loaded_at"})
"""Columns of facts that hardly repeat, beside keys and times by which they are parted: no dictionary pays for them."""


def write_table(
    folder: Path, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], by_month: str
) -> None:
    """Write `<name>.parquet`, or `<name>/month=YYYY-MM/part-0.parquet` where `by_month` names a time column.

    Batches of months come in order of time. A table without a row is one file without a row: its schema is there
    either way. The same rows in the same order are the same bytes.
    """
    if not by_month:
        with Groups(folder / f"{name}.parquet", schema, by_month) as groups:
            for batch in batches:
                groups.add(batch)
        return
    write_months(folder / name, schema, batches, by_month)


def write_months(folder: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], column: str) -> None:
    """A file a month, one after another."""
    month, groups = "", None
    try:
        for batch in batches:
            for name, rows in by_months(batch, column):
                if groups is None or name != month:
                    if groups is not None:
                        groups.close()
                    month, groups = name, Groups(folder / f"month={name}" / "part-0.parquet", schema, column)
                groups.add(rows)
    finally:
        if groups is not None:
            groups.close()
    if groups is None:
        Groups(folder / "part-0.parquet", schema, column).close()


def by_months(batch: pa.RecordBatch, column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of each month, of a batch in order of time."""
    at = batch.column(column)
    numbers = pc.fill_null(pc.add(pc.multiply(pc.year(at), MONTHS), pc.subtract(pc.month(at), 1)), -1)
    ends = pc.run_end_encode(numbers, run_end_type=pa.int32())
    start = 0
    for month, end in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
        yield month_name(month), batch.slice(start, end - start)
        start = end


def month_name(number: int) -> str:
    """Months since the year 0 as `YYYY-MM`; below 0 is no month."""
    return NO_MONTH if number < 0 else f"{number // MONTHS:04}-{number % MONTHS + 1:02}"


class Groups:
    """One file, and the rows that wait until they are a group: groups are as large however rows arrive."""

    def __init__(self, path: Path, schema: pa.Schema, by_month: str) -> None:
        """Write to a path, rows of a schema."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.schema, self.waiting, self.rows = schema, list[pa.RecordBatch](), 0
        self.writer = opened(path, schema, by_month)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows; write out what makes a group."""
        while batch.num_rows:
            taken = batch.slice(0, ROW_GROUP - self.rows)
            self.waiting.append(taken)
            self.rows += taken.num_rows
            batch = batch.slice(taken.num_rows)
            if self.rows == ROW_GROUP:
                self.write()

    def write(self) -> None:
        """Write what waits, as one group."""
        self.writer.write_table(pa.Table.from_batches(self.waiting, self.schema), row_group_size=ROW_GROUP)
        self.waiting, self.rows = [], 0

    def close(self) -> None:
        """Write what still waits, and close."""
        try:
            if self.rows:
                self.write()
        finally:
            self.writer.close()


def opened(path: Path, schema: pa.Schema, by_month: str) -> pq.ParquetWriter:
    """A writer of one file: zstd, and dictionaries but for what is different in every row."""
    keys = (schema.metadata or {}).get(b"key", b"").decode().split(",")
    different = OF_ITS_OWN | {by_month, *keys}
    times = [field.name for field in schema if field.name in different and pa.types.is_timestamp(field.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        version="2.6",
        coerce_timestamps="us",
        use_dictionary=[field.name for field in schema if field.name not in different],
        column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
        write_page_index=True,
    )
