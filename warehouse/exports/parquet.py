"""Write batches as Parquet: one file a table, or one a month for what happened, with memory that stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROW_GROUP: Final = 131_072
HELD: Final = 393_216
"""Rows of all months together that wait for their file at most."""
MONTHS: Final = 12
"""Of a year."""
NO_MONTH: Final = "__HIVE_DEFAULT_PARTITION__"


def write_table(
    folder: Path, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], by_month: str
) -> None:
    """Write `<name>.parquet`, or `<name>/month=YYYY-MM/part-0.parquet` where `by_month` names a time column.

    A table without a row is one file without a row: its schema is there either way.
    """
    if not by_month:
        with opened(folder / f"{name}.parquet", schema) as writer:
            for batch in batches:
                writer.write_batch(batch, row_group_size=ROW_GROUP)
        return
    months = Months(folder / name, schema)
    try:
        for batch in batches:
            months.add(batch, by_month)
        months.finish()
    finally:
        months.close()


def opened(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of one file: zstd, and dictionaries but for keys, which are all different."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = (schema.metadata or {}).get(b"key", b"").decode().split(",")
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        version="2.6",
        coerce_timestamps="us",
        use_dictionary=[
            field.name for field in schema if field.name not in keys and field.name != "record_key"
        ],
        write_page_index=True,
    )


def by_months(batch: pa.RecordBatch, column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of each month. Sorted once and cut: to filter for every month would cost a pass each."""
    at = batch.column(column)
    numbers = pc.fill_null(pc.add(pc.multiply(pc.year(at), MONTHS), pc.subtract(pc.month(at), 1)), -1)
    if len(pc.unique(numbers)) == 1:
        yield month_name(numbers[0].as_py()), batch
        return
    order = pc.sort_indices(numbers)
    rows, ends = batch.take(order), pc.run_end_encode(numbers.take(order), run_end_type=pa.int32())
    start = 0
    for month, end in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
        yield month_name(month), rows.slice(start, end - start)
        start = end


def month_name(number: int) -> str:
    """Months since the year 0 as `YYYY-MM`; below 0 is no month."""
    return NO_MONTH if number < 0 else f"{number // MONTHS:04}-{number % MONTHS + 1:02}"


class Months:
    """A file a month, open until all is written, and the rows that wait for theirs."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        """Write below a folder, rows of a schema."""
        self.folder, self.schema = folder, schema
        self.writers: dict[str, pq.ParquetWriter] = {}
        self.waiting: dict[str, list[pa.RecordBatch]] = {}
        self.rows: dict[str, int] = {}

    def add(self, batch: pa.RecordBatch, column: str) -> None:
        """Take rows; write out months that have enough, and the fullest ones once too many wait."""
        for name, rows in by_months(batch, column):
            self.waiting.setdefault(name, []).append(rows)
            self.rows[name] = self.rows.get(name, 0) + rows.num_rows
            if self.rows[name] >= ROW_GROUP:
                self.write(name)
        if sum(self.rows.values()) > HELD:
            for name in sorted(self.rows, key=lambda each: -self.rows[each])[: len(self.rows) // 2 + 1]:
                self.write(name)

    def write(self, month: str) -> None:
        """Write what waits for one month."""
        if month not in self.writers:
            self.writers[month] = opened(self.folder / f"month={month}" / "part-0.parquet", self.schema)
        table = pa.Table.from_batches(self.waiting.pop(month), self.schema)
        self.writers[month].write_table(table, row_group_size=ROW_GROUP)
        del self.rows[month]

    def finish(self) -> None:
        """Write what still waits; a file without a row where there was none at all."""
        for month in list(self.waiting):
            self.write(month)
        if not self.writers:
            opened(self.folder / "part-0.parquet", self.schema).close()

    def close(self) -> None:
        """Close every file."""
        for writer in self.writers.values():
            writer.close()
