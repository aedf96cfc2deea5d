"""A warehouse moves to another database whole, compared and unharmed, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.leases import acquire
from tests.oracles import at_rest
from tests.warehouse.test_both_engines import differences
from tests.warehouse.test_migrations import tables_of
from warehouse.database import Database
from warehouse.errors import SchemaMismatch, WarehouseError
from warehouse.failpoints import VARIABLE
from warehouse.moving import move
from warehouse.row_sums import summed
from warehouse.schema import current_revision, latest_revision, migrate, require_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_server import PostgresServer
    from tests.warehouse.conftest import Grown

pytestmark = pytest.mark.postgres

NUMBERS = count(1)
MOVING = (
    "import sys; from warehouse.database import Database; from warehouse.moving import move;"
    " move(*map(Database, sys.argv[1:]))"
)


@pytest.fixture
def source(grown: Grown, tmp_path: Path) -> Database:
    """A SQLite hub with a history."""
    copy = tmp_path / "source.db"
    with grown.engines["sqlite"].database.session() as connection:
        connection.query("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(grown.engines["sqlite"].database.path, copy)
    return Database(f"sqlite:///{copy}")


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[Database]:
    """A database with nothing in it."""
    name = f"moved{next(NUMBERS)}"
    yield Database(postgres.create(name))
    postgres.drop(name)


@pytest.fixture
def target(postgres_url: str) -> Database:
    """A database whose tables are there and hold nothing: as good as an empty one, and quicker to have."""
    return Database(postgres_url)


def killed_at(failpoint: str, source: Database, target: Database) -> int:
    """Move in a process that is killed at a failpoint; its exit code."""
    given = [sys.executable, "-c", MOVING, source.url, target.url]
    environment = {**os.environ, VARIABLE: f"{failpoint}:1:sigkill"}
    return subprocess.run(given, check=False, env=environment).returncode


def test_every_table_and_mart_is_the_same_in_the_new_database_and_so_are_its_definitions(
    source: Database, empty: Database, postgres_url: str
) -> None:
    moved = move(source, empty)
    with source.session() as one, empty.session() as other:
        assert differences(one, other) == {}
        assert {each.name: each.rows for each in moved}["raw_record"] == summed(one, "raw_record").rows > 100
    assert tables_of(empty.url) == tables_of(postgres_url)


def test_the_next_sync_over_the_new_database_writes_nothing(
    grown: Grown, source: Database, target: Database
) -> None:
    move(source, target)
    grown.begin("moved", target.url).runs = grown.engines["sqlite"].runs
    assert at_rest(target, lambda: grown.sync("moved"), times=1) == []


def test_numbers_go_on_after_the_highest_that_came(source: Database, target: Database) -> None:
    move(source, target)
    with target.session() as connection:
        connection.execute(
            "INSERT INTO identity_event (entity, kind, entity_id, cause, run_id, recorded_at)"
            " VALUES ('organization', 'minted', 'new', 'founding', 'r', '2026-10-06T09:00:00Z')"
        )
        newest = connection.one("SELECT entity_id FROM identity_event ORDER BY event_id DESC LIMIT 1")
    assert newest == ("new",)


def test_a_warehouse_goes_from_postgresql_to_sqlite_as_well(grown: Grown, tmp_path: Path) -> None:
    here, there = grown.engines["postgresql"].database, Database(f"sqlite:///{tmp_path / 'new.db'}")
    move(here, there)
    with here.session() as one, there.session() as other:
        assert differences(one, other) == {}
        assert other.query("SELECT count(*) FROM search_words WHERE search_words MATCH 'gmbh'") != [(0,)]


def test_of_the_source_not_one_byte_changes_and_nobody_else_writes_to_it_meanwhile(
    source: Database, target: Database
) -> None:
    before = source.path.read_bytes()
    refused: list[bool] = []

    def somebody_writes(_table: str) -> None:
        if not refused:
            at_once = Database(source.url, waits=source.patience * 0)
            with (
                at_once.session() as other,
                pytest.raises(Exception, match="locked"),
                other.transaction(),
            ):
                pass
            refused.append(True)

    move(source, target, somebody_writes)
    assert refused
    assert source.path.read_bytes() == before


def test_a_killed_copy_is_opened_by_nobody_and_is_whole_when_begun_anew(
    source: Database, target: Database
) -> None:
    assert killed_at("warehouse.moving.copy_all.before_commit", source, target) == -9
    for opened in (migrate, lambda url: require_current(Database(url))):
        with pytest.raises(SchemaMismatch, match=r"not finished; it holds no rows.* migrate-db"):
            opened(target.url)
    with target.session() as connection:
        assert connection.query("SELECT count(*) FROM raw_record") == [(0,)]
    move(source, target)
    with source.session() as one, target.session() as other:
        assert differences(one, other) == {}


def test_a_hub_that_is_there_is_not_written_over(source: Database, target: Database) -> None:
    move(source, target)
    with pytest.raises(WarehouseError, match=r"is a hub already: .* Name an empty database"):
        move(source, target)
    assert current_revision(target) == latest_revision()


def test_nothing_is_copied_while_a_sync_is_at_work(source: Database, target: Database) -> None:
    with source.session() as connection:
        acquire(connection, "sync:hubspot")
        with pytest.raises(WarehouseError, match="sync:hubspot is at work"):
            move(source, target)


def test_a_source_of_an_older_schema_is_refused_with_the_remedy(source: Database, empty: Database) -> None:
    with source.session() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0029'")
    with pytest.raises(SchemaMismatch, match=r"is at schema 0029.*partnerhub sync"):
        move(source, empty)
    assert current_revision(empty) is None


def test_a_value_that_the_new_database_cannot_hold_is_named_by_its_table_and_never_shown(
    source: Database, target: Database
) -> None:
    with source.session() as connection:
        connection.execute("UPDATE staged_organization SET modified_at = 'a secret, not a time'")
    with pytest.raises(WarehouseError, match=r"A row of staged_organization .*modified_at") as refused:
        move(source, target)
    assert "secret" not in str(refused.value)
    with pytest.raises(SchemaMismatch, match="not finished"):
        current_revision(target)


def test_rows_that_come_out_otherwise_are_noticed_and_nothing_counts(
    source: Database, target: Database
) -> None:
    with source.session() as connection:  # SQLite keeps what PostgreSQL tells in microseconds
        connection.execute("UPDATE staged_organization SET modified_at = '2026-10-01T09:00:00.1234567Z'")
    with pytest.raises(WarehouseError, match="staged_organization is not the same in the new database"):
        move(source, target)
