"""The list of runs counts in numbers on either database."""

from __future__ import annotations

from pipelines.land.runs import finish_run, start_run
from pipelines.land.session import LandSession, LandSettings
from pipelines.land.writer import moment
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from warehouse.database import Database
from warehouse.queries.runs import list_runs


def test_what_runs_read_is_counted_in_numbers(database_url: str) -> None:
    source = ScriptedConnector(source="crm").plays(THINGS, pages(page(record("1", name="Kestrel"))))
    with Database(database_url).session() as connection:
        start_run(connection, "run-1", "cli", moment())
    with LandSession(Database(database_url), [source], LandSettings(run_id="run-1")) as session:
        session.wait("crm")
    with Database(database_url).session() as connection:
        finish_run(connection, "run-1", "complete", moment())
        (run,) = list_runs(connection)
    counts = [run[name] for name in ("streams", "read", "landed", "quarantined", "not_complete")]
    assert counts == [1, 1, 1, 0, 0]
