"""Keys of a record that is staged again: those it still has stand untouched, the others are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.record import Page, SourceRecord, Stream
from pipelines.land.session import LandSession, LandSettings
from pipelines.resolve import propose
from pipelines.stage.engine import stage_pending
from pipelines.stage.rules import SourceRules, StageSettings
from pipelines.stage.write import KEY_COLUMNS
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse import bulk
from warehouse.database import Database

if TYPE_CHECKING:
    import pytest

COMPANIES = Stream("companies", "incremental")
SETTINGS = StageSettings({"crm": SourceRules("hubspot")})


def sync(url: str, domain: str, phone: str) -> None:
    """Land and stage one company."""
    body = {"id": "7", "archived": False, "properties": {"name": "Kestrel", "domain": domain, "phone": phone}}
    page = Page("companies", [SourceRecord("7", body)], None)
    connector = ScriptedConnector(source="crm").plays(COMPANIES, pages(page))
    with LandSession(Database(url), [connector], LandSettings(run_id=phone)) as session:
        session.wait("crm")
    stage_pending(Database(url), SETTINGS, phone, "2026-10-02T09:00:00.000000Z")


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


def block(url: str, value: str) -> None:
    """Write a blocking value of the company, as proposing does."""
    with Database(url).session() as connection, connection.transaction():
        row = ("crm/companies/7", "block", "", value, value, "organization", "crm")
        bulk.insert(connection, "key", KEY_COLUMNS, [row])


def test_blocking_values_stand_until_proposing_looks_at_them_anew(database_url: str) -> None:
    sync(database_url, "kestrel.example.com", "+49 30 9018200")
    block(database_url, "phone:+49309018200")
    sync(database_url, "kestrel.example.com", "+49 30 9018201")
    assert "phone:+49309018200" in keys(database_url)
    propose(Database(database_url), "run", "2026-10-02T09:00:00.000000Z")
    assert "phone:+49309018200" not in keys(database_url)
    assert "phone:+49309018201" in keys(database_url)


def test_blocking_values_go_with_a_record_of_which_nothing_is_left_to_say(database_url: str) -> None:
    sync(database_url, "kestrel.example.com", "+49 30 9018200")
    block(database_url, "name:kestrel")
    with Database(database_url).session() as connection, connection.transaction():
        connection.execute("UPDATE raw_record SET payload = NULL")
        connection.execute("UPDATE raw_current SET staged_raw_id = -1")
    stage_pending(Database(database_url), SETTINGS, "run", "2026-10-02T10:00:00.000000Z")
    assert not keys(database_url)
