"""What a sync of changes costs does not depend on how much stands there already, in steps of SQLite's machine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from connectors.record import Page, SourceRecord, Stream
from pipelines.golden import work
from pipelines.golden.search import make_all, publish_search
from pipelines.land.session import LandSession, LandSettings
from pipelines.stage.engine import stage_pending
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse import bulk, database
from warehouse.database import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

COMPANIES = Stream("companies", "incremental")
SETTINGS = StageSettings({"crm": SourceRules("hubspot")})
STEPS = 100
FEW, MANY, CHANGES = 500, 4_000, 60
"""More changes than the guard lets pass unseen."""


class Steps:
    """Counts the steps of every SQLite connection opened while it stands, by the hundred."""

    def __init__(self) -> None:
        self.hundreds = 0

    def opened(
        self, path: Path, seconds: float, connect: Any = database.connect_sqlite
    ) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, seconds)
        connection.set_progress_handler(self.count, STEPS)
        return connection

    def count(self) -> int:
        self.hundreds += 1
        return 0


def companies(numbers: Iterable[int], name: str) -> Iterator[SourceRecord]:
    for number in numbers:
        body = {"id": str(number), "archived": False, "properties": {"name": f"{name} {number}"}}
        yield SourceRecord(str(number), body)


def sync(url: str, numbers: Iterable[int], name: str) -> None:
    """Land and stage one page."""
    page = Page("companies", list(companies(numbers, name)), {"at": name})
    connector = ScriptedConnector(source="crm").plays(COMPANIES, pages(page))
    with LandSession(Database(url), [connector], LandSettings(run_id=name)) as session:
        session.wait("crm")
    stage_pending(Database(url), SETTINGS, name, "2026-10-02T09:00:00.000000Z")


def steps_of_changes(url: str, base: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Steps that landing and staging the changes takes over so many records."""
    sync(url, range(base), "Kestrel")
    counted = Steps()
    with monkeypatch.context() as patched:
        patched.setattr(database, "connect_sqlite", counted.opened)
        sync(url, range(0, CHANGES * 7, 7), "Merlin")
    return counted.hundreds


def test_changes_cost_the_same_over_eight_times_as_many_records(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (shutil.copyfile(migrated_sqlite, tmp_path / name) for name in ("small.db", "large.db"))
    over_few = steps_of_changes(f"sqlite:///{small}", FEW, monkeypatch)
    over_many = steps_of_changes(f"sqlite:///{large}", MANY, monkeypatch)
    assert over_few > CHANGES
    assert over_many < over_few * 1.25


def fill_published(url: str, base: int) -> None:
    """Organizations as they stand published, and what they are found by."""
    with Database(url).session() as connection, connection.transaction():
        rows = [(f"{number:08}", f"Kestrel {number}", "r") for number in range(base)]
        bulk.insert(connection, "organization", ("organization_id", "name", "rules"), rows)
        make_all(connection)


def steps_of_finding(url: str, base: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Steps that bringing the entries of touched organizations up to date takes, from the first one to the last."""
    fill_published(url, base)
    counted = Steps()
    with monkeypatch.context() as patched:
        patched.setattr(database, "connect_sqlite", counted.opened)
        with Database(url).session() as connection, connection.transaction():
            work.prepare(connection)
            apart = base // CHANGES
            work.add_keys(connection, "work_organization", [f"{n * apart:08}" for n in range(CHANGES)])
            publish_search(connection, everything=False)
    return counted.hundreds


def test_what_changes_are_found_by_costs_the_same_over_eight_times_as_many_organizations(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (shutil.copyfile(migrated_sqlite, tmp_path / name) for name in ("small.db", "large.db"))
    over_few = steps_of_finding(f"sqlite:///{small}", FEW, monkeypatch)
    over_many = steps_of_finding(f"sqlite:///{large}", MANY, monkeypatch)
    assert over_few > 0
    assert over_many < over_few * 1.25
