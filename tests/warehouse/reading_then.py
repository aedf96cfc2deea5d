"""Marts written down when they were read, and compared with what they say of that moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.marts import mart
from warehouse.marts.streams import stream_marts
from warehouse.marts.then import select_then

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection, Database
    from warehouse.marts import Mart

TIED: Final = frozenset({"_hub_run_id", "_hub_loaded_at", "_hub_source"})
NULL_THEN: Final = {
    "fct_touchpoint": frozenset(),
    "fct_work_item": frozenset(),
    "bridge_partner_source": frozenset(),
    "lineage_column": frozenset(),
    "dim_contact": frozenset(),
    "fct_deal": frozenset(),
    "bridge_touchpoint_partner": TIED,
    "bridge_work_item_partner": TIED,
    "bridge_deal_partner": TIED,
    "bridge_contact_partner": frozenset(),
    "fct_deal_stage": frozenset(),
    "dim_owner": frozenset(),
    "fct_partner_activity_monthly": frozenset(),
}
"""Mart → columns that may be null of a moment; all others are exact, and so are all of the views of streams."""

Rows = list[dict[str, Any]]


def published(connection: Connection) -> dict[str, Mart]:
    """These marts and the views of streams, by name."""
    streams = {each.name: each for each in stream_marts(connection)}
    return {name: mart(name) for name in NULL_THEN} | streams


def dumped(database: Database) -> dict[str, Rows]:
    """What they say now."""
    with database.session() as connection:
        return {name: read(connection, each) for name, each in published(connection).items()}


def read(connection: Connection, table: Mart, relation: str = "") -> Rows:
    """The rows of a mart in the order of its key."""
    rows = connection.records(f"SELECT * FROM {relation or table.name}")
    return sorted(rows, key=lambda row: [str(row[each]) for each in table.key])


def differing(
    database: Database,
    told: Mapping[str, Mapping[str, Rows]],
    null: Mapping[str, frozenset[str]] = NULL_THEN,
) -> list[tuple[str, str, Rows, Rows]]:
    """(moment, mart, what was said then and is not now, what is said now and was not then)."""
    found = []
    with database.session() as connection:
        tables = published(connection)
        for moment, marts in told.items():
            for name, rows in marts.items():
                relation = f"({select_then(tables[name], connection.dialect, moment)}) AS it"
                then = of_columns(read(connection, tables[name], relation), rows)
                may_be = null.get(name, frozenset())
                was, now = ([exact(row, may_be) for row in each] for each in (rows, then))
                if was != now or not may_be_null(rows, then, may_be):
                    found.append(
                        (moment, name, [r for r in was if r not in now], [r for r in now if r not in was])
                    )
    return found


def of_columns(then: Rows, was: Rows) -> Rows:
    """The rows with the columns there were; the view of a stream may have got more since."""
    if not was:
        return then
    return [{name: row[name] for name in was[0]} for row in then]


def exact(row: Mapping[str, Any], null: frozenset[str]) -> dict[str, Any]:
    """What has to come out of a row."""
    return {name: value for name, value in row.items() if name not in null}


def may_be_null(was: Rows, then: Rows, null: frozenset[str]) -> bool:
    """Whether of the other columns each is what it was, or null."""
    return all(new[name] in (None, old[name]) for old, new in zip(was, then, strict=False) for name in null)
