"""Staging: only what changed, output and progress together, a record that cannot be read never stops its neighbors."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.record import Op, Page, SourceRecord, Stream
from pipelines.land.session import LandSession, LandSettings
from pipelines.stage.engine import StageCounts, stage_pending
from pipelines.stage.rules import SourceRules, StageSettings
from pipelines.stage.waiting import streams_landed
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse.database import Database

COMPANIES = Stream("companies", "incremental")
SETTINGS = StageSettings({"crm": SourceRules("hubspot")}, default_region="DE")
NOW = "2026-10-01T09:00:00.000000Z"


def company(source_id: str, op: Op = Op.UPSERT, winner: str | None = None, **properties: Any) -> SourceRecord:
    payload = {"id": source_id, "archived": False, "properties": properties} if properties else None
    return SourceRecord(source_id, payload, "2026-09-30T00:00:00.000000Z", op, winner)


def land(url: str, *records: SourceRecord, run_id: str = "run-1") -> None:
    connector = ScriptedConnector(source="crm").plays(COMPANIES, pages(Page("companies", list(records))))
    with LandSession(Database(url), [connector], LandSettings(run_id=run_id)) as session:
        session.wait("crm")


def stage(url: str, settings: StageSettings = SETTINGS) -> StageCounts:
    return stage_pending(Database(url), settings, "run-1", NOW)


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with Database(url).session() as connection:
        return connection.query(statement)


def publish_everything(url: str) -> None:
    with Database(url).session() as connection, connection.transaction():
        connection.execute("DELETE FROM pending")


def test_landed_company_becomes_a_staged_organization_with_keys(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel GmbH", domain="kestrel.example", phone="030 123456"))
    assert stage(database_url).rows == {"organization": 1}
    rows = query(database_url, "SELECT record, name, domain, phone FROM staged_organization")
    assert rows == [("crm/companies/1", "Kestrel GmbH", "kestrel.example", "+4930123456")]
    kinds = {row[0] for row in query(database_url, "SELECT kind FROM key WHERE record = 'crm/companies/1'")}
    assert {"name", "domain", "phone"} <= kinds


def test_staging_again_touches_nothing(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"))
    stage(database_url)
    publish_everything(database_url)
    assert stage(database_url).records == 0
    assert query(database_url, "SELECT * FROM pending") == []


def test_every_stream_that_holds_records_is_found_once_and_in_order(database_url: str) -> None:
    for source in ("b", "a", "c"):
        connector = ScriptedConnector(source=source)
        for stream in ("two", "one"):
            connector.plays(Stream(stream, "incremental"), pages(Page(stream, [company("1"), company("2")])))
        with LandSession(Database(database_url), [connector], LandSettings(run_id="run-1")) as session:
            session.wait(source)
    with Database(database_url).session() as connection:
        found = streams_landed(connection)
    assert found == [(source, stream) for source in "abc" for stream in ("one", "two")]


def test_only_the_changed_record_is_staged_again(database_url: str) -> None:
    land(database_url, *(company(str(n), name=f"Company {n}") for n in range(30)))
    stage(database_url)
    publish_everything(database_url)
    land(database_url, company("7", name="Renamed"), run_id="run-2")
    assert stage(database_url).records == 1
    assert query(database_url, "SELECT record FROM pending") == [("crm/companies/7",)]
    assert query(database_url, "SELECT name FROM staged_organization WHERE source_id = '7'") == [("Renamed",)]


def test_record_without_its_required_field_is_quarantined_and_its_neighbor_staged(database_url: str) -> None:
    land(database_url, company("1", city="Bonn"), company("2", name="Kestrel"))
    counts = stage(database_url)
    assert (counts.records, counts.quarantined) == (2, 1)
    assert query(
        database_url, "SELECT source_id, quarantine FROM raw_current WHERE quarantine IS NOT NULL"
    ) == [("1", "missing_name")]
    assert query(database_url, "SELECT source_id, code, state FROM sync_error WHERE severity = 'error'") == [
        ("1", "missing_name", "open")
    ]


@pytest.mark.fault("F58")
def test_mended_record_leaves_quarantine_and_its_problem_closes(database_url: str) -> None:
    land(database_url, company("1", city="Bonn"))
    stage(database_url)
    land(database_url, company("1", name="Kestrel", city="Bonn"), run_id="run-2")
    stage(database_url)
    assert query(database_url, "SELECT quarantine FROM raw_current") == [(None,)]
    assert query(database_url, "SELECT state FROM sync_error WHERE severity = 'error'") == [("resolved",)]


@pytest.mark.fault("F58")
def test_record_that_turned_unreadable_keeps_its_last_staged_row(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"))
    stage(database_url)
    land(database_url, company("1", city="Bonn"), run_id="run-2")
    stage(database_url)
    assert query(database_url, "SELECT name FROM staged_organization") == [("Kestrel",)]


def test_deletion_without_a_body_keeps_the_row_and_says_when(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"))
    stage(database_url)
    land(database_url, company("1", Op.DELETE), run_id="run-2")
    stage(database_url)
    assert query(database_url, "SELECT name, deleted_at FROM staged_organization") == [
        ("Kestrel", "2026-09-30T00:00:00.000000Z")
    ]


def test_merge_at_the_source_states_the_relation_to_the_winner(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel"), company("2", name="Kestrel GmbH"))
    stage(database_url)
    land(database_url, company("1", Op.MERGE, "2"), run_id="run-2")
    stage(database_url)
    rows = query(
        database_url, "SELECT from_record, to_record FROM staged_relation WHERE kind = 'merged_into'"
    )
    assert rows == [("crm/companies/1", "crm/companies/2")]


def test_mapping_edit_stages_the_whole_stream_again(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel", grade="A"), company("2", name="Merlin", grade="B"))
    stage(database_url)
    edited = StageSettings(
        {"crm": SourceRules("hubspot", fields={"": {"tier": "grade"}})}, default_region="DE"
    )
    assert stage(database_url, edited).records == 2
    assert query(database_url, "SELECT tier FROM staged_organization ORDER BY record") == [("A",), ("B",)]
    assert stage(database_url, edited).records == 0


@pytest.mark.fault("F80")
def test_mapping_edit_interrupted_goes_on_where_it_stopped(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.stage.waiting.CHUNK", 2)
    land(sqlite_url, *(company(str(n), name=f"Company {n}", grade="A") for n in range(6)))
    stage(sqlite_url)
    edited = StageSettings(
        {"crm": SourceRules("hubspot", fields={"": {"tier": "grade"}})}, default_region="DE"
    )
    with Database(sqlite_url).session() as connection:
        connection.execute(
            "CREATE TRIGGER cut BEFORE UPDATE ON raw_current WHEN NEW.source_id = '3'"
            " BEGIN SELECT RAISE(ABORT, 'cut'); END"
        )
        with pytest.raises(Exception, match="cut"):
            stage(sqlite_url, edited)
        connection.execute("DROP TRIGGER cut")
    assert 0 < stage(sqlite_url, edited).records < 6
    assert query(sqlite_url, "SELECT count(*) FROM staged_organization WHERE tier = 'A'") == [(6,)]


def test_fields_without_a_staged_name_are_carried_along(database_url: str) -> None:
    land(database_url, company("1", name="Kestrel", favorite_color="teal"))
    stage(database_url)
    ((custom,),) = query(database_url, "SELECT custom_json FROM staged_organization")
    assert '"favorite_color":"teal"' in custom.replace(" ", "")
