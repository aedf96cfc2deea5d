"""Marts written down when they were read, and compared with what they say of that moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.marts import mart
from warehouse.marts.then import select_then

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection, Database

LOADED: Final = frozenset({"_hub_run_id", "_hub_loaded_at"})
TIED: Final = LOADED | {"_hub_source"}
NULL_THEN: Final = {
    "fct_touchpoint": frozenset({"ended_at", "status", "owner_id"}),
    "bridge_touchpoint_partner": TIED,
    "bridge_work_item_partner": TIED,
    "bridge_deal_partner": TIED,
    "bridge_contact_partner": LOADED,
    "fct_deal_stage": LOADED,
    "dim_owner": LOADED,
    "fct_partner_activity_monthly": frozenset(),
}
"""Mart → columns that may be null of a moment; all others are exact."""

Rows = list[dict[str, Any]]


def dumped(database: Database) -> dict[str, Rows]:
    """What these marts say now."""
    with database.session() as connection:
        return {name: read(connection, name) for name in NULL_THEN}


def read(connection: Connection, name: str, relation: str = "") -> Rows:
    """The rows of a mart in the order of its key."""
    rows = connection.records(f"SELECT * FROM {relation or name}")
    return sorted(rows, key=lambda row: [str(row[each]) for each in mart(name).key])


def differing(
    database: Database,
    told: Mapping[str, Mapping[str, Rows]],
    null: Mapping[str, frozenset[str]] = NULL_THEN,
) -> list[tuple[str, str, Rows, Rows]]:
    """(moment, mart, what was said then and is not now, what is said now and was not then)."""
    found = []
    with database.session() as connection:
        for moment, marts in told.items():
            for name, rows in marts.items():
                relation = f"({select_then(mart(name), connection.dialect, moment)}) AS it"
                then = read(connection, name, relation)
                was, now = ([exact(row, null[name]) for row in each] for each in (rows, then))
                if was != now or not may_be_null(rows, then, null[name]):
                    found.append(
                        (moment, name, [r for r in was if r not in now], [r for r in now if r not in was])
                    )
    return found


def exact(row: Mapping[str, Any], null: frozenset[str]) -> dict[str, Any]:
    """What has to come out of a row."""
    return {name: value for name, value in row.items() if name not in null}


def may_be_null(was: Rows, then: Rows, null: frozenset[str]) -> bool:
    """Whether of the other columns each is what it was, or null."""
    return all(new[name] in (None, old[name]) for old, new in zip(was, then, strict=False) for name in null)
