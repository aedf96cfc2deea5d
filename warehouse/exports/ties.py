"""Rows in order of time, those of one time put in order by their key: few share one, so it costs next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

MOST: Final = 262_144
"""Rows of one time that wait in memory; DuckDB takes more, on the disk if need be."""
BATCH: Final = 131_072
NEVER: Final = np.iinfo(np.int64).max
"""Where there is no time, which comes last."""


def settled(
    duck: duckdb.DuckDBPyConnection, batches: Iterator[pa.RecordBatch], time: str, keys: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Rows that come in order of a time, in order of it and of keys."""
    waiting = OfOneTime(duck, keys)
    for batch in batches:
        times, rows = times_of(batch, time), batch
        if waiting.rows:
            same = int(np.searchsorted(times, waiting.time, side="right"))
            waiting.add(rows.slice(0, same))
            times, rows = times[same:], rows.slice(same)
        if not rows.num_rows:
            continue
        yield from waiting.taken()
        last = int(np.searchsorted(times, times[-1]))
        yield by_key(rows.slice(0, last), times[:last], keys)
        waiting.time = int(times[-1])
        waiting.add(rows.slice(last))
    yield from waiting.taken()


def times_of(batch: pa.RecordBatch, time: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The times of rows, as numbers."""
    at = pc.cast(batch.column(time), pa.timestamp("us", "UTC"))  # of a day its first moment
    numbers = pc.fill_null(pc.cast(at, pa.int64()), NEVER)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.int64)


def by_key(
    batch: pa.RecordBatch, times: np.ndarray[Any, np.dtype[np.int64]], keys: Sequence[str]
) -> pa.RecordBatch:
    """Rows in order of time, in order of keys, too."""
    tied = np.flatnonzero(times[1:] == times[:-1])
    if not tied.size:
        return batch
    rows = np.union1d(tied, tied + 1)
    told = {f"key_{at}": batch.column(key).take(pa.array(rows)) for at, key in enumerate(keys)}
    order = pc.sort_indices(
        pa.table({"time": times[rows], **told}), sort_keys=[(name, "ascending") for name in ("time", *told)]
    )
    places = np.arange(batch.num_rows)
    places[rows] = rows[order.to_numpy()]
    return batch.take(pa.array(places))


class OfOneTime:
    """Rows of one time, until another one comes."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> None:
        """Hold none. duck: takes them where they are many."""
        self.duck, self.keys, self.time = duck, keys, NEVER
        self.held, self.rows = list[pa.RecordBatch](), 0
        self.many: duckdb.DuckDBPyConnection | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Hold more."""
        self.held.append(batch)
        self.rows += batch.num_rows
        if sum(each.num_rows for each in self.held) > MOST:
            self.hand_over()

    def hand_over(self) -> None:
        """Give what is held to DuckDB; a connection of its own, for the first is being read."""
        if self.many is None:
            self.many = self.duck.cursor()
            self.many.execute("SET TimeZone = 'UTC'")
        table = pa.Table.from_batches(self.held)
        self.many.register("held", table)
        self.many.execute("CREATE TEMP TABLE IF NOT EXISTS of_one_time AS FROM held LIMIT 0")
        self.many.execute("INSERT INTO of_one_time FROM held")
        self.many.unregister("held")
        self.held = []

    def taken(self) -> Iterator[pa.RecordBatch]:
        """All of them by their keys, and hold none."""
        if self.many is not None:
            if self.held:
                self.hand_over()
            by = ", ".join(f'"{key}"' for key in self.keys)
            yield from self.many.sql(f"FROM of_one_time ORDER BY {by}").to_arrow_reader(BATCH)
            self.many.close()
        elif self.rows:
            yield from self.in_memory()
        self.held, self.rows, self.many = [], 0, None

    def in_memory(self) -> Iterator[pa.RecordBatch]:
        """What is held, by its keys."""
        table = pa.Table.from_batches(self.held)
        if table.num_rows == 1:
            yield from self.held
            return
        order = pc.sort_indices(table.select(self.keys), sort_keys=[(key, "ascending") for key in self.keys])
        yield from table.take(order).combine_chunks().to_batches()
