"""Too much at once: additions are taken in, what went or changed waits for a person, nothing is ever emptied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectors.record import Op, Page, SourceRecord, Stream
from pipelines.stage.mass_change import ChangeGuard
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse.commands.approve import approve
from warehouse.database import Database
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPANIES = Stream("companies", "full", deletes="absence")
CALLS = Stream("calls", "full", deletes="absence")
NOW = "2026-10-02T09:00:00.000000Z"
MANY = 60


@pytest.fixture
def engine(database_url: str) -> Engine:
    return Engine(Database(database_url), StageSettings({"crm": SourceRules("hubspot")}))


def company(number: int, name: str = "", op: Op = Op.UPSERT) -> SourceRecord:
    body = {"id": str(number), "archived": False, "properties": {"name": name or f"Kestrel {number}"}}
    return SourceRecord(str(number), body if op is Op.UPSERT else None, None, op)


def source(records: Iterable[SourceRecord], stream: Stream = COMPANIES) -> ScriptedConnector:
    listed = Page(stream.name, list(records), reading="full", last=True)
    return ScriptedConnector(source="crm").plays(stream, pages(listed))


def names(engine: Engine) -> list[Any]:
    return [row[0] for row in engine.query("SELECT name FROM staged_organization WHERE deleted_at IS NULL")]


def state(engine: Engine) -> str:
    (found,) = engine.query("SELECT state FROM stream_run WHERE run_id = ?", [engine.run_id])
    return str(found[0])


def let_through(engine: Engine, which: str = "crm") -> None:
    with engine.database.session() as connection:
        approve(connection, which, actor="ana", now=NOW, reason="cleared out")


@pytest.mark.fault("F50")
def test_most_records_gone_at_once_wait_for_a_person_while_new_ones_are_taken_in(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.sync([source([company(1), company(500)])])
    assert len(names(engine)) == 101
    assert state(engine) == "needs_person"
    (told,) = engine.query("SELECT code, to_do FROM sync_error WHERE state = 'open'")
    assert told[0] == "mass_change"
    assert f"partnerhub approve {engine.run_id}" in told[1]


def test_what_waits_for_a_person_fails_no_check_when_another_source_is_synced(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.sync([source([company(1), company(500)])])
    other = ScriptedConnector(source="files").plays(
        CALLS, pages(Page("calls", [], reading="full", last=True))
    )
    engine.sync([other])
    assert "everything_staged" not in engine.broken_rules()


def test_what_a_person_approves_is_taken_over_by_the_next_sync(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.sync([source([company(1)])])
    let_through(engine, engine.run_id)
    engine.sync([source([company(1)])])
    assert (names(engine), state(engine)) == (["Kestrel 1"], "complete")


def test_an_approval_covers_what_was_seen_and_no_later_flood(engine: Engine) -> None:
    engine.sync([source(map(company, range(200)))])
    engine.sync([source(map(company, range(120)))])
    let_through(engine)
    engine.sync([source([company(1)])])
    assert len(names(engine)) == 120
    assert state(engine) == "needs_person"


@pytest.mark.fault("F50")
def test_an_empty_listing_empties_nothing_however_small_the_stream(engine: Engine) -> None:
    engine.sync([source(map(company, range(3)))])
    engine.sync([source([])])
    assert (len(names(engine)), state(engine)) == (3, "needs_person")


def test_a_source_that_comes_to_its_senses_releases_the_rest_by_itself(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.sync([source([])])
    engine.sync([source(map(company, range(99)))])
    assert (len(names(engine)), state(engine)) == (99, "complete")
    assert engine.query("SELECT count(*) FROM sync_error WHERE state = 'open'") == [(0,)]


def test_most_records_overwritten_at_once_wait_too(engine: Engine) -> None:
    engine.sync([source(map(company, range(MANY)))])
    engine.sync([source(company(n, "Test Company") for n in range(MANY))])
    assert "Test Company" not in names(engine)
    assert state(engine) == "needs_person"


def test_deletions_that_the_source_reports_are_guarded_like_absence(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    gone = Page("companies", [company(n, op=Op.DELETE) for n in range(MANY)])
    engine.sync([ScriptedConnector(source="crm").plays(replace(COMPANIES, deletes="event"), pages(gone))])
    assert (len(names(engine)), state(engine)) == (100, "needs_person")


def test_few_changes_pass_as_ever(engine: Engine) -> None:
    engine.sync([source(map(company, range(MANY)))])
    engine.sync([source(company(n, "Renamed") if n < 30 else company(n) for n in range(1, MANY))])
    assert (names(engine).count("Renamed"), state(engine)) == (29, "complete")


def test_changed_rules_restage_everything_without_asking(engine: Engine) -> None:
    engine.sync([source(map(company, range(MANY)))])
    engine.staging = replace(engine.staging, default_region="DE")
    assert engine.sync([source(map(company, range(MANY)))]).staged.records == MANY
    assert state(engine) == "complete"


def test_changed_rules_do_not_let_a_waiting_change_slip_through(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.sync([source([])])
    engine.staging = replace(engine.staging, default_region="DE")
    engine.derive()
    assert len(names(engine)) == 100


def test_a_run_told_to_let_everything_through_does_and_says_who(engine: Engine) -> None:
    engine.sync([source(map(company, range(100)))])
    engine.staging = replace(engine.staging, guard=ChangeGuard(approver="ana"))
    engine.sync([source([])])
    assert names(engine) == []
    assert engine.query("SELECT approved_by, reason FROM mass_change") == [("ana", "confirmed beforehand")]


def test_approving_what_does_not_wait_says_what_does(engine: Engine) -> None:
    engine.sync([source(map(company, range(3)))])
    engine.sync([source([])])
    with pytest.raises(NotFound, match="`partnerhub approve crm`"):
        let_through(engine, "mailbox")
