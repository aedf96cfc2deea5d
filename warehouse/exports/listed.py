"""An export of some partners: which rows of a table belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.errors import WarehouseError
from warehouse.exports.reading import read_columns
from warehouse.marts import MARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from warehouse.database import Connection
    from warehouse.marts import Mart

PARTNERS: Final = "listed_partner"
HANGS_ON: Final = {
    "dim_contact": ("contact_id", "bridge_contact_partner"),
    "fct_touchpoint": ("touchpoint_id", "bridge_touchpoint_partner"),
    "fct_work_item": ("work_item_id", "bridge_work_item_partner"),
    "fct_deal": ("deal_id", "bridge_deal_partner"),
    "fct_deal_stage": ("deal_id", "bridge_deal_partner"),
    "fct_deal_history": ("deal_id", "bridge_deal_partner"),
}
"""Table → its column, and the bridge that says to which partners what it names belongs."""
OF_NOBODY: Final = frozenset({"dim_date", "dim_owner"})
"""Days and colleagues: whole, so that keys meet."""


class OnlyOf(NamedTuple):
    """The partners of a saved list, as it was when the export was asked for. partners: ids."""

    name: str
    partners: tuple[str, ...]


class NotByPartner(WarehouseError):
    """A table was named of which nobody can say which rows belong to some partners."""

    def __init__(self, names: Sequence[str]) -> None:
        """Name them."""
        super().__init__(
            f"No row of {', '.join(names)} belongs to a partner.",
            "Export it without `--list`, or leave it out.",
        )


def is_by_partner(mart: Mart) -> bool:
    """Whether it is known which rows of a table belong to some partners."""
    return mart in MARTS and (mart.name in HANGS_ON or mart.name in OF_NOBODY or names_partner(mart))


def names_partner(mart: Mart) -> bool:
    """Whether each row names the partner it is about."""
    return any(column.name == "partner_id" for column in mart.columns)


def of_them(chosen: Sequence[Mart], named: Sequence[str]) -> list[Mart]:
    """The tables that can be restricted. Raises NotByPartner where one that cannot was asked for by name."""
    refused = [mart.name for mart in chosen if mart.name in named and not is_by_partner(mart)]
    if refused:
        raise NotByPartner(refused)
    return [mart for mart in chosen if is_by_partner(mart)]


def conditions(
    connection: Connection, duck: duckdb.DuckDBPyConnection, only: OnlyOf, chosen: Sequence[Mart]
) -> dict[str, str]:
    """Table → a condition on its columns, for DuckDB; those that belong to nobody have none."""
    duck.register(PARTNERS, pa.table({"id": pa.array(only.partners, pa.string())}))
    found = {}
    for mart in chosen:
        if mart.name in HANGS_ON:
            column, bridge = HANGS_ON[mart.name]
            found[mart.name] = f"{column} IN (SELECT id FROM {held(connection, duck, column, bridge)})"
        elif mart.name not in OF_NOBODY:
            found[mart.name] = f"partner_id IN (SELECT id FROM {PARTNERS})"
    return found


def held(connection: Connection, duck: duckdb.DuckDBPyConnection, column: str, bridge: str) -> str:
    """A table of DuckDB's with what hangs on the partners by a bridge; made once."""
    name = f"listed_{column}"
    if not duck.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall()[0][0]:
        schema = pa.schema([("id", pa.string()), ("partner_id", pa.string())])
        with read_columns(connection, f"SELECT {column} AS id, partner_id FROM {bridge}", schema) as rows:
            duck.register("bridge_rows", rows)
            duck.execute(
                f"CREATE TABLE {name} AS SELECT DISTINCT id FROM bridge_rows"
                f" WHERE partner_id IN (SELECT id FROM {PARTNERS})"
            )
            duck.unregister("bridge_rows")
    return name
