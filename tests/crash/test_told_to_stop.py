"""SIGTERM during a sync, in real processes: over within ten seconds, what arrived is kept, the next sync goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.simulator.faults import Fault
from tests.conftest import REPOSITORY
from tests.crash.syncing import sync
from tests.oracles import wrong_with
from warehouse.database import Database
from warehouse.failpoints import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnerhub.config import HubConfig
    from tests.crash.company import Company

pytestmark = [pytest.mark.slow, pytest.mark.fault("F68")]

MOST_SECONDS = 10
PROGRAM = "import sys; from partnerhub.cli.app import main; main(sys.argv[1:])"
BY_DAGSTER = """
import sys
from pathlib import Path
from dagster import DagsterInstance
from partnerhub.config import load_config
from pipelines.defs.build import SYNC_ALL, build_definitions
job = build_definitions(load_config(Path(sys.argv[1]))).resolve_job_def(SYNC_ALL)
job.execute_in_process(instance=DagsterInstance.ephemeral(), raise_on_error=False)
"""
IN_A_STEP = "SELECT 1 FROM lease WHERE name = 'publish' AND holder <> ''"


@pytest.fixture
def config(company: Company, database_url: str) -> Iterator[HubConfig]:
    company.hubspot.requests.clear()
    yield company.config(database_url, "hub")
    company.hubspot.faults.clear()


def begun(program: str, company: Company, *arguments: str, failpoint: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), VARIABLE: failpoint}
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=company.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sync_command(company: Company, failpoint: str = "") -> subprocess.Popen[str]:
    return begun(PROGRAM, company, "--config", str(company.folder / "hub.yaml"), "sync", failpoint=failpoint)


def query(config: HubConfig, statement: str) -> list[tuple[Any, ...]]:
    with Database(config.warehouse_url).session() as connection:
        return connection.query(statement)


def asked_for_contacts(company: Company) -> bool:
    """Whether a page was asked for; the first request only proves that it may be."""
    return sum("/objects/contacts" in request for request in company.hubspot.requests) > 1


def until(happened: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Wait for something, as long as the process lives. One that is too slow is not left to ask in the next test."""
    deadline = time.monotonic() + 120
    while not happened():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(process.communicate())
        time.sleep(0.05)


def terminated(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Send SIGTERM; returns the seconds it took and what was said."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)
    return time.monotonic() - began, "".join(said)


def mended(config: HubConfig, company: Company) -> list[str]:
    """What is wrong after one more sync."""
    company.hubspot.faults.clear()
    assert sync(config, "next") == "complete"
    with Database(config.warehouse_url).session() as connection:
        return wrong_with(connection, company.served)


def ended_well(config: HubConfig, process: subprocess.Popen[str]) -> None:
    """The command said that it is incomplete, its books are closed, its leases are free."""
    seconds, said = terminated(process)
    assert seconds < MOST_SECONDS
    assert process.returncode == 4, said
    assert "Stopped; what arrived until then is kept." in said
    assert "Traceback" not in said
    assert query(config, "SELECT DISTINCT state FROM sync_run") == [("incomplete",)]
    assert query(config, "SELECT 1 FROM stream_run WHERE state = 'running'") == []
    assert query(config, "SELECT name FROM lease WHERE holder <> ''") == []


def test_in_the_middle_of_a_page_that_does_not_come(config: HubConfig, company: Company) -> None:
    company.hubspot.faults.add(Fault("*/objects/contacts*", "latency", nth=2, seconds=45, times=9))
    process = sync_command(company)
    until(lambda: asked_for_contacts(company), process)
    ended_well(config, process)
    stopped = query(config, "SELECT state, error_code FROM stream_run WHERE stream = 'contacts'")
    assert stopped == [("incomplete", "stopped")]
    assert mended(config, company) == []


def test_while_waiting_for_the_next_try(config: HubConfig, company: Company) -> None:
    company.hubspot.faults.add(Fault("*/objects/contacts*", "429", nth=2, retry_after=90, times=9))
    process = sync_command(company)
    until(lambda: asked_for_contacts(company), process)
    time.sleep(0.5)  # until the answer is there: 90 seconds from now
    ended_well(config, process)
    assert mended(config, company) == []


@pytest.mark.parametrize("site", ["pipelines.stage.engine.stage_stream", "pipelines.golden.publish.publish"])
def test_in_a_step_that_derives(config: HubConfig, company: Company, site: str) -> None:
    process = sync_command(company, failpoint=f"{site}.before_commit:1:sleep")
    until(lambda: query(config, IN_A_STEP), process)
    time.sleep(1)  # until it stands at the failpoint
    seconds, said = terminated(process)
    assert (process.returncode, seconds < MOST_SECONDS) == (4, True), said
    assert query(config, "SELECT count(*) FROM organization") == [(0,)]
    assert mended(config, company) == []
    assert query(config, "SELECT 1 FROM sync_run WHERE state = 'running'") == []


def test_run_that_dagster_carries_out(config: HubConfig, company: Company) -> None:
    company.hubspot.faults.add(Fault("*/objects/contacts*", "429", nth=2, retry_after=90, times=9))
    process = begun(BY_DAGSTER, company, str(company.folder / "hub.yaml"))
    until(lambda: asked_for_contacts(company), process)
    seconds, said = terminated(process)
    assert seconds < MOST_SECONDS, said
    assert query(config, "SELECT DISTINCT state FROM sync_run") == [("incomplete",)]
    assert mended(config, company) == []
