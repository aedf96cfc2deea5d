"""A second warehouse: beside the hub's, ours alone, gone at the end, and gone as well where its program was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from pipelines.scratch.place import MARK, scratch
from warehouse.database import Database
from warehouse.errors import DiskFull, WarehouseError

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, sys
from pipelines.scratch.place import scratch
from warehouse.database import Database
with scratch(Database(sys.argv[1])) as target:
    target.connect()
    os._exit(9)
"""


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f".{MARK}*"))


def test_a_second_file_can_be_read_by_nobody_else_and_is_gone_at_the_end(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with scratch(database) as target:
        assert target.path.parent == database.path.parent
        assert oct(target.path.stat().st_mode & 0o777) == "0o600"
    assert beside(database.path.parent) == []


def test_what_a_killed_program_left_is_removed_by_the_next_and_that_of_a_running_one_stays(
    sqlite_url: str,
) -> None:
    database = Database(sqlite_url)
    subprocess.run([sys.executable, "-c", KILLED, sqlite_url], check=False, env=dict(os.environ))
    assert len(beside(database.path.parent)) == 2
    with scratch(database) as first, scratch(database):
        assert first.path.exists()
        assert len(beside(database.path.parent)) == 4
    assert beside(database.path.parent) == []


def test_without_room_nothing_is_begun(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(DiskFull, match="Make room"), scratch(Database(sqlite_url)):
        pass


@pytest.mark.postgres
def test_an_account_that_may_make_no_database_is_told_what_to_ask_for(postgres_url: str) -> None:
    with Database(postgres_url).session() as connection:
        connection.execute("CREATE ROLE poor LOGIN")
    try:
        poor = Database(as_account(postgres_url, "poor"))
        with pytest.raises(WarehouseError, match="CREATEDB"), scratch(poor):
            pass
    finally:
        with Database(postgres_url).session() as connection:
            connection.execute("DROP ROLE poor")


def as_account(url: str, name: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{name}@{rest.rpartition('@')[2]}"
