"""Promises of docs/develop/promises.md that no other test proves by itself."""

from __future__ import annotations

import threading
import time
from queue import Full
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.golden.partners import PartnerRule
from pipelines.golden.publish import carry_out
from pipelines.golden.settings import PublishSettings
from pipelines.land.arrivals import PLACES, Arrivals, Arrived
from pipelines.land.session import LandSession, LandSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.commands.decide import decide_pair
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.record import Page
    from pipelines.progress import ProgressEvent

PAGES = 60
COMPANY = {"name": "Kestrel Logistics GmbH", "website": "https://kestrel.example", "city": "Bonn"}


def engine_at(url: str) -> Engine:
    staging = StageSettings({name: SourceRules("sheets") for name in ("crm", "list")}, default_region="DE")
    return Engine(Database(url), staging, PublishSettings(partner_rules=(PartnerRule("list"),)))


def company(source: str, **changes: str) -> ScriptedConnector:
    return ScriptedConnector(source=source).plays(
        THINGS, pages(page(record("1", **{**COMPANY, **changes}), cursor={"after": 1}))
    )


@pytest.mark.fault("F70")
def test_cursor_never_stands_for_rows_that_were_not_stored(sqlite_url: str) -> None:
    with Database(sqlite_url).session() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON raw_record BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    engine = engine_at(sqlite_url)
    with pytest.raises(Exception, match="disk full"):
        engine.land([company("crm")])
    assert engine.query("SELECT * FROM cursor") == []


def test_every_golden_value_leads_to_its_record_its_raw_version_and_its_run(database_url: str) -> None:
    engine = engine_at(database_url)
    engine.sync([company("crm", phone="+49 228 1234567"), company("list", tier="Gold")])
    engine.sync([company("crm", phone="+49 228 7654321")])
    values = engine.query(
        "SELECT v.field, v.value, v.record, s.phone, s.tier, r.run_id FROM golden_value v"
        " JOIN staged_organization s ON s.record = v.record AND s.raw_id = v.raw_id"
        " JOIN raw_current c ON c.source = s.source AND c.stream = s.stream AND c.source_id = s.source_id"
        " JOIN raw_record r ON r.raw_id = v.raw_id AND r.raw_id = c.raw_id"
        " JOIN stream_run n ON n.run_id = r.run_id AND n.source = r.source AND n.stream = r.stream"
    )
    found = {field: (value, record, phone, tier, run) for field, value, record, phone, tier, run in values}
    assert engine.query("SELECT count(*) FROM golden_value") == [(len(values),)]
    assert found["phone"] == ("+492287654321", "crm/things/1", "+492287654321", None, "run-2")
    assert found["tier"] == ("Gold", "list/things/1", None, "Gold", "run-1")


@pytest.mark.fault("F86")
def test_pages_in_memory_stay_few_however_many_there_are(sqlite_url: str) -> None:
    handed, stored, most = 0, 0, 0
    lock = threading.Lock()

    def script(_cursor: Any, _full: bool) -> Iterator[Page]:
        nonlocal handed, most
        for number in range(PAGES):
            with lock:
                handed += 1
                most = max(most, handed - stored)
            yield page(record(str(number)), cursor={"page": number})

    def slow_writer(event: ProgressEvent) -> None:
        nonlocal stored
        with lock:
            stored = event.pages
        time.sleep(0.002)

    connector = ScriptedConnector(source="crm").plays(THINGS, script)
    with LandSession(Database(sqlite_url), [connector], LandSettings(run_id="run-1"), slow_writer) as session:
        (result,) = session.wait("crm")
    assert result.pages == PAGES
    assert most <= PLACES + 3  # one at each end of the queue, one being counted


def test_large_pages_in_memory_are_fewer_than_small_ones() -> None:
    arrivals, large = Arrivals(), [record(str(number)) for number in range(2_000)]
    arrivals.put_nowait(Arrived("crm", page(*large)))
    with pytest.raises(Full):
        arrivals.put_nowait(Arrived("crm", page(*large)))
    assert arrivals.get_nowait().page.records == large
    arrivals.put_nowait(Arrived("crm", page(*large)))


def test_late_old_version_changes_no_published_value(database_url: str) -> None:
    engine = engine_at(database_url)
    new, old = ("2026-09-02T00:00:00.000000Z", "2026-09-01T00:00:00.000000Z")
    for version, name in ((new, "Kestrel GmbH"), (old, "Kestrel Old GmbH")):
        connector = ScriptedConnector(source="crm").plays(
            THINGS, pages(page(record("1", version, name=name)))
        )
        engine.sync([connector])
    assert engine.query("SELECT name FROM organization") == [("Kestrel GmbH",)]
    assert engine.query("SELECT count(*) FROM raw_record") == [(2,)]


@pytest.mark.fault("F58")
def test_poisoned_record_is_set_aside_with_its_reason_and_its_neighbors_are_published(
    database_url: str,
) -> None:
    engine = engine_at(database_url)
    poisoned = record("2", city="Bonn")
    connector = ScriptedConnector(source="crm").plays(
        THINGS, pages(page(record("1", **COMPANY), poisoned, record("3", name="Merlin AG")))
    )
    engine.sync([connector])
    assert engine.query("SELECT source_id, quarantine FROM raw_current WHERE quarantine IS NOT NULL") == [
        ("2", "missing_name")
    ]
    assert engine.query("SELECT count(*) FROM organization") == [(2,)]


def test_person_s_verdict_outranks_every_score_even_through_a_third_record(database_url: str) -> None:
    engine = engine_at(database_url)
    copies = pages(page(record("1", **COMPANY), record("2", **COMPANY)))
    crm = ScriptedConnector(source="crm").plays(THINGS, copies)
    engine.sync([crm, company("list")])
    assert engine.query("SELECT count(*) FROM organization") == [(1,)]
    engine.runs += 1
    carry_out(
        engine.database,
        engine.publishing,
        engine.run_id,
        engine.now,
        lambda c: decide_pair(c, "crm/things/1", "list/things/1", "different", actor="ann", now=engine.now),
    )
    assert engine.query("SELECT count(*) FROM organization") == [(2,)]
    engine.sync([company("list", tier="Gold")])
    assert engine.query("SELECT count(*) FROM organization") == [(2,)]
