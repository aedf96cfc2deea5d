"""Records that are set aside: listed with the partners that lack them, tried again, left so by a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.record import Page, SourceRecord, Stream
from pipelines.stage import transform
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import ScriptedConnector, pages
from warehouse.commands.set_aside import decide_problems, let_stage
from warehouse.database import Database
from warehouse.errors import NotFound
from warehouse.queries.affected import affected_partners
from warehouse.queries.problems import list_problems
from warehouse.queries.quarantine import Chosen, payload_of, quarantined

if TYPE_CHECKING:
    from warehouse.database import Connection

COMPANIES = Stream("companies", "incremental")
NOW = "2026-10-02T09:00:00.000000Z"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return Engine(Database(database_url), StageSettings({"crm": SourceRules("hubspot")}))


def source(*names: str, malformed: str | None = None) -> ScriptedConnector:
    """Companies with these names, numbered from 1."""
    records = [
        SourceRecord(
            str(n), {"id": str(n), "archived": False, "properties": {"name": name}}, malformed=malformed
        )
        for n, name in enumerate(names, 1)
    ]
    return ScriptedConnector(source="crm").plays(COMPANIES, pages(Page("companies", records)))


@pytest.fixture
def failing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two companies were read; of the second the mapping failed when it changed."""
    engine.sync([source("Kestrel", "Alder")])
    real = transform.staged_output

    def fail(connection: Connection, place: Any, waiting: Any, result: Any) -> Any:
        if waiting.source_id == "2":
            raise KeyError("mapping bug")
        return real(connection, place, waiting, result)

    with monkeypatch.context() as patched:
        patched.setattr(transform, "staged_output", fail)
        engine.sync([source("Kestrel", "Alder Group")])
    return engine


def listed(engine: Engine, **chosen: Any) -> list[dict[str, Any]]:
    with engine.database.session() as connection:
        return quarantined(connection, Chosen(**chosen))


def again(engine: Engine, **chosen: Any) -> int:
    rows = listed(engine, **chosen)
    with engine.database.session() as connection, connection.transaction():
        return let_stage(connection, rows)


def names(engine: Engine) -> list[str]:
    return [row[0] for row in engine.query("SELECT name FROM organization ORDER BY name")]


def test_a_record_set_aside_is_listed_with_its_reason_and_what_arrived(failing: Engine) -> None:
    (row,) = listed(failing)
    assert (row["record"], row["rule"], row["arrived"]) == ("crm/companies/2", "mapping_failed", False)
    with failing.database.session() as connection:
        assert b"Alder Group" in (payload_of(connection, row["raw_id"]) or b"")


def test_the_partner_that_lacks_it_is_named_and_stands_with_what_it_said_before(failing: Engine) -> None:
    with failing.database.session() as connection:
        found = affected_partners(connection, ["crm/companies/2"])
    assert [each["name"] for each in found["crm/companies/2"]] == ["Alder"]
    assert names(failing) == ["Alder", "Kestrel"]


@pytest.mark.fault("F58")
def test_a_replayed_record_that_passes_is_published_and_its_problem_resolved(failing: Engine) -> None:
    assert again(failing) == 1
    failing.derive()
    assert names(failing) == ["Alder Group", "Kestrel"]
    assert failing.query("SELECT state FROM sync_error") == [("resolved",)]


@pytest.mark.fault("F58")
def test_a_second_replay_changes_nothing(failing: Engine) -> None:
    again(failing)
    failing.derive()
    before = failing.rows("staged_organization")
    assert again(failing) == 0
    staged, _, published = failing.derive()
    assert (staged.records, published.organizations) == (0, 0)
    assert failing.rows("staged_organization") == before


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"source": "crm", "stream": "companies", "record_id": "2"}, 1),
        ({"rule": "mapping_failed"}, 1),
        ({"rule": "missing_name"}, 0),
        ({"since": "2000-01-01"}, 1),
        ({"until": "2000-01-01"}, 0),
        ({"records": frozenset({"crm/companies/1"})}, 0),
    ],
)
def test_replay_takes_what_was_chosen(failing: Engine, chosen: dict[str, Any], found: int) -> None:
    assert again(failing, **chosen) == found


def test_a_record_that_arrived_unreadable_is_left_to_its_source(engine: Engine) -> None:
    engine.sync([source("Kestrel", malformed="no_id")])
    assert [row["arrived"] for row in listed(engine)] == [True]
    assert again(engine) == 0


def test_what_a_person_discards_is_told_no_more_and_stays_discarded_when_seen_again(engine: Engine) -> None:
    engine.sync([source("Kestrel", malformed="no_id")])
    (row,) = listed(engine)
    with engine.database.session() as connection:
        decide_problems(
            connection, [row["fingerprint"]], "discarded", actor="ana", now=NOW, reason="test data"
        )
        assert list_problems(connection) == []
    engine.sync([source("Kestrel Ltd", malformed="no_id")])
    (again_seen,) = listed(engine)
    assert (again_seen["state"], again_seen["decided_by"], again_seen["reason"]) == (
        "discarded",
        "ana",
        "test data",
    )


def test_an_acknowledged_problem_resolves_by_itself_when_the_record_passes(failing: Engine) -> None:
    (row,) = listed(failing)
    with failing.database.session() as connection:
        decide_problems(connection, [row["fingerprint"]], "acknowledged", actor="ana", now=NOW, reason=None)
    failing.sync([source("Kestrel", "Alder Holding")])
    assert failing.query("SELECT state FROM sync_error") == [("resolved",)]


def test_marking_an_unknown_problem_marks_none(failing: Engine) -> None:
    (row,) = listed(failing)
    marks = [row["fingerprint"], "nobody"]
    with failing.database.session() as connection, pytest.raises(NotFound, match="nobody"):
        decide_problems(connection, marks, "discarded", actor="ana", now=NOW, reason=None)
    assert failing.query("SELECT state FROM sync_error") == [("open",)]
