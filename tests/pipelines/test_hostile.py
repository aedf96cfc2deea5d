"""A source that breaks every assumption: nothing is lost, counts add up, endless reading ends, neighbors go on."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.land.endless import REPEATS_ALLOWED
from pipelines.stage.rules import SourceRules, StageSettings
from tests.connectors.conformance.hostile import (
    BREAKS,
    KEPT,
    MALFORMED,
    NEVER_ENDS,
    PAGES,
    READ,
    Hostile,
)
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database

STAGING = StageSettings({name: SourceRules("sheets") for name in ("hostile", "calm")}, default_region="DE")
PUBLISHING = PublishSettings(partner_rules=(PartnerRule("hostile"),))
IDLE = 30


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("pipelines.land.endless.IDLE_ALLOWED", IDLE)
    return Engine(Database(database_url), STAGING, PUBLISHING)


@pytest.fixture
def landed(engine: Engine) -> dict[tuple[str, str], Any]:
    calm = ScriptedConnector(source="calm").plays(THINGS, pages(page(record("1", name="Calm GmbH"))))
    return {(each.source, each.stream): each for each in engine.land([Hostile(source="hostile"), calm])}


def names_held(engine: Engine, stream: str) -> dict[str, str]:
    """Id → name in the current version that can be read."""
    rows = engine.query(
        "SELECT c.source_id, r.payload FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id"
        " WHERE c.stream = ? AND r.payload IS NOT NULL AND c.quarantine IS NULL",
        [stream],
    )
    return {source_id: json.loads(payload)["name"] for source_id, payload in rows}


def test_every_stream_that_ends_is_complete_and_its_counts_add_up(landed: dict[tuple[str, str], Any]) -> None:
    for stream in PAGES:
        result = landed["hostile", stream]
        assert (result.state, result.read) == ("complete", READ[stream]), stream
        assert result.read == result.landed + result.unchanged + result.superseded, stream


@pytest.mark.fault("F54", "F55")
def test_newest_version_of_every_record_is_current(engine: Engine, landed: Any) -> None:
    for stream in PAGES.keys() - {"deaths"}:
        assert names_held(engine, stream) == KEPT[stream], stream


def test_every_version_that_arrived_is_in_raw_once(engine: Engine, landed: Any) -> None:
    for stream, given in PAGES.items():
        arrived = {
            (each.source_id or None, each.op if each.payload is None else repr(each.payload))
            for one in given
            for each in one
        }
        ((held,),) = engine.query(
            "SELECT count(*) FROM (SELECT DISTINCT source_id, op, content_hash FROM raw_record WHERE stream = ?) AS v",
            [stream],
        )
        ((rows,),) = engine.query("SELECT count(*) FROM raw_record WHERE stream = ?", [stream])
        assert held == rows == len(arrived), stream


def test_items_that_are_no_records_are_quarantined_under_their_reason(engine: Engine, landed: Any) -> None:
    rows = engine.query("SELECT source_id, quarantine FROM raw_current WHERE stream = 'no_ids'")
    codes = Counter(code for _, code in rows)
    assert codes == {"no_id": 1, "not_an_object": 1, None: 1}
    assert MALFORMED["no_ids"] == 3  # one of them came twice
    assert engine.query("SELECT count(*) FROM sync_error WHERE stream = 'no_ids' AND state = 'open'") == [
        (2,)
    ]


@pytest.mark.fault("F15")
def test_endless_reading_is_stopped_with_a_clear_error(engine: Engine, landed: Any) -> None:
    results = {stream: landed["hostile", stream] for stream in NEVER_ENDS}
    assert {stream: result.state for stream, result in results.items()} == dict.fromkeys(
        NEVER_ENDS, "skipped"
    )
    assert {result.error.code for result in results.values()} == {"endless_pages"}
    assert (results["same_cursor"].pages, results["empty_for_ever"].pages) == (REPEATS_ALLOWED + 1, IDLE)
    assert results["same_cursor"].landed == 1


def test_stream_that_breaks_keeps_its_good_page(engine: Engine, landed: Any) -> None:
    for stream in BREAKS:
        assert (landed["hostile", stream].state, landed["hostile", stream].landed) == ("failed", 1)


def test_other_source_is_unaffected(engine: Engine, landed: Any) -> None:
    assert landed["calm", "things"].state == "complete"
    assert engine.query("SELECT name FROM organization") == []
    engine.derive()
    assert engine.query("SELECT count(*) FROM organization WHERE name = 'Calm GmbH'") == [(1,)]


@pytest.mark.fault("F60", "F63")
def test_every_record_is_staged_or_quarantined_or_gone_and_published(engine: Engine, landed: Any) -> None:
    engine.derive()
    unexplained = engine.query(
        "SELECT c.stream, c.source_id FROM raw_current c LEFT JOIN staged_organization s ON s.source = c.source"
        " AND s.stream = c.stream AND s.source_id = c.source_id WHERE s.record IS NULL AND c.quarantine IS NULL"
        " AND c.op NOT IN ('delete', 'merge')"
    )
    assert unexplained == []
    assert engine.query("SELECT count(*) FROM raw_current WHERE quarantine = 'mapping_failed'") == [(0,)]
    assert engine.broken_rules() == {}
    names = {row[0] for row in engine.query("SELECT name FROM staged_organization WHERE stream = 'text'")}
    assert {"nul inside", "lone \ufffd surrogate", "'); drop table raw_record; --"} <= names


def test_reading_the_hostile_source_again_writes_no_version(engine: Engine, landed: Any) -> None:
    again = engine.land([Hostile(source="hostile")])
    # In these two a record says one thing and then another, without an older stamp: both are seen again.
    flickering = {"deaths", "disorder"}
    assert {each.stream for each in again if each.landed} == flickering
