"""A mart as it was known at a moment: its own query over the tables as they were then.

One query makes a mart, now and then. What differs are the tables below it: each table whose past is kept is put in its
place as a common table expression of the same name, with the rows that stood at the moment. A mart that reads any other
table is refused by name, with what to use instead: a guess would look like a fact.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from warehouse.errors import WarehouseError
from warehouse.layers import layer_of
from warehouse.marts.kept import kept_for, untold_of
from warehouse.marts.mart import spelled_out
from warehouse.marts.moment import MOMENT
from warehouse.marts.staged_then import is_of_stream

if TYPE_CHECKING:
    from warehouse.marts.mart import Mart

READS: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
SUFFIX: Final = "_asof"
"""`marts.dim_partner_asof(moment)` on PostgreSQL."""
WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


SINCE: Final = (
    "Kept as it changes, since migration 0037: of a moment before, what changed between then and the first sync after"
    " it is told as it stood at that sync. What landed and was published later counts as known since it landed."
)
SAID_SINCE: Final = (
    "What records said is kept as it changes, since migration 0039: of a moment before, what a record that arrived anew"
    " until then said is null and stands in its raw version."
)
NO_LINEAGE: Final = "_hub_run_id, _hub_loaded_at and _hub_source are null; {} as of then has them."
OF_STREAM: Final = (
    "What landed and was staged later is not there, or as it was until it was staged. A version that changed nothing in"
    f" it counts since it landed. Columns added later are there, as of the rows that had them. {SAID_SINCE}"
)
NOTES: Final = {
    "fct_touchpoint": f"{SINCE} {SAID_SINCE} Those are ended_at, status and owner_id.",
    "bridge_touchpoint_partner": f"{NO_LINEAGE.format('fct_touchpoint')} {SINCE}",
    "bridge_work_item_partner": f"{NO_LINEAGE.format('fct_work_item')} {SINCE}",
    "bridge_deal_partner": f"{NO_LINEAGE.format('fct_deal')} {SINCE}",
    "fct_partner_activity_monthly": f"Counted off the timelines of then, each time. {SINCE}",
    "bridge_contact_partner": SINCE,
    "dim_owner": SINCE,
    "fct_deal_stage": "Stages that were told when migration 0037 came count as known since the version of the deal that"
    " told of them landed.",
    "bridge_partner_source": f"{SAID_SINCE} Those are record_name and modified_at.",
    "fct_deal": "Of opened_at, record_key and count_records, and of what is read off that record, this holds: "
    f"{SINCE} Of a moment before the hub kept versions of deals, a row says what their sources remembered.",
    "fct_work_item": f"{SINCE} {SAID_SINCE} Those are kind, title, status, priority, owner and times, and is_open too,"
    " unless it was deleted by then.",
    "dim_contact": "Names are kept as they change, since migration 0042: of a moment before, name, email, phone and"
    " title are null where a record of the person says something else now, came or went since. Of a moment before"
    " migration 0039 count_records may be null.",
    "fct_sync_run": "Readings that had ended by then; one that ran at that moment is not among them, nor one that"
    " `partnerhub prune` took away since.",
    "lineage_column": "Fields that streams had by then. What a mart says of its own columns is of today's program:"
    " a mart that came later is listed too.",
}
"""What of a kept mart cannot be told of then."""
OTHERWISE: Final = "an export made then has what it was"


class PastNotKept(WarehouseError):
    """A table was asked for as of a moment, and what it was then is not kept."""

    def __init__(self, name: str) -> None:
        """Name the table and what to use instead."""
        super().__init__(f"What {name} was at a moment is not kept.", f"Instead: {OTHERWISE}.")


def as_known(mart: Mart, dialect: str, as_of: str | date) -> Mart:
    """The mart whose rows are those the hub knew at a moment, on one engine. As `select_then`."""
    untold = untold_of(mart)
    columns = tuple(replace(each, required=False) if each.name in untold else each for each in mart.columns)
    return replace(mart, columns=columns, relation=select_then(mart, dialect, as_of))


def select_then(mart: Mart, dialect: str, as_of: str | date) -> str:
    """The SELECT that returns a mart's columns as they were known at a moment, without parameters.

    as_of: as for `moment_of`. On PostgreSQL the layers must be on the search path. Raises PastNotKept and ValueError.
    """
    written = f"'{moment_of(as_of)}'"
    return over_the_past(mart, dialect, written if dialect == "sqlite" else f"{written}::timestamptz")


def over_the_past(mart: Mart, dialect: str, moment: str) -> str:
    """The same with the moment in SQL. Raises PastNotKept."""
    if not is_kept(mart):
        raise PastNotKept(mart.name)
    read = tables_of(mart)
    tables = ",\n".join(f"{name} AS ({rows_then(mart, name, dialect)})" for name in read)
    query = mart.select(dialect).strip()
    if not tables:
        return query
    columns = ", ".join(column.name for column in mart.columns)
    return f"WITH {tables}\nSELECT {columns} FROM ({query}) AS known".replace(MOMENT, moment)


def is_kept(mart: Mart) -> bool:
    """Whether a mart can be had as of a moment: every table that it reads can."""
    return all(kept_for(mart, name) is not None for name in tables_of(mart))


def tables_of(mart: Mart) -> list[str]:
    """The tables of the warehouse that a mart's query reads, each once."""
    return [name for name in dict.fromkeys(READS.findall(mart.query)) if is_table(name)]


def is_table(name: str) -> bool:
    """Whether a name in a query is a table's, and not one the query makes itself."""
    try:
        return bool(layer_of(name))
    except KeyError:
        return False


def rows_then(mart: Mart, name: str, dialect: str) -> str:
    """The rows of a table at the moment, as far as a mart shows them, under the names marts know its columns by."""
    from warehouse.tables import table  # costs 1 s, and most readings are of now

    kept = kept_for(mart, name)
    if kept is None:
        raise PastNotKept(mart.name)
    if kept.rows:
        return spelled_out(kept.rows, dialect).strip()
    columns = ", ".join(
        f"{kept.instead[column.name]} AS {column.name}" if column.name in kept.instead else f"b.{column.name}"
        for column in table(name).columns
    )
    return spelled_out(f"SELECT {columns} FROM {{base({name})}} b WHERE {kept.where}", dialect)


def moment_of(as_of: str | date) -> str:
    """A moment as the hub's UTC text: a time with its zone, or a day, which means its end. Raises ValueError."""
    if isinstance(as_of, str):
        as_of = read_moment(as_of)
    if not isinstance(as_of, datetime):
        return f"{as_of.isoformat()}T23:59:59.999999Z"
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of} says no time zone: write it as {as_of.isoformat()}Z")
    return as_of.astimezone(UTC).strftime(WRITTEN)


def read_moment(written: str) -> date:
    """A day or a time as it is written. Raises ValueError."""
    try:
        is_day = len(written) == len("2026-10-01")
        return date.fromisoformat(written) if is_day else datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(
            f"{written!r} is no day or time: write it as 2026-10-01, or 2026-10-01T12:00:00Z"
        ) from None


def said_of_the_past(mart: Mart) -> str:
    """What documentation says of a mart's past."""
    if not is_kept(mart):
        return f"What it was at a moment is not kept. Instead: {OTHERWISE}."
    note = OF_STREAM if is_of_stream(mart) else NOTES.get(mart.name, "")
    return f"Can be had as it was known at any moment. {note}".strip()
