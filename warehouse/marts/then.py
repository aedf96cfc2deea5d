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
from warehouse.marts.kept import KEPT, KEPT_FOR, UNTOLD
from warehouse.marts.mart import spelled_out
from warehouse.marts.moment import MOMENT

if TYPE_CHECKING:
    from warehouse.marts.mart import Mart

READS: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
STREAM: Final = "stg_"
"""How views of streams begin: they show fields of which no table keeps the past."""
SUFFIX: Final = "_asof"
"""`marts.dim_partner_asof(moment)` on PostgreSQL."""
WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


SINCE: Final = (
    "Kept as it changes, since migration 0037: of a moment before, what changed between then and the first sync after"
    " it is told as it stood at that sync. What landed and was published later counts as known since it landed."
)
NO_LINEAGE: Final = "_hub_run_id, _hub_loaded_at and _hub_source are null."
NOTES: Final = {
    "fct_touchpoint": "Where the record shown arrived anew since, ended_at, status and owner_id are null: what it said"
    f" stands in its raw version. {SINCE}",
    "bridge_touchpoint_partner": f"{NO_LINEAGE} {SINCE}",
    "bridge_work_item_partner": f"{NO_LINEAGE} {SINCE}",
    "bridge_deal_partner": f"{NO_LINEAGE} {SINCE}",
    "fct_partner_activity_monthly": f"Counted off the timelines of then, each time. {SINCE}",
    "bridge_contact_partner": f"_hub_run_id and _hub_loaded_at are null. {SINCE}",
    "dim_owner": f"_hub_run_id and _hub_loaded_at are null. {SINCE}",
    "fct_deal_stage": "_hub_run_id and _hub_loaded_at are null. Stages that were told when migration 0037 came count as"
    " known since the version of the deal that told of them landed.",
    "bridge_partner_source": "record_name and modified_at are null where the record arrived anew since: what it"
    " said then stands in its raw version, which the partner's page as of a day reads.",
    "fct_deal": "opened_at, record_key, count_records, _hub_run_id, _hub_loaded_at and _hub_source are null: which"
    " records were one deal is not remembered. Of a moment before the hub kept versions of deals, a row says what their"
    " sources remembered.",
    "fct_work_item": "Where the record arrived anew since, kind, title, status, priority and times are null, and"
    " is_open too, unless it was deleted by then: what it said stands in its raw version. What was work then and is not"
    " now is missing, what was not and is now is there.",
    "dim_contact": "name, email, phone and title are null where a record of the person arrived anew, came or went"
    " since: what it said stands in its raw version, which the partner's page as of a day reads. count_records is null"
    " where one of the records is not staged any more, _hub_run_id and _hub_loaded_at are always. All this by the"
    " rules of today.",
    "fct_sync_run": "Readings that had ended by then; one that ran at that moment is not among them, nor one that"
    " `partnerhub prune` took away since.",
}
"""What of a kept mart cannot be told of then."""
INSTEAD: Final = {
    "lineage_column": "the contracts beside a former export say what was read then; since_at, since when a field"
    " is known",
}
"""Mart whose past is not kept → what to use instead."""
OTHERWISE: Final = "an export made then has what it was"
VERSIONS: Final = (
    "what each record said then is kept as its raw version, and an export made then has the view"
)


class PastNotKept(WarehouseError):
    """A table was asked for as of a moment, and what it was then is not kept."""

    def __init__(self, name: str) -> None:
        """Name the table and what to use instead."""
        super().__init__(f"What {name} was at a moment is not kept.", f"Instead: {instead_of(name)}.")


def as_known(mart: Mart, dialect: str, as_of: str | date) -> Mart:
    """The mart whose rows are those the hub knew at a moment, on one engine. As `select_then`."""
    untold = UNTOLD.get(mart.name, frozenset())
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
    read = tables_of(mart, dialect)
    tables = ",\n".join(f"{name} AS ({rows_then(mart, name, dialect)})" for name in read)
    query = mart.select(dialect).strip()
    if not tables:
        return query
    columns = ", ".join(column.name for column in mart.columns)
    return f"WITH {tables}\nSELECT {columns} FROM ({query}) AS known".replace(MOMENT, moment)


def is_kept(mart: Mart) -> bool:
    """Whether a mart can be had as of a moment: every table that it reads can."""
    known = KEPT.keys() | KEPT_FOR.get(mart.name, {}).keys()
    return all(name in known for name in tables_of(mart, "sqlite")) and not mart.name.startswith(STREAM)


def tables_of(mart: Mart, dialect: str) -> list[str]:
    """The tables of the warehouse that a mart's query reads, each once."""
    return [name for name in dict.fromkeys(READS.findall(mart.select(dialect))) if is_table(name)]


def is_table(name: str) -> bool:
    """Whether a name in a query is a table's, and not one the query makes itself."""
    try:
        return bool(layer_of(name))
    except KeyError:
        return False


def rows_then(mart: Mart, name: str, dialect: str) -> str:
    """The rows of a table at the moment, as far as a mart shows them, under the names marts know its columns by."""
    from warehouse.tables import table  # costs 1 s, and most readings are of now

    kept = KEPT_FOR.get(mart.name, {}).get(name) or KEPT[name]
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
        as_of = (
            date.fromisoformat(as_of) if len(as_of) == len("2026-10-01") else datetime.fromisoformat(as_of)
        )
    if not isinstance(as_of, datetime):
        return f"{as_of.isoformat()}T23:59:59.999999Z"
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of} says no time zone: write it as {as_of.isoformat()}Z")
    return as_of.astimezone(UTC).strftime(WRITTEN)


def instead_of(name: str) -> str:
    """What to use in place of a mart as of a moment."""
    return INSTEAD.get(name, VERSIONS if name.startswith(STREAM) else OTHERWISE)


def said_of_the_past(mart: Mart) -> str:
    """What documentation says of a mart's past."""
    if not is_kept(mart):
        return f"What it was at a moment is not kept. Instead: {instead_of(mart.name)}."
    return " ".join(["Can be had as it was known at any moment.", NOTES.get(mart.name, "")]).strip()
