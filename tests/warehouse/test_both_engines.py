"""What was synced alike is stored alike: every table and every mart, row by row, on SQLite and PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts
from warehouse.row_sums import OWN_NAMES
from warehouse.tables import metadata

if TYPE_CHECKING:
    from tests.warehouse.conftest import Grown
    from warehouse.database import Connection

pytestmark = pytest.mark.postgres

MEASURED = {"lease": ("acquired_at", "renewed_at"), "stream_run": ("requests_json",)}
"""Hours of the database's own clock, and how long requests took: no test can hold them still."""
DRAWN = "changes"
"""What a hub draws by lot when it is made, under this name in `hub_state`."""


def differences(one: Connection, other: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Table or view → rows that stand in one of two warehouses only; those without any are left out."""
    found = {}
    for name, columns, where in published(one):
        statement = f"SELECT {', '.join(columns)} FROM {name} {where}"
        left, right = plain(one, statement), plain(other, statement)
        if left != right:
            found[name] = [row for row in [*left, *right] if (row in left) != (row in right)] or left[:1]
    return found


def published(connection: Connection) -> list[tuple[str, list[str], str]]:
    """Every table, mart and view of a stream: name, columns, which rows."""
    found = []
    for each in metadata.sorted_tables:
        kept = [column.name for column in each.columns if column.name not in MEASURED.get(each.name, ())]
        own = f"WHERE {OWN_NAMES} AND name <> '{DRAWN}'" if each.name == "hub_state" else ""
        found.append((each.name, kept, own))
    marts = [*MARTS, *stream_marts(connection)]
    return [*found, *((mart.name, [column.name for column in mart.columns], "") for mart in marts)]


def plain(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """All rows in one order, in values that both engines can hold."""
    rows = connection.query(statement)
    return sorted((tuple(map(held, row)) for row in rows), key=repr)


def held(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else int(value) if isinstance(value, bool) else value


def test_after_the_same_syncs_every_table_and_every_mart_holds_the_same_rows(grown: Grown) -> None:
    lite, post = grown.engines["sqlite"].database, grown.engines["postgresql"].database
    with lite.session() as one, post.session() as other:
        assert differences(one, other) == {}
        filled = {name for name, _, _ in published(one) if one.one(f"SELECT 1 FROM {name} LIMIT 1")}
        assert {
            "redirect",
            "organization_version",
            "timeline",
            "deal",
            "dim_partner",
            "fct_touchpoint",
        } <= filled
        assert one.one("SELECT 1 FROM raw_record WHERE op = 'merge'")
        assert one.one("SELECT 1 FROM raw_record WHERE op = 'delete'")


def test_one_value_that_differs_is_found_in_its_table_and_in_every_mart_over_it(grown: Grown) -> None:
    lite, post = grown.engines["sqlite"].database, grown.engines["postgresql"].database
    with lite.session() as one, post.session() as other:
        other.execute("BEGIN")
        other.execute("UPDATE deal SET stage = 'planted' WHERE fact_id = (SELECT min(fact_id) FROM deal)")
        found = differences(one, other)
        other.execute("ROLLBACK")
    assert found.keys() == {"deal", "fct_deal"}
    assert sum("planted" in row for row in found["deal"]) == 1
