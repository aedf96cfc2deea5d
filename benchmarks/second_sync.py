"""A first sync, and a second one after one per cent changed: requests, and CPU of every step net of process start.

    python -m benchmarks.second_sync [--records 100000] [--steps landed | everything] [--runs 1] [--no-reconcile]
    python -m benchmarks.second_sync --records 1000000 --steps landed --loaded FOLDER/undisturbed

Both syncs are the whole `partnerhub sync`, each in a fresh process. `landed` leaves out what comes behind staging. The
comparison by sets of ids (`partnerhub reconcile --every`) lists everything, so it is measured apart, after both.
`--loaded` goes on from a folder that `benchmarks.first_load --folder FOLDER` kept, and changes it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.changing_server import asked_of
from benchmarks.first_load import FIRST, hub_in, load, requests
from benchmarks.parts import measure, report
from benchmarks.salesforce_path import serving
from benchmarks.synced_child import EVERYTHING

BENCHMARK = "benchmarks.second_sync"
CHANGED = 0.01
GOAL = 0.03
LEAST = 0.01
"""CPU seconds below which a step says nothing."""
NAMES = {
    "pull": "land",
    "stage": "stage",
    "resolve": "propose pairs",
    "make_golden": "assign ids and publish",
    "fill_in": "fill in",
    "find_signals": "signals",
    "validate": "validate",
    "rows_held": "count rows",
    "conclude": "conclude",
}
"""Steps in order, by what they are called in `benchmarks.synced_child`."""


def compare_ids(folder: str, _url: str) -> None:
    """Compare by sets of ids, whatever the counts say."""
    from partnerhub.config import load_config
    from pipelines.reconcile.compare import reconcile

    done = reconcile(load_config(Path(folder) / "partnerhub.yaml"), ["hubspot"], every=True)
    assert done.state == "complete", done
    assert all(proof.method == "ids" and not proof.lacking for proof in done.proofs), done.proofs


def synced(folder: Path, port: str, steps: str) -> dict[str, Any]:
    """One sync: its steps' costs, its requests and its peak, as `benchmarks.first_load` notes them."""
    before = requests(port)
    done = load(hub_in(folder, port), steps)
    assert done.told["code"] == 0, (folder / "said.txt").read_text()
    return {"steps": done.told["steps"], "requests": requests(port) - before, "peak": done.peak}


def one_run(folder: Path, port: str, given: argparse.Namespace) -> dict[str, Any]:
    """Two syncs with changes between them, then the comparison."""
    noted = folder / FIRST
    first = json.loads(noted.read_text()) if given.loaded else synced(folder, port, given.steps)
    changes = asked_of(port, f"change?share={CHANGED}")["changed"]
    found: dict[str, Any] = {"syncs": [first, synced(folder, port, given.steps)], "changes": changes}
    if not given.no_reconcile:
        before = requests(port)
        found["reconcile"] = measure(BENCHMARK, "compare_ids", str(folder), "")
        found["reconcile"]["requests"] = requests(port) - before
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--steps", default=EVERYTHING, help=f"behind staging: landed (none) or {EVERYTHING}")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--loaded", type=Path, help="a folder with a warehouse after its first load")
    parser.add_argument("--no-reconcile", action="store_true")
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        part, folder, url = given.child
        imports = ("pipelines.resolve", "pipelines.reconcile.compare", "connectors.hubspot")
        report(lambda: {"compare_ids": compare_ids}[part](folder, url), imports)
        return
    runs = []
    for number in range(given.runs):
        with (
            tempfile.TemporaryDirectory() as name,
            serving("benchmarks.changing_server", given.records) as port,
        ):
            runs.append(one_run(given.loaded or Path(name) / str(number), port, given))
    print_tables(runs, given.records)


def print_tables(runs: list[dict[str, Any]], records: int) -> None:
    """Medians: every step's two costs and their ratio, requests, and the comparison apart."""
    changes = runs[0]["changes"]
    print(f"\n{records:,} companies, then {changes:,} changes; {len(runs)} runs, medians\n")
    print("| step | first, CPU s | second, CPU s | second / first |\n|---|---|---|---|")
    for step, name in NAMES.items():
        first, second = (
            statistics.median(run["syncs"][number]["steps"].get(step, {"cpu": 0.0})["cpu"] for run in runs)
            for number in range(2)
        )
        if first >= LEAST or second >= LEAST:
            ratio = f"{second / first:.1%}" if first else ""
            print(f"| {name} | {first:.2f} | {second:.3f} | {ratio} |")
    asked = [statistics.median(run["syncs"][number]["requests"] for run in runs) for number in range(2)]
    print(f"| requests | {asked[0]:,.0f} | {asked[1]:,.0f} | {asked[1] / asked[0]:.1%} |")
    peaks = [max(run["syncs"][number]["peak"] for run in runs) for number in range(2)]
    print(f"| peak MB | {peaks[0]:.0f} | {peaks[1]:.0f} | |\n\ngoal: under {GOAL:.0%} each")
    if "reconcile" in runs[0]:
        apart = {name: statistics.median(run["reconcile"][name] for run in runs) for name in ("cpu", "peak")}
        sent = runs[0]["reconcile"]["requests"]
        print(
            f"comparison by ids: {apart['cpu']:.1f} s CPU, {apart['peak']:.0f} MB at most, {sent:,} requests"
        )


if __name__ == "__main__":
    main()
