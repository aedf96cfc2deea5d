"""What before-images of staged rows cost: a first load, and one per cent of it changed, with and without them.

    python -m benchmarks.staged_past [--records 100000] [--runs 5]

Companies land beforehand; staging alone is measured, in a fresh process each time, CPU seconds without its start. The
two ways take turns over copies of one warehouse.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.parts import measure, report

BENCHMARK = "benchmarks.staged_past"
EVERY, AT_ONCE = 100, 100
"""One record of so many changes; records of a page."""
NOW = "2026-10-01T09:00:00.000000Z"
WAYS = ("without", "with")


def companies(numbers: Iterable[int], city: str) -> Iterator[Any]:
    """Companies as a CRM sends them."""
    from connectors.record import SourceRecord

    for number in numbers:
        said = {
            "name": f"Company {number} GmbH", "domain": f"company{number}.example", "phone": f"030 {number:07}",
            "city": city, "address": f"Street {number}", "zip": f"{number % 90_000 + 10_000}", "industry": "Services",
            "numberofemployees": str(number % 900), "description": f"What company {number} does, in a few words.",
        }  # fmt: skip
        yield SourceRecord(str(number), {"id": str(number), "archived": False, "properties": said})


def land(url: str, numbers: Iterable[int], city: str) -> None:
    """Land companies in pages of a hundred."""
    from connectors.record import Page, Stream
    from pipelines.land.session import LandSession, LandSettings
    from tests.pipelines.scripted import ScriptedConnector, pages
    from warehouse.database import Database

    records = list(companies(numbers, city))
    told = [Page("companies", records[start : start + AT_ONCE]) for start in range(0, len(records), AT_ONCE)]
    connector = ScriptedConnector(source="crm").plays(Stream("companies", "incremental"), pages(*told))
    with LandSession(Database(url), [connector], LandSettings(run_id=city)) as session:
        session.wait("crm")


def stage(url: str, way: str) -> None:
    """Stage what waits."""
    from pipelines.stage import write
    from pipelines.stage.engine import stage_pending
    from pipelines.stage.rules import SourceRules, StageSettings
    from warehouse.database import Database

    if way == "without":
        vars(write).update(keep_past=lambda *_: None, rows_of=lambda *_: {})
    stage_pending(Database(url), StageSettings({"crm": SourceRules("hubspot")}), "run", NOW)


def taken(folder: Path, name: str, runs: int) -> dict[str, float]:
    """Medians of staging a copy of one warehouse, by way; the copies stay."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way in WAYS:
            shutil.copyfile(folder / name, folder / way)
            found[way].append(measure(BENCHMARK, way, f"sqlite:///{folder / way}", "")["cpu"])
    return {way: statistics.median(each) for way, each in found.items()}


def main() -> None:
    """Measure and print."""
    from warehouse.schema import migrate

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        way, url, _ = given.child
        report(lambda: stage(url, way), ("pipelines.stage.engine", "mappings.hubspot"))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'first'}"
        migrate(url)
        land(url, range(given.records), "Bonn")
        first = taken(folder, "first", given.runs)
        shutil.copyfile(folder / "with", folder / "second")
        land(f"sqlite:///{folder / 'second'}", range(0, given.records, EVERY), "Ulm")
        second = taken(folder, "second", given.runs)
    for part, costs in (("first load", first), ("1 % changed", second)):
        print(f"{part}: {costs['without']:.3f} s of CPU without images, {costs['with']:.3f} with")


if __name__ == "__main__":
    main()
