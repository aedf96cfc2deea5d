"""F85: the machine was off for three days; each schedule runs once, one sync catches up, and the gap is told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from dagster import DagsterInstance
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import (
    InProcessTestWorkspaceLoadTarget,
    create_test_daemon_workspace_context,
    freeze_time,
    instance_for_test,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._scheduler.scheduler import launch_scheduled_runs

from connectors.record import utc_text
from partnerhub.config.alerts import Alerts
from partnerhub.config.intervals import due_of
from tests.alerting.hub import WatchedHub
from tests.conftest import REPOSITORY
from tests.faults.meddling import meddle
from tests.faults.vendors import NOW
from tests.oracles import wrong_with
from warehouse.database import Database
from warehouse.queries.watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster._core.workspace.context import WorkspaceProcessContext

CONFIG = """
warehouse: sqlite:///warehouse.db
sources:
  partners: {connector: sheets, path: partners.csv, schedule: "*/15 * * * *"}
  others: {connector: sheets, path: partners.csv, schedule: "7 * * * *"}
"""
MOCKED = {"run_launcher": {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"}}
SCHEDULED = {"sync_partners", "sync_others", "reconcile", "watch_health", "measure_marts"}
NINE = datetime(2026, 10, 1, 9, 1, tzinfo=UTC)
DAYS = timedelta(days=3)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    (tmp_path / "partnerhub.yaml").write_text(CONFIG)
    (tmp_path / "partners.csv").write_text("Company\nKestrel\n")
    monkeypatch.chdir(tmp_path)
    with instance_for_test(overrides=MOCKED) as found:
        yield found


@pytest.fixture
def scheduler(instance: DagsterInstance) -> Iterator[WorkspaceProcessContext]:
    """Dagster's scheduler over the hub's own definitions; what it launches is noted, not run."""
    origin = LoadableTargetOrigin(
        module_name="pipelines.definitions", attribute="defs", working_directory=str(REPOSITORY)
    )
    target = InProcessTestWorkspaceLoadTarget(InProcessCodeLocationOrigin(origin))
    with create_test_daemon_workspace_context(target, instance) as context:
        yield context


def launched(scheduler: WorkspaceProcessContext, now: datetime) -> list[str]:
    """The jobs of one look of the scheduler at a moment."""
    before = {run.run_id for run in scheduler.instance.get_runs()}
    with freeze_time(now):
        list(launch_scheduled_runs(scheduler, logging.getLogger("scheduler"), now, iteration_times={}))
    return sorted(run.job_name for run in scheduler.instance.get_runs() if run.run_id not in before)


@pytest.mark.filterwarnings("ignore:Property `ScheduleDefinition.environment_vars`")  # Dagster reads its own
def test_f85_each_schedule_runs_once_for_all_that_it_missed(scheduler: WorkspaceProcessContext) -> None:
    assert launched(scheduler, NINE) == []
    assert launched(scheduler, NINE + timedelta(minutes=15)) == [
        "sync_others",
        "sync_partners",
        "watch_health",
    ]
    assert launched(scheduler, NINE + DAYS) == sorted(SCHEDULED)
    assert launched(scheduler, NINE + DAYS + timedelta(minutes=1)) == []


def test_f85_one_sync_brings_what_changed_while_the_machine_was_off(hub, vendor) -> None:
    with time_machine.travel(NOW, tick=True):
        hub.sync(vendor)
    for day in range(3):
        meddle(vendor, day)
        vendor.simulator.store.advance(timedelta(days=1))
    with time_machine.travel(NOW + DAYS, tick=True):
        assert hub.states(vendor) == ["complete"]
    with Database(hub.url).session() as connection:
        assert wrong_with(connection, vendor.truth) == []


def test_f85_the_gap_is_told_until_a_sync_has_come_through(database_url: str, tmp_path: Path) -> None:
    hub = WatchedHub(database_url, Alerts(), tmp_path, schedule="*/15 * * * *")
    hub.ran(0)
    hub.looked(1)
    three_days = 3 * 24 * 60
    report = hub.looked(three_days)
    (deals,) = report.streams
    assert (deals.word, deals.who) == ("Failed, action required", "person")
    assert "has not come through since 2026-10-01 09:00 UTC" in deals.happened
    assert ("crm", "not_run") in {(row["source"], row["code"]) for row in report.watch.incidents}
    hub.ran(three_days + 1)
    (deals,) = hub.looked(three_days + 2).streams
    assert deals.word == "Healthy"


def test_f85_who_asks_before_anybody_looked_is_told_that_nobody_did(sqlite_url: str, tmp_path: Path) -> None:
    hub = WatchedHub(sqlite_url, Alerts(), tmp_path, schedule="*/15 * * * *")
    hub.ran(0)
    hub.looked(1)
    with hub.database.session() as connection:
        after = NINE + DAYS
        seen = watch(connection, due_of(hub.config, after), utc_text(after))
    assert (seen.is_silent, seen.beat_at) == (True, "2026-10-01T09:01:00.000000Z")
