"""A backup counts once it is checked; what is put back is the whole warehouse of then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.leases import acquire
from pipelines.stage.rules import SourceRules, StageSettings
from pipelines.supervision.asked import LEASE
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.backup import backup, restore
from warehouse.changes.cursor import ExpiredCursor
from warehouse.changes.feed import read_changes
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.schema import current_revision, downgrade, latest_revision, migrate
from warehouse.viewer import OPERATOR

NOW = "2026-10-02T09:00:00.000000Z"


@pytest.fixture
def engine(database_url: str) -> Engine:
    if database_url.startswith("postgresql") and shutil.which("pg_dump") is None:
        pytest.skip("PostgreSQL's client programs are not installed")
    made = Engine(Database(database_url), StageSettings({"crm": SourceRules("sheets")}))
    made.sync([source("Kestrel GmbH")])
    return made


def source(*names: str) -> ScriptedConnector:
    records = [record(str(n), name=name) for n, name in enumerate(names)]
    return ScriptedConnector(source="crm").plays(THINGS, pages(page(*records)))


def names(engine: Engine) -> list[str]:
    return [row[0] for row in engine.query("SELECT name FROM organization ORDER BY name")]


@pytest.mark.fault("F81")
def test_what_was_backed_up_comes_back_and_syncs_go_on_from_there(engine: Engine, tmp_path: Path) -> None:
    facts = backup(engine.database.url, tmp_path / "hub.backup", NOW)
    engine.sync([source("Kestrel GmbH", "Alder Ltd")])
    restore(engine.database.url, tmp_path / "hub.backup")
    assert (names(engine), facts["rows"]["organization"]) == (["Kestrel GmbH"], 1)
    engine.sync([source("Kestrel GmbH", "Alder Ltd")])
    assert names(engine) == ["Alder Ltd", "Kestrel GmbH"]


def test_who_read_changes_of_after_a_backup_is_told_that_they_are_undone(
    engine: Engine, tmp_path: Path
) -> None:
    backup(engine.database.url, tmp_path / "hub.backup", NOW)
    engine.sync([source("Kestrel GmbH", "Alder Ltd")])
    with engine.database.session() as connection:
        cursor = read_changes(OPERATOR, connection, "now").next
    restore(engine.database.url, tmp_path / "hub.backup")
    with engine.database.session() as connection, pytest.raises(ExpiredCursor):
        read_changes(OPERATOR, connection, cursor)


def test_a_backup_that_changed_on_its_disk_is_refused_and_touches_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    target = tmp_path / "hub.backup"
    backup(engine.database.url, target, NOW)
    target.write_bytes(target.read_bytes()[:-1] + b"x")
    with pytest.raises(WarehouseError, match="is not what was written then"):
        restore(engine.database.url, target)
    assert names(engine) == ["Kestrel GmbH"]


def test_a_backup_never_overwrites_another(engine: Engine, tmp_path: Path) -> None:
    backup(engine.database.url, tmp_path / "hub.backup", NOW)
    with pytest.raises(WarehouseError, match="already there"):
        backup(engine.database.url, tmp_path / "hub.backup", NOW)


def test_nothing_is_put_back_while_somebody_is_at_work(engine: Engine, tmp_path: Path) -> None:
    backup(engine.database.url, tmp_path / "hub.backup", NOW)
    with engine.database.session() as connection:
        acquire(connection, "sync:crm")
        with pytest.raises(WarehouseError, match="sync:crm is at work"):
            restore(engine.database.url, tmp_path / "hub.backup")


def test_whoever_only_waits_for_what_is_asked_keeps_nothing_from_being_put_back(
    tmp_path: Path, sqlite_url: str
) -> None:
    Engine(Database(sqlite_url), StageSettings({"crm": SourceRules("sheets")})).sync([source("Kestrel GmbH")])
    backup(sqlite_url, tmp_path / "hub.backup", NOW)
    with Database(sqlite_url).session() as connection:
        acquire(connection, LEASE)
        assert restore(sqlite_url, tmp_path / "hub.backup")["kept"]


def test_each_restore_of_a_file_keeps_what_stood_there_before(tmp_path: Path, sqlite_url: str) -> None:
    made = Engine(Database(sqlite_url), StageSettings({"crm": SourceRules("sheets")}))
    made.sync([source("Kestrel GmbH")])
    backup(sqlite_url, tmp_path / "hub.backup", NOW)
    kept = [Path(restore(sqlite_url, tmp_path / "hub.backup")["kept"]) for _ in range(3)]
    assert len(set(kept)) == 3
    assert all(each.is_file() for each in kept)


@pytest.mark.postgres
def test_a_backup_from_before_an_upgrade_comes_back_over_the_newer_tables(
    engine: Engine, tmp_path: Path
) -> None:
    url = engine.database.url
    downgrade(url, "0030")
    backup(url, tmp_path / "hub.backup", NOW)
    migrate(url)
    engine.sync([source("Kestrel GmbH", "Alder Ltd")])
    restore(url, tmp_path / "hub.backup")
    assert names(engine) == ["Kestrel GmbH"]
    assert current_revision(engine.database) == latest_revision()
