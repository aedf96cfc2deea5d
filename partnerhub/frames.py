"""Published tables as pandas frames with exact types, for notebooks: `partnerhub.frame("dim_partner")`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from partnerhub.config import load_config
from warehouse.database import Database
from warehouse.errors import DatabaseUnavailable, WarehouseError
from warehouse.schema import require_current

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import pandas as pd

    from warehouse.marts import Mart

VARIABLE: Final = "PARTNERHUB_CONFIG"
PLACES: Final = ("partnerhub.yaml", ".demo/partnerhub.yaml")


def frame(
    name: str,
    columns: Sequence[str] = (),
    *,
    as_of: str | date | None = None,
    config: str | Path | None = None,
) -> pd.DataFrame:
    """A mart or the view of a stream, whole, as of one moment.

    Ids and other texts are `string`, counts `Int64`, flags `boolean`, times `datetime64[us, UTC]`, dates and amounts
    exact Arrow types (`date32`, `decimal128(20, 4)`); what is missing is missing in each. `DataFrame.attrs` says what
    the table is and what each column means.

    columns: only these, in this order. as_of: as the hub knew it then, a time with its zone or a day, which means its
    end; else now. config: the hub's configuration; else `$PARTNERHUB_CONFIG`, or `partnerhub.yaml` in the working
    folder. Raises UnknownTable, PastNotKept, UnknownColumn, ValueError for a moment that nobody can read or that is yet
    to come, InvalidConfig or WarehouseError.
    """
    import pyarrow as pa  # type: ignore[import-untyped]  # ships none

    from warehouse.exports.arrow_types import arrow_schema
    from warehouse.exports.export import tables_of
    from warehouse.exports.reading import read_batches, snapshot
    from warehouse.marts.then import as_known

    with database_of(config).session() as connection, snapshot(connection):
        (mart,) = tables_of(connection, [name])
        if as_of is not None:
            mart = as_known(mart, connection.dialect, has_begun(as_of))
        chosen = only(mart, columns)
        table = pa.Table.from_batches(read_batches(connection, chosen), arrow_schema(chosen))
    found: pd.DataFrame = table.to_pandas(types_mapper=exact)
    found.attrs = {
        "table": mart.name,
        "grain": mart.grain,
        "key": list(mart.key),
        "columns": {column.name: column.says for column in chosen.columns},
    }
    return found


def tables(*, config: str | Path | None = None) -> list[str]:
    """The names of the tables that `frame` knows, marts first."""
    from warehouse.exports.export import tables_of

    with database_of(config).session() as connection:
        return [mart.name for mart in tables_of(connection, ())]


def database_of(config: str | Path | None) -> Database:
    """The warehouse of a hub: it must exist and have this program's schema."""
    named = config or os.environ.get(VARIABLE)
    places = [Path(named)] if named else [Path(place) for place in PLACES]
    place = next((each for each in places if each.is_file()), places[0])
    database = Database(load_config(place, with_settings=False).warehouse_url)
    if database.dialect == "sqlite" and not database.path.exists():
        raise DatabaseUnavailable(
            str(database.path), "the file is not there yet; run `partnerhub sync` first"
        )
    require_current(database)
    return database


def has_begun(as_of: str | date) -> str:
    """The moment as UTC text. Raises ValueError for one whose day has not begun: nobody knows yet what is then."""
    from warehouse.marts.then import moment_of

    moment, today = moment_of(as_of), datetime.now(UTC).date().isoformat()
    if moment[: len(today)] > today:
        raise ValueError(
            f"as_of names a day that has not begun: {moment[: len(today)]}. Today is {today} (UTC)."
        )
    return moment


class UnknownColumn(WarehouseError, KeyError):
    """A column was named that a table does not have."""

    __str__ = WarehouseError.__str__  # a KeyError shows its text in quotes

    def __init__(self, table: str, names: Sequence[str], known: Iterable[str]) -> None:
        """Name those that are unknown, and what may be meant."""
        near = [close for name in names for close in get_close_matches(name, list(known), 1)]
        meant = f" Perhaps {', '.join(near)} is meant." if near else ""
        super().__init__(
            f"{table} has no column called {', '.join(names)}.{meant}",
            f"`partnerhub contract show {table}` lists its columns.",
        )


def only(mart: Mart, columns: Sequence[str]) -> Mart:
    """The mart with some of its columns, in the order they were named in. Raises UnknownColumn."""
    known = {column.name: column for column in mart.columns}
    if unknown := [name for name in columns if name not in known]:
        raise UnknownColumn(mart.name, unknown, known)
    chosen = [known[name] for name in columns] if columns else mart.columns
    return replace(mart, columns=tuple(chosen))


def exact(stored: Any) -> Any:
    """The pandas type that holds an Arrow type exactly; None for one pandas has itself."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_timestamp(stored):
        return pd.DatetimeTZDtype("us", "UTC")
    known = {
        pa.string(): pd.StringDtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.float64(): pd.Float64Dtype(),
    }
    return known.get(stored) or pd.ArrowDtype(stored)
