"""The pass that watches as Dagster runs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from partnerhub.config.alerts import Alerts
from pipelines.defs.build import SYNC_ALL, WATCH, build_definitions
from tests.alerting.hub import WatchedHub, text


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path) -> WatchedHub:
    return WatchedHub(sqlite_url, Alerts(), tmp_path, schedule="*/15 * * * *")


def checks(hub: WatchedHub) -> dict[str, bool]:
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_definitions(hub.config).resolve_job_def(WATCH)
        done = job.execute_in_process(instance=instance)
    return {each.check_name: each.passed for each in done.get_asset_check_evaluations()}


def test_pass_is_scheduled_every_ten_minutes_where_anything_is(hub: WatchedHub) -> None:
    schedules = {each.name: each.cron_schedule for each in build_definitions(hub.config).schedules or []}
    assert schedules["health_watch"] == "*/10 * * * *"
    by_hand = {name: replace(one, schedule=None) for name, one in hub.config.sources.items()}
    assert not build_definitions(replace(hub.config, sources=by_hand)).schedules


def test_stream_that_waits_for_a_person_fails_its_check(hub: WatchedHub) -> None:
    hub.refused(0, read=100, quarantined=1)
    found = checks(hub)
    assert found == {"fresh": True, "error_rate": True, "nobody_must_act": False, "alerts_arrive": True}


def test_many_records_set_aside_fail_the_check_of_the_error_rate(hub: WatchedHub) -> None:
    minute = int((datetime.now(UTC) - datetime(2026, 10, 1, 9, tzinfo=UTC)).total_seconds() // 60)
    hub.ran(minute, read=100, quarantined=6)
    assert not checks(hub)["error_rate"]
    assert hub.query("SELECT count(*) FROM heartbeat WHERE name = 'health'") == [(1,)]
    assert text(minute) <= hub.query("SELECT beat_at FROM heartbeat WHERE name = 'health'")[0][0]


def test_no_sync_runs_the_pass(hub: WatchedHub) -> None:
    keys = build_definitions(hub.config).resolve_job_def(SYNC_ALL).asset_layer.selected_asset_keys
    assert dg.AssetKey(["health"]) not in keys
