"""A list of partners as a Parquet file: the columns the page shows, numbers and times as such."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from partnerhub.web.list_address import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from warehouse.queries.partner_list import Listed

TYPES: Final = {
    "records": "int64",
    "contact": "moment",
    "renewal": "day",
    "sources": "texts",
    "programs": "texts",
}
"""Columns that hold something else than text; `value` stands in two, as two currencies are never one."""
AT_ONCE: Final = 5_000


def as_parquet(rows: Iterable[Listed], columns: Sequence[str], cell: Callable[[Listed, str], str]) -> bytes:
    """The file. cell: one column of one partner as the page shows it."""
    import pyarrow as pa  # type: ignore[import-untyped]  # ships none
    from pyarrow import parquet

    kinds = {
        "int64": pa.int64(),
        "moment": pa.timestamp("us", tz="UTC"),
        "day": pa.date32(),
        "texts": pa.list_(pa.string()),
    }
    schema = pa.schema(
        [
            ("Id in this hub", pa.string()), ("Name", pa.string()), ("Site", pa.string()),
            *((COLUMNS[name], kinds.get(TYPES.get(name, ""), pa.string())) for name in columns),
        ]
    )  # fmt: skip
    target = pa.BufferOutputStream()
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        left = iter(rows)
        while table := [values_of(each, columns, cell) for each in islice(left, AT_ONCE)]:
            writer.write_table(
                pa.table(
                    [
                        pa.array(list(column), kind.type)
                        for column, kind in zip(zip(*table, strict=True), schema, strict=True)
                    ],
                    schema=schema,
                )
            )
    return bytes(target.getvalue())


def values_of(listed: Listed, columns: Sequence[str], cell: Callable[[Listed, str], str]) -> list[Any]:
    """One row."""
    values = listed.values
    return [
        values["organization_id"],
        values["name"],
        values["domain"],
        *(typed(listed, name, cell(listed, name)) for name in columns),
    ]


def typed(listed: Listed, column: str, text: str) -> Any:
    """One value by its column; empty for what is not a day of the calendar."""
    kind = TYPES.get(column)
    if kind == "texts":
        return list(listed.sources if column == "sources" else listed.programs)
    if not text or kind is None:
        return text or None
    try:
        if kind == "day":
            return date.fromisoformat(text[:10])
        return int(text) if kind == "int64" else datetime.fromisoformat(text)
    except ValueError:
        return None
