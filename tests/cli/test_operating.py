"""What an operator does from the command line: look at runs, steer cursors, pause a source, read records once more."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.sync import run_sync
from warehouse.database import Database
from warehouse.processes import Process, namespace, start_time
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
warehouse: sqlite:///warehouse.db
own_domains: [{own}]
sources:
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    tries: 2
    streams: [companies]
"""


@pytest.fixture
def vendor() -> Iterator[HubSpotSimulator]:
    with HubSpotSimulator(generate_world(5, 12, datetime(2026, 10, 1, tzinfo=UTC))) as simulator:
        yield simulator


@pytest.fixture
def synced(vendor: HubSpotSimulator, run: Any, tmp_path: Path) -> Any:
    """A folder with a hub that read HubSpot's companies once; runs a command in it."""
    text = CONFIG.format(own=vendor.world.own_domain, token=vendor.token, url=vendor.url)
    (tmp_path / "partnerhub.yaml").write_text(text)
    assert run_sync(load_config(tmp_path / "partnerhub.yaml")).state == "complete"
    return run


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    with Database(f"sqlite:///{folder}/warehouse.db").session() as connection:
        return connection.query(statement)


def test_runs_are_listed_shown_and_told_in_order(synced: Any) -> None:
    (listed,) = synced("runs", "ls", "--json").json["runs"]
    shown = synced("runs", "show", listed["run_id"][:6], "--json").json
    told = synced("runs", "logs", "last", "--json").json["happenings"]
    assert (listed["state"], shown["streams"][0]["stream"]) == ("complete", "companies")
    assert [row["what"] for row in told[:2]] == ["began", "complete"]
    assert told[0]["words"] == "from the beginning"


def test_a_run_nobody_knows_is_answered_with_the_command_that_lists_runs(synced: Any) -> None:
    said = synced("runs", "show", "nonsense")
    assert said.code in {1, 3}
    assert "partnerhub runs ls" in said.err


@pytest.mark.fault("F44")
def test_a_rewound_stream_is_read_again_and_lands_nothing_twice(
    synced: Any, vendor: HubSpotSimulator, tmp_path: Path
) -> None:
    done = synced("cursor", "rewind", "hubspot/companies", "--beginning", "--reason", "gap", "--json").json
    assert done["after"] is None
    (stream,) = run_sync(load_config(tmp_path / "partnerhub.yaml")).streams
    assert (stream.read > 0, stream.landed) == (True, 0)
    assert query(tmp_path, "SELECT act, target, reason FROM operator_act") == [
        ("cursor", "hubspot/companies", "gap")
    ]


def test_rewinding_to_a_former_run_takes_the_cursor_that_run_began_from(synced: Any, tmp_path: Path) -> None:
    ((before,),) = query(tmp_path, "SELECT state_json FROM cursor")
    second = run_sync(load_config(tmp_path / "partnerhub.yaml")).run_id
    synced("cursor", "set", "hubspot/companies", "null")
    done = synced("cursor", "rewind", "hubspot/companies", "--to", second[:8], "--json").json
    assert done["after"] == json.loads(before)


def test_a_cursor_that_is_no_json_object_is_refused(synced: Any, tmp_path: Path) -> None:
    assert synced("cursor", "set", "hubspot/companies", "[1]").code == 2
    assert query(tmp_path, "SELECT count(*) FROM operator_act") == [(0,)]


def test_a_paused_source_is_left_out_and_says_so(synced: Any, tmp_path: Path) -> None:
    synced("pause", "hubspot", "--until", "2h", "--reason", "migration", "--actor", "ana")
    said = synced("sync", "--json")
    assert (said.code, said.json["streams"]) == (0, [])
    assert said.json["paused"]["hubspot"]["reason"] == "migration"


def test_a_paused_source_that_is_named_is_refused_with_who_and_what_to_do(synced: Any) -> None:
    synced("pause", "hubspot", "--actor", "ana")
    said = synced("sync", "hubspot")
    assert said.code != 0
    assert "by ana" in said.err
    assert "partnerhub unpause hubspot" in said.err


def test_an_unpaused_source_is_read_again(synced: Any) -> None:
    synced("pause", "hubspot")
    synced("unpause", "hubspot")
    assert synced("sync", "hubspot", "--json").json["streams"][0]["state"] == "complete"


def test_a_single_record_is_read_once_more_and_the_cursor_stays(synced: Any, tmp_path: Path) -> None:
    before = query(tmp_path, "SELECT state_json FROM cursor")
    ((one,),) = query(tmp_path, "SELECT min(source_id) FROM raw_current")
    said = synced("resync", "hubspot", "--stream", "companies", "--id", one, "--json")
    (stream,) = said.json["streams"]
    assert (said.code, stream["read"], stream["landed"]) == (0, 1, 0)
    assert query(tmp_path, "SELECT state_json FROM cursor") == before


def test_a_record_its_source_does_not_list_is_named(synced: Any) -> None:
    said = synced("resync", "hubspot", "--stream", "companies", "--id", "1", "--id", "2")
    assert said.code == 1
    assert "hubspot lists no 1, 2 among its companies." in said.out
    assert "`partnerhub reconcile hubspot --ids`" in said.out


def test_resume_reads_on_what_was_cut_short_and_then_has_nothing_to_do(
    synced: Any, vendor: HubSpotSimulator, tmp_path: Path
) -> None:
    vendor.faults.add(Fault(where="* /crm/v3/objects/companies*", kind="500", nth=1, times=99))
    assert run_sync(load_config(tmp_path / "partnerhub.yaml")).state == "incomplete"
    vendor.faults.clear()
    assert synced("resume", "--json").json["state"] == "complete"
    assert synced("resume", "--json").json == {"sources": [], "needs_person": []}


def test_resume_names_what_waits_for_a_person_and_naming_the_run_says_that_they_acted(
    synced: Any, vendor: HubSpotSimulator
) -> None:
    vendor.faults.add(Fault("*", "401", times=10**6))
    assert synced("sync", "hubspot").code == 3
    said = synced("resume")
    assert "hubspot: a person must act first → `partnerhub errors hubspot`" in said.out
    assert "`partnerhub check hubspot`, and `partnerhub sync hubspot`" in synced("errors", "hubspot").out
    vendor.faults.clear()
    assert synced("resume", "last", "--json").json["state"] == "complete"
    assert synced("resume", "last", "--json").json == {"sources": [], "needs_person": []}


def test_canceling_what_does_not_run_says_how_it_ended(synced: Any) -> None:
    said = synced("cancel", "last")
    assert said.code == 1
    assert "it is complete" in said.err


def test_canceling_the_last_run_stops_the_newest_at_work_and_none_that_was_refused(
    run: Any, tmp_path: Path
) -> None:
    run("init")
    migrate(f"sqlite:///{tmp_path}/warehouse.db")
    with subprocess.Popen(["sleep", "60"]) as at_work:
        holder = Process(at_work.pid, socket.gethostname(), namespace(), start_time(at_work.pid))
        rows = [
            ("first", "2026-10-01T09:00:00.000000Z", "running"),
            ("late", "2026-10-01T09:01:00.000000Z", "skipped"),
        ]
        with Database(f"sqlite:///{tmp_path}/warehouse.db").session() as connection, connection.transaction():
            connection.execute_many(
                "INSERT INTO sync_run (run_id, started_at, state, trigger, holder) VALUES (?, ?, ?, 'cli', ?)",
                [(*row, str(holder)) for row in rows],
            )
        said = run("cancel", "last", "--json")
        assert said.json == {"run_id": "first", "process": at_work.pid}
        assert at_work.wait(10) == -signal.SIGTERM
