"""Keys of a record that is staged again: those it still has stand untouched, the others are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.record import Page, SourceRecord, Stream
from pipelines.land.session import LandSession, LandSettings
from pipelines.stage.engine import stage_pending
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse import bulk
from warehouse.database import Database

if TYPE_CHECKING:
    import pytest

COMPANIES = Stream("companies", "incremental")


def sync(url: str, domain: str, phone: str) -> None:
    """Land and stage one company."""
    body = {"id": "7", "archived": False, "properties": {"name": "Kestrel", "domain": domain, "phone": phone}}
    page = Page("companies", [SourceRecord("7", body)], None)
    connector = ScriptedConnector(source="crm").plays(COMPANIES, pages(page))
    with LandSession(Database(url), [connector], LandSettings(run_id=phone)) as session:
        session.wait("crm")
    settings = StageSettings({"crm": SourceRules("hubspot")})
    stage_pending(Database(url), settings, phone, "2026-10-02T09:00:00.000000Z")


def keys(url: str) -> set[str]:
    with Database(url).session() as connection:
        return {row[0] for row in connection.query("SELECT normalized FROM key")}


def test_a_key_that_changed_takes_the_place_of_the_old_one(database_url: str) -> None:
    sync(database_url, "kestrel.example.com", "+49 30 9018200")
    sync(database_url, "merlin.example.com", "+49 30 9018200")
    found = keys(database_url)
    assert "merlin.example.com" in found
    assert "kestrel.example.com" not in found


def test_keys_that_stay_are_not_written(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(database_url, "kestrel.example.com", "+49 30 9018200")
    before, written = keys(database_url), list[str]()
    insert = bulk.insert

    def noted(connection: object, name: str, columns: object, rows: list[tuple[str, ...]]) -> None:
        written.extend(row[3] for row in rows if name == "key")
        insert(connection, name, columns, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "insert", noted)
    sync(database_url, "kestrel.example.com", "+49 30 9018201")
    assert keys(database_url) - before == set(written)
    assert "kestrel.example.com" not in written
