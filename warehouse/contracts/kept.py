"""Whether the warehouse keeps a contract: its columns in their order, keys unique, what is required filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.contracts.compare import columns_of, keys_of
from warehouse.marts.views import placed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.contracts.odcs import Contract
    from warehouse.database import Connection

TYPES: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
SPELLED: Final = {"timestamp with time zone": "timestamptz", "timestamp(6) with time zone": "timestamptz"}


class Broken(NamedTuple):
    """One promise that is not kept. column: empty where it is about the table."""

    table: str
    column: str
    what: str


def broken(connection: Connection, contract: Contract) -> Iterator[Broken]:
    """Every promise of a contract that the warehouse does not keep."""
    table, promised = str(contract["name"]), columns_of(contract)
    there = columns_there(connection, table)
    if not there:
        yield Broken(table, "", "is not there")
        return
    missing = [name for name in promised if name not in there]
    yield from (Broken(table, name, "is not there") for name in missing)
    if not missing and list(there) != list(promised):
        yield Broken(table, "", "has other columns, or in another order")
    for name, stored in there.items():
        wanted = str(promised[name]["physicalType"]) if name in promised else stored
        if stored and stored.replace(", ", ",") != wanted.replace(", ", ","):
            yield Broken(table, name, f"is {stored} and not {wanted}")
    if not missing:
        yield from of_rows(connection, table, contract)


def of_rows(connection: Connection, table: str, contract: Contract) -> Iterator[Broken]:
    """What rows do not keep."""
    keys = ", ".join(keys_of(contract))
    twice = f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {keys} HAVING count(*) > 1) AS twice"
    ((count,),) = connection.query(twice)
    if count:
        yield Broken(table, keys, f"is no key: {count:,} of its values stand in several rows")
    needed = [name for name, column in columns_of(contract).items() if column.get("required")]
    counted = ", ".join(f"sum(CASE WHEN {name} IS NULL THEN 1 ELSE 0 END)" for name in needed)
    for name, empty in zip(needed, connection.query(f"SELECT {counted} FROM {table}")[0], strict=True):
        if empty:
            yield Broken(table, name, f"is required, and null in {empty:,} rows")


def columns_there(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a view and their types; SQLite does not know the types of a view's columns."""
    if connection.dialect == "sqlite":
        return {str(row[1]): "" for row in connection.query(f"PRAGMA table_info({table})")}
    found = connection.query(TYPES, (placed(table, connection.dialect),))
    return {str(name): SPELLED.get(str(stored), str(stored)) for name, stored in found}
