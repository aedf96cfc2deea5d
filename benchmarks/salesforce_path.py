"""Salesforce accounts from a loopback server into the staged tables: CPU per record, part by part, and peak memory.

    python -m benchmarks.salesforce_path [--records 200000] [--runs 3]

Pages of 2,000 over TLS, every cleaner on, into SQLite. Every part runs in a fresh process; CPU is that process's user
and system time less its start-up. Two floors in the same run, each a bare `requests` + `json` loop: one over the same
pages, and HubSpot's of `benchmarks.whole_path` (pages of 100), of which the goal is a multiple. The latter is measured
before, between and after the parts, because a shared machine is not equally fast all the time.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.parts import measure, report

GOAL = 9.5
"""The whole path as a multiple of HubSpot's floor: 95 µs on a machine whose floor is 10."""
HUBSPOT = "floor of HubSpot's pages"
FLOOR_AROUND = ("floor", "land", "stage", "resend")
"""The parts after which HubSpot's floor is measured."""
STREAM = "Account"


def connector(place: str) -> Any:
    """The Salesforce connector on the benchmark's server. place: port and authority."""
    from connectors.salesforce import Salesforce

    port, authority = place.split(" ", 1)
    settings = {"instance_url": f"https://127.0.0.1:{port}", "ca_bundle": authority, "token": "benchmark"}
    return Salesforce.model_validate({"source": "salesforce", "requests_per_second": 0, **settings})


def floor(place: str, _url: str) -> None:
    """requests + json, nothing else."""
    import requests

    port, authority = place.split(" ", 1)
    session, address = requests.Session(), "/services/data/v61.0/queryAll/?q=SELECT+Id+FROM+Account"
    session.verify, session.trust_env = authority, False
    while address:
        body = session.get(f"https://127.0.0.1:{port}{address}", timeout=30).json()
        address = body.get("nextRecordsUrl", "")


def pull(place: str, _url: str) -> None:
    """The connector's pages, thrown away."""
    for _page in connector(place).pull(STREAM, None, full=True):
        pass


def land(place: str, url: str) -> None:
    """Pull and land."""
    from pipelines.land.session import LandSession, LandSettings
    from warehouse.database import Database

    settings = LandSettings(run_id="run", full=True, streams={"salesforce": frozenset({STREAM})})
    with LandSession(Database(url), [connector(place)], settings) as session:
        for result in session.wait("salesforce"):
            assert result.state == "complete", result.error


def stage(_place: str, url: str) -> None:
    """Stage what landed."""
    from pipelines.stage.engine import stage_pending
    from pipelines.stage.rules import SourceRules, StageSettings
    from warehouse.database import Database

    settings = StageSettings({"salesforce": SourceRules("salesforce")})
    stage_pending(Database(url), settings, "run", "2026-10-01T00:00:00.000000Z")


def resend(place: str, url: str) -> None:
    """Everything once more, nothing changed."""
    land(place, url)
    stage(place, url)


WORK: dict[str, Callable[[str, str], None]] = {
    "floor": floor,
    "pull": pull,
    "land": land,
    "stage": stage,
    "resend": resend,
}
"""Parts in the order they are measured."""
IMPORTS = (
    "requests",
    "connectors.salesforce",
    "pipelines.land.session",
    "pipelines.stage.engine",
    "mappings.salesforce",
)


def one_run(place: str, port: str, folder: Path) -> dict[str, dict[str, float]]:
    """Every part once, on a new warehouse. port: of the server of companies."""
    from warehouse.schema import migrate

    for ending in ("", "-wal", "-shm"):
        Path(folder / f"path.db{ending}").unlink(missing_ok=True)
    url = f"sqlite:///{folder / 'path.db'}"
    migrate(url)
    found, floors = {}, []
    for part in WORK:
        found[part] = measure("benchmarks.salesforce_path", part, place, url)
        if part in FLOOR_AROUND:
            floors.append(measure("benchmarks.whole_path", "floor", port, ""))
    found[HUBSPOT] = {figure: statistics.median(floor[figure] for floor in floors) for figure in floors[0]}
    return found


@contextmanager
def serving(module: str, records: int) -> Iterator[str]:
    """A server of so many records in a process of its own; gives the line it says once it listens."""
    command = [sys.executable, "-m", module, str(records)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            # Not terminated: who was started by somebody that ignores that signal ignores it, too.
            server.kill()


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        part, place, url = given.child
        report(lambda: WORK[part](place, url), IMPORTS)
        return
    with (
        serving("benchmarks.account_server", given.records) as place,
        serving("benchmarks.company_server", given.records) as port,
        tempfile.TemporaryDirectory() as folder,
    ):
        runs = [one_run(place, port, Path(folder)) for _ in range(given.runs)]
    print_table(runs, given.records)


def print_table(runs: list[dict[str, dict[str, float]]], records: int) -> None:
    """Medians as Markdown: microseconds of CPU per record, ratio to the floor, peak memory."""

    def median(part: str, figure: str) -> float:
        return statistics.median(run[part][figure] for run in runs)

    each = {part: median(part, "cpu") / records * 1e6 for part in (HUBSPOT, *WORK)}
    wholes = [run["land"]["cpu"] + run["stage"]["cpu"] for run in runs]
    whole = statistics.median(wholes) / records * 1e6
    times = statistics.median(done / run[HUBSPOT]["cpu"] for done, run in zip(wholes, runs, strict=True))
    rows = [(part, each[part], median(part, "peak")) for part in each]
    rows.append(("whole path", whole, max(median("land", "peak"), median("stage", "peak"))))
    print(f"\n{records} accounts, {len(runs)} runs, medians\n")
    print("| part | µs CPU per record | × HubSpot's floor | peak MB |\n|---|---|---|---|")
    for name, micro, peak in rows:
        print(f"| {name} | {micro:.1f} | {micro / each[HUBSPOT]:.1f} | {peak:.0f} |")
    print(f"\nwhole path {whole:.1f} µs, {times:.1f} × HubSpot's floor of its run; goal {GOAL} ×")


if __name__ == "__main__":
    main()
