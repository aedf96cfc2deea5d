"""Every index says what it is for, and is what its query is answered by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.generate import rendered
from warehouse.database import Database
from warehouse.tables import metadata
from warehouse.tables.index_reasons import SERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

BY = re.compile(r"\{by (\w+)\}")
NEVER = {"sqlite": "''", "postgresql": "'-infinity'::timestamptz"}
OF_THE_ENGINE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE NOT i.indisprimary AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
        " AND c.relname NOT LIKE 'search_entry_words_%' AND c.relname NOT LIKE 'search_entry_names_%'"
    ),
}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with Database(database_url).session() as connection:
        yield connection


def plan(connection: Connection, query: str) -> str:
    """How a query is answered where reading a whole table is dear, as it is in a large hub."""
    query = BY.sub(r"INDEXED BY \1" if connection.dialect == "sqlite" else "", query)
    query = query.replace("{never}", NEVER[connection.dialect])
    if connection.dialect == "sqlite":
        rows = connection.query(f"EXPLAIN QUERY PLAN {query}", ["x"] * query.count("?"))
        return "\n".join(str(row[3]) for row in rows)
    for costly in ("seqscan", "sort", "bitmapscan"):
        connection.execute(f"SET LOCAL enable_{costly} = off")
    prepared = query
    for number in range(query.count("?")):
        prepared = prepared.replace("?", f"${number + 1}", 1)
    connection.raw.execute(f"PREPARE asked AS {prepared}")
    connection.raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    arguments = ", ".join(["NULL"] * query.count("?"))
    rows = connection.raw.execute(f"EXPLAIN EXECUTE asked{f'({arguments})' if arguments else ''}").fetchall()
    connection.raw.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows)


def test_each_index_there_is_has_a_reason_and_no_reason_is_left_over(connection: Connection) -> None:
    there = {row[0] for row in connection.query(OF_THE_ENGINE[connection.dialect])}
    assert there ^ SERVED.keys() == set()


def test_each_index_answers_the_query_it_is_there_for(connection: Connection) -> None:
    connection.execute("BEGIN")
    plans = {name: plan(connection, each.query) for name, each in SERVED.items()}
    connection.execute("ROLLBACK")
    assert [f"{name}: {said}" for name, said in plans.items() if f" {name}" not in said] == []


def test_the_page_of_tables_lists_each_index_with_its_reason() -> None:
    page = rendered("<!-- generated: tables -->\n<!-- end -->")
    indexes = [index.name for table in metadata.tables.values() for index in table.indexes]
    assert [name for name in indexes if f"`{name}`" not in page] == []
    assert SERVED["key_value"].reason in page
