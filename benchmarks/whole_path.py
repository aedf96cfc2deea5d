"""Companies from a loopback server into the final tables: CPU per record, part by part, and peak memory.

    python -m benchmarks.whole_path [--records 200000] [--runs 3] [--postgres URL]

Every part runs in a fresh process; CPU is that process's user and system time less its start-up. The floor in the
same run is a bare `requests` + `json` loop over the same pages, measured before, between and after the parts, because
a shared machine is not equally fast all the time.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.parts import measure, report


def connector(port: int) -> Any:
    """The HubSpot connector on the benchmark's server, companies only."""
    from pydantic import SecretStr

    from connectors.hubspot import HubSpot

    return HubSpot(
        source="hubspot",
        base_url=f"http://127.0.0.1:{port}",
        token=SecretStr("benchmark"),
        requests_per_second=0,
        searches_per_second=0,
    )


def floor(port: int, _url: str) -> None:
    """requests + json, nothing else."""
    import requests

    session, after = requests.Session(), "0"
    while after:
        body = session.get(
            f"http://127.0.0.1:{port}/crm/v3/objects/companies", params={"after": after}, timeout=30
        ).json()
        after = body.get("paging", {}).get("next", {}).get("after")


def pull(port: int, _url: str) -> None:
    """The connector's pages, thrown away."""
    for _page in connector(port).pull("companies", None, full=True):
        pass


def land(port: int, url: str) -> None:
    """Pull and land."""
    from pipelines.land.session import LandSession, LandSettings
    from warehouse.database import Database

    settings = LandSettings(run_id="run", full=True, streams={"hubspot": frozenset({"companies"})})
    with LandSession(Database(url), [connector(port)], settings) as session:
        for result in session.wait("hubspot"):
            assert result.state == "complete", result.error


def stage(_port: int, url: str) -> None:
    """Stage what landed."""
    from pipelines.stage.engine import stage_pending
    from pipelines.stage.rules import SourceRules, StageSettings
    from warehouse.database import Database

    settings = StageSettings({"hubspot": SourceRules("hubspot")})
    stage_pending(Database(url), settings, "run", "2026-10-01T00:00:00.000000Z")


def transform(_port: int, url: str) -> None:
    """Read what landed, clean, validate and key it, and throw it away."""
    from pipelines.stage.rules import SourceRules, StageSettings, stream_rules
    from pipelines.stage.transform import Place
    from pipelines.stage.transform import transform as staged
    from pipelines.stage.waiting import next_waiting
    from warehouse.database import Database

    settings, last = StageSettings({"hubspot": SourceRules("hubspot")}), ""
    rules = stream_rules(settings, "hubspot", "companies")
    assert rules
    place = Place("hubspot", "companies", rules, settings)
    with Database(url).session() as connection:
        while chunk := next_waiting(connection, "hubspot", "companies", rules.fingerprint, last):
            staged(connection, place, chunk)
            last = chunk[-1].source_id


def stage_without_keys(port: int, url: str) -> None:
    """Stage with the key rows thrown away just before they would be written."""
    from warehouse import bulk

    insert = bulk.insert

    def without_keys(connection: Any, name: str, columns: Any, rows: Any) -> None:
        if name != "key":
            insert(connection, name, columns, rows)

    bulk.insert = without_keys  # this process measures nothing else
    stage(port, url)


def resend(port: int, url: str) -> None:
    """Everything once more, nothing changed."""
    land(port, url)
    stage(port, url)


WORK: dict[str, Callable[[int, str], None]] = {
    "floor": floor,
    "pull": pull,
    "land": land,
    "transform": transform,
    "stage": stage,
    "stage_without_keys": stage_without_keys,
    "resend": resend,
}
ON_A_WAREHOUSE = {"whole": ("land", "transform", "stage", "resend"), "bare": ("land", "stage_without_keys")}
"""Parts in order, each list on a new warehouse."""
IMPORTS = (
    "requests",
    "connectors.hubspot",
    "pipelines.land.session",
    "pipelines.stage.engine",
    "mappings.hubspot",
)


def measured(part: str, port: int, url: str) -> dict[str, float]:
    """One part in a fresh process."""
    return measure("benchmarks.whole_path", part, str(port), url)


def one_run(port: int, folder: Path, postgres: str | None) -> dict[str, dict[str, float]]:
    """Every part once, on a new warehouse; `stage_without_keys` gets one of its own."""
    from warehouse.schema import migrate

    floors = [measured("floor", port, "")]
    found = {"pull": measured("pull", port, "")}
    for name, parts in ON_A_WAREHOUSE.items():
        url = fresh(postgres, name) if postgres else f"sqlite:///{folder / name}.db"
        for ending in ("", "-wal", "-shm"):
            Path(folder / f"{name}.db{ending}").unlink(missing_ok=True)
        migrate(url)
        for part in parts:
            found.setdefault(part, measured(part, port, url))
        floors.append(measured("floor", port, ""))
    found["floor"] = {figure: statistics.median(floor[figure] for floor in floors) for figure in floors[0]}
    return found


def fresh(postgres: str, name: str) -> str:
    """A new PostgreSQL database beside the given one."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "bench_{name}"')
        connection.execute(f'CREATE DATABASE "bench_{name}"')
    return postgres.rsplit("/", 1)[0] + f"/bench_{name}"


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--postgres")
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        part, port, url = given.child
        report(lambda: WORK[part](int(port), url), IMPORTS)
        return
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.company_server", str(given.records)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    port = int(server.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as folder:
            runs = [one_run(port, Path(folder), given.postgres) for _ in range(given.runs)]
    finally:
        server.kill()
    print_table(runs, given.records)


def print_table(runs: list[dict[str, dict[str, float]]], records: int) -> None:
    """Medians as Markdown: microseconds of CPU per record, ratio to the floor, peak memory."""

    def median(part: str, figure: str) -> float:
        return statistics.median(run[part][figure] for run in runs)

    each = {part: median(part, "cpu") / records * 1e6 for part in runs[0]}
    first = each["land"] + each["stage"]
    rows = [
        ("floor: requests + json", each["floor"], median("floor", "peak")),
        ("pull", each["pull"], median("pull", "peak")),
        ("pull and land", each["land"], median("land", "peak")),
        ("read, clean, validate, key; nothing written", each["transform"], median("transform", "peak")),
        ("stage without key rows", each["stage_without_keys"], median("stage_without_keys", "peak")),
        ("stage", each["stage"], median("stage", "peak")),
        ("of it writing keys", each["stage"] - each["stage_without_keys"], 0),
        ("whole path without key rows", each["land"] + each["stage_without_keys"], 0),
        ("whole path", first, max(median("land", "peak"), median("stage", "peak"))),
        ("resend, nothing changed", each["resend"], median("resend", "peak")),
    ]
    print(f"\n{records} companies, {len(runs)} runs, medians\n")
    print("| part | µs CPU per record | × floor | peak MB |\n|---|---|---|---|")
    for name, micro, peak in rows:
        print(f"| {name} | {micro:.1f} | {micro / each['floor']:.1f} | {f'{peak:.0f}' if peak else ''} |")
    print(f"\nresend / first = {each['resend'] / first:.2f}")


if __name__ == "__main__":
    main()
