"""Whether the warehouse keeps a contract: its columns in their order and of their types, and every check of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.contracts.checks import checks_of, run
from warehouse.contracts.compare import columns_of
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
    """One promise that is not kept. column: empty where it is about the table. sample: keys of rows, no values.

    severity: a warning says what a source or a schedule may lack, an error what the hub must mend.
    """

    table: str
    column: str
    what: str
    severity: str = "error"
    sample: tuple[str, ...] = ()


def broken(connection: Connection, contract: Contract, now: str | None = None) -> Iterator[Broken]:
    """Every promise of a contract that the warehouse does not keep. now: UTC text; else the machine's clock."""
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
        moment = now or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        yield from of_rows(connection, table, contract, moment)


def of_rows(connection: Connection, table: str, contract: Contract, now: str) -> Iterator[Broken]:
    """What rows do not keep."""
    for check in checks_of(contract, now):
        found = run(connection, check)
        if not found.rows:
            continue
        if check.name == "key_is_unique":
            what = f"is no key: {found.rows:,} of its values stand in several rows"
            yield Broken(table, check.column, what, check.severity, found.sample)
        elif check.name == "required_is_filled":
            for name, empty in empties(connection, table, check.column.split(", ")):
                what = f"is required, and null in {empty:,} rows"
                yield Broken(table, name, what, check.severity, found.sample)
        else:
            what = f"breaks `{check.name}` in {found.rows:,} rows: {check.says}"
            yield Broken(table, check.column, what, check.severity, found.sample)


def empties(connection: Connection, table: str, names: list[str]) -> Iterator[tuple[str, int]]:
    """Which of some columns are null, and in how many rows."""
    counted = ", ".join(f"sum(CASE WHEN {name} IS NULL THEN 1 ELSE 0 END)" for name in names)
    row = connection.query(f"SELECT {counted} FROM {table}")[0]
    yield from ((name, int(empty)) for name, empty in zip(names, row, strict=True) if empty)


def columns_there(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a view and their types; SQLite does not know the types of a view's columns."""
    if connection.dialect == "sqlite":
        return {str(row[1]): "" for row in connection.query(f"PRAGMA table_info({table})")}
    found = connection.query(TYPES, (placed(table, connection.dialect),))
    return {str(name): SPELLED.get(str(stored), str(stored)) for name, stored in found}
