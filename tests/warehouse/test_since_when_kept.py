"""Migrations that begin to keep the past: a hub that holds something by then remembers since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.database import Database
from warehouse.schema import downgrade, migrate

if TYPE_CHECKING:
    from warehouse.database import Connection


@pytest.mark.parametrize("landed", [True, False])
def test_a_hub_that_holds_records_remembers_since_when_it_keeps_what_they_said(
    empty_database_url: str, landed: bool
) -> None:
    migrate(empty_database_url, "0038")
    with Database(empty_database_url).session() as connection:
        if landed:
            connection.execute(
                "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, run_id, landed_at)"
                " VALUES (1, 'crm', 'a', '1', 'upsert', ?, 'run', '2026-10-01T09:00:00.000000Z')",
                (b"a",),
            )
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert [value > "2026-10-01T09" for value in since(connection)] == [True] * landed
    downgrade(empty_database_url, "0038")
    with Database(empty_database_url).session() as connection:
        assert since(connection) == []


@pytest.mark.parametrize("published", [True, False])
def test_a_hub_that_published_persons_remembers_since_when_it_keeps_their_names(
    empty_database_url: str, published: bool
) -> None:
    migrate(empty_database_url, "0041")
    with Database(empty_database_url).session() as connection:
        if published:
            connection.execute("INSERT INTO person (person_id, name, record_count) VALUES ('p1', 'Ann', 1)")
    migrate(empty_database_url)
    with Database(empty_database_url).session() as connection:
        assert [value > "2026-10-01T09" for value in since(connection, "person_past")] == [True] * published
    downgrade(empty_database_url, "0041")
    with Database(empty_database_url).session() as connection:
        assert since(connection, "person_past") == []


def since(connection: Connection, past: str = "staged_past") -> list[str]:
    """Since when before-images are kept, if the hub remembers."""
    asked = "SELECT value FROM hub_state WHERE name = ?"
    return [row[0] for row in connection.query(asked, (f"{past}_since",))]
