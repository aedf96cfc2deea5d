"""Old history of runs goes; whatever a record, a cursor or a person still needs stays."""

from __future__ import annotations

from pipelines.pruning import prune
from pipelines.stage.rules import SourceRules, StageSettings
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database

LATER = "2030-01-01T00:00:00.000000Z"


def synced(url: str, times: int) -> Engine:
    engine = Engine(Database(url), StageSettings({"crm": SourceRules("sheets")}))
    for _ in range(times):
        engine.sync([ScriptedConnector(source="crm").plays(THINGS, pages(page(record("1", name="Kestrel"))))])
    return engine


def test_runs_that_brought_nothing_go_but_the_last_and_the_one_that_brought_something(
    database_url: str,
) -> None:
    engine = synced(database_url, 4)
    gone = prune(engine.database, LATER)
    assert gone.streams == 2
    assert engine.query("SELECT run_id FROM stream_run ORDER BY run_id") == [("run-1",), ("run-4",)]


def test_a_dry_run_counts_and_deletes_nothing(database_url: str) -> None:
    engine = synced(database_url, 4)
    assert prune(engine.database, LATER, dry_run=True).streams == 2
    assert engine.query("SELECT count(*) FROM stream_run") == [(4,)]


def test_pruning_again_finds_nothing(database_url: str) -> None:
    engine = synced(database_url, 3)
    prune(engine.database, LATER)
    assert prune(engine.database, LATER) == (0, 0, 0, 0, 0)


def incident(engine: Engine, name: str, closed_at: str | None) -> None:
    with engine.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO incident VALUES (?, 'crm', 'signed_out', '[]', 'x', 'y', '2026-01-01T00:00:00.000000Z', ?)",
            (name, closed_at),
        )
        for about in ("opened", "closed"):
            connection.execute(
                "INSERT INTO incident_alert VALUES (?, 'email', ?, 1, '2026-01-01T00:00:00.000000Z', NULL, NULL)",
                (name, about),
            )


def test_incidents_closed_before_then_go_with_who_was_told_and_open_ones_never_do(database_url: str) -> None:
    engine = synced(database_url, 1)
    incident(engine, "over", "2026-03-31T23:00:00.000000Z")
    incident(engine, "over since", "2026-04-01T00:00:00.000000Z")
    incident(engine, "open", None)
    assert prune(engine.database, "2026-04-01T00:00:00.000000Z").incidents == 1
    left = [("open",), ("over since",)]
    assert engine.query("SELECT incident_id FROM incident ORDER BY 1") == left
    assert engine.query("SELECT DISTINCT incident_id FROM incident_alert ORDER BY 1") == left
