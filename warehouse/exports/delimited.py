"""Write batches as CSV: UTF-8, one line a row, RFC 4180; for spreadsheet programs, or as it is for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none
from pyarrow import csv

from partnerhub.spreadsheet_cells import FORMULA, PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MARK: Final = b"\xef\xbb\xbf"
"""By which spreadsheet programs know UTF-8."""
TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def write_table(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, raw: bool) -> None:
    """Write `<name>.csv`. raw: nothing is marked, no byte order mark. Null is an empty cell, empty text is `""`."""
    shown = pa.schema([pa.field(field.name, shown_type(field.type)) for field in schema])
    with path.open("wb") as file:
        if not raw:
            file.write(MARK)
        with csv.CSVWriter(file, shown, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
            for batch in batches:
                columns = [cells(column, raw=raw) for column in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=shown))


def shown_type(stored: pa.DataType) -> pa.DataType:
    """What a column is written as: times as text, as the pages of the hub write them."""
    return pa.string() if pa.types.is_timestamp(stored) else stored


def cells(column: pa.Array, *, raw: bool) -> pa.Array:
    """A column as it is written."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format=TIME)
    return column if raw or not pa.types.is_string(column.type) else harmless(column)


def harmless(column: pa.Array) -> pa.Array:
    """Texts that no spreadsheet program runs as a formula: `partnerhub.spreadsheet_cells.harmless` of a column."""
    runs = pc.and_(
        pc.match_substring_regex(column, FORMULA), pc.invert(pc.match_substring_regex(column, PLAIN))
    )
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)
