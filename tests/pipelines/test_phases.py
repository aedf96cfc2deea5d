"""The phases of a run: written down as it passes them, with numbers that add up, and without standing in its way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pipelines import phases
from pipelines.land.runs import finish_run, start_run
from pipelines.phases import LAND, begin, end, end_landing, recorded
from pipelines.resolve.proposal import ProposeCounts
from pipelines.signals.evaluate import SignalCounts
from pipelines.stage.engine import StageCounts
from warehouse.commands.phases import Counted
from warehouse.database import Database
from warehouse.queries.phases import phases_of

NOW = "2026-10-01T09:00:00.000000Z"


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(database_url)


def config_of(database: Database) -> Any:
    return SimpleNamespace(warehouse_url=database.url)


def seen(database: Database, run_id: str = "r1", state: str = "running") -> dict[str, dict[str, Any]]:
    run = {"run_id": run_id, "state": state, "finished_at": None if state == "running" else NOW}
    with database.session() as connection:
        return {row["phase"]: row for row in phases_of(connection, run, NOW)}


def test_a_step_leaves_when_it_was_at_work_and_what_it_did(database: Database) -> None:
    @recorded("stage", "records", phases.of_stage)
    def stage(config: Any, run_id: str) -> StageCounts:
        assert seen(database, run_id)["stage"]["state"] == "running"
        return StageCounts(records=7, quarantined=2, rows={"organization": 9})

    stage(config_of(database), "r1")
    row = seen(database)["stage"]
    assert (row["state"], row["adds_up"], row["finished_at"] is None) == ("complete", True, False)
    assert (row["entered"], row["changed"], row["unchanged"], row["rejected"]) == (7, 5, 0, 2)
    assert row["counts"] == {"rows written": 9, "findings": 0}


def test_a_step_that_fails_says_so_and_raises_what_it_raised(database: Database) -> None:
    @recorded("publish", "records", phases.of_publish)
    def publish(config: Any, run_id: str) -> Any:
        raise KeyError("a name")

    with pytest.raises(KeyError):
        publish(config_of(database), "r1")
    assert seen(database)["publish"]["state"] == "failed"


def test_a_phase_that_cannot_be_written_down_keeps_no_step_from_its_work(tmp_path: Any) -> None:
    @recorded("signals", "signals", phases.of_signals)
    def signals(config: Any, run_id: str) -> SignalCounts:
        return SignalCounts(open=3)

    nowhere: Any = SimpleNamespace(warehouse_url=f"sqlite:///{tmp_path}/no-folder/warehouse.db")
    assert signals(nowhere, "r1").open == 3


def test_of_what_landed_the_malformed_are_rejected_and_the_rest_adds_up(database: Database) -> None:
    with database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO stream_run (run_id, source, stream, state, started_at, read, landed, unchanged, superseded,"
            " quarantined, pages, removed) VALUES ('r1', 'crm', 'deals', 'complete', ?, 10, 4, 5, 1, 1, 1, 2)",
            (NOW,),
        )
    begin(database, "r1", LAND)
    end_landing(database, "r1")
    row = seen(database)["land"]
    assert (row["entered"], row["changed"], row["unchanged"], row["rejected"]) == (10, 3, 6, 1)
    assert (row["adds_up"], row["counts"]["gone"]) == (True, 2)


def test_a_phase_at_work_when_its_run_ended_was_cut_off(database: Database) -> None:
    with database.session() as connection:
        start_run(connection, "r1", "cli", NOW)
        begin(database, "r1", "resolve", "pairs")
        finish_run(connection, "r1", "abandoned", NOW)
    assert seen(database, state="abandoned")["resolve"]["state"] == "cut_off"


def test_a_phase_begun_again_after_a_crash_keeps_the_time_it_first_began(database: Database) -> None:
    begin(database, "r1", "stage")
    first = seen(database)["stage"]["started_at"]
    end(database, "r1", "stage", None)
    begin(database, "r1", "stage")
    assert (seen(database)["stage"]["started_at"], seen(database)["stage"]["state"]) == (first, "running")


@pytest.mark.parametrize(
    ("counted", "numbers"),
    [
        (phases.of_resolve(ProposeCounts(2, 9, 1, 1, written=3, pairs=5)), (5, 3, 2, 0)),
        (phases.of_signals(SignalCounts(9, opened=1, changed=2, closed=3, open=7, failed=1)), (11, 6, 4, 1)),
        (Counted(4, 1, 1), (4, 1, 2, 1)),
    ],
)
def test_what_came_in_is_what_changed_what_did_not_and_what_was_rejected(
    counted: Counted, numbers: Any
) -> None:
    assert (counted.entered, counted.changed, counted.left, counted.rejected) == numbers
    assert counted.entered == counted.changed + counted.left + counted.rejected
