"""What `partnerhub resolve` of a large spreadsheet costs, from CSV to ids, beside Splink's own way on the same table.

    python -m benchmarks.million_records                          # 10,000, 100,000 and 1,000,000 rows
    python -m benchmarks.million_records --records 20000 --without-floor

Rows come from `benchmarks.partner_rows` by seed and take no part in the time. The floor is Splink alone: training,
prediction and connected components on the names, sites and places that the hub prepared; the hub's own time after
preparing is compared with it. CPU is that of all processes: on a machine with other work, wall time says little.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.partner_rows import write_sheet

SIZES = (10_000, 100_000, 1_000_000)
SEED = 1
MB = 1 << 20


def main() -> None:
    """Measure every size in a process of its own and print the table, with the exponent between sizes."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, nargs="+", default=list(SIZES))
    asked.add_argument("--without-floor", action="store_true")
    asked.add_argument("--child", nargs=2)
    given = asked.parse_args()
    if given.child:
        report(Path(given.child[0]), with_floor=given.child[1] == "floor")
        return
    print(
        "| records | wall s | CPU s | preparing | after it | Splink alone | × | peak MB | groups | largest |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    found = [measured(records, with_floor=not given.without_floor) for records in given.records]
    for one, other in pairwise(found):
        exponent = math.log(other["cpu"] / one["cpu"]) / math.log(other["records"] / one["records"])
        print(f"\nfrom {one['records']:,} to {other['records']:,} records: CPU grows as n^{exponent:.2f}")


def measured(records: int, *, with_floor: bool) -> dict[str, float]:
    """One size: the sheet is written, resolved in a fresh process, and a line is printed."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.csv"
        write_sheet(sheet, records, SEED)
        command = [sys.executable, "-m", "benchmarks.million_records", "--child", str(sheet)]
        began = time.monotonic()
        child = subprocess.Popen(
            [*command, "floor" if with_floor else "alone"], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        peak = Peak(child.pid)
        said = child.communicate()[0]
        if child.returncode:
            raise SystemExit(f"resolving {records:,} records failed after {time.monotonic() - began:.0f} s")
    told: dict[str, float] = json.loads(said.splitlines()[-1]) | {"records": records}
    after = told["cpu"] - told["preparing"]
    floor = told.get("floor", math.nan)
    print(
        f"| {records:,} | {told['wall']:.1f} | {told['cpu']:.1f} | {told['preparing']:.1f} | {after:.1f} |"
        f" {floor:.1f} | {after / floor:.2f} | {max(peak.stop(), told['peak']):.0f} |"
        f" {told['organizations']:,} | {told['largest']} |",
        flush=True,
    )
    return told


class Peak:
    """The most memory a process and its children held together, looked at four times a second, in MB."""

    def __init__(self, process: int) -> None:
        """Start looking."""
        self.process, self.most, self.ended = process, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Add up what is resident until told to stop."""
        while not self.ended.wait(0.25):
            self.most = max(self.most, resident(self.process) / MB)

    def stop(self) -> float:
        """Stop looking; the most that was seen."""
        self.ended.set()
        self.thread.join()
        return self.most


def resident(process: int) -> int:
    """Bytes of a process and all below it; 0 where there is no /proc."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        own = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
    return own + sum(resident(int(child)) for child in children)


def cpu() -> float:
    """CPU seconds of this process and of those it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def report(sheet: Path, *, with_floor: bool) -> None:
    """In a process of its own: resolve as the command does, then let Splink do it alone. Prints one line of JSON."""
    from partnerhub.cli.resolving import answer_data, by_columns, write_answer
    from pipelines.resolve import many_rows
    from pipelines.resolve.sheet_rows import read_cells

    wall, began = time.monotonic(), cpu()
    prepared: dict[str, Any] = {}

    def noted(table: Any) -> Any:
        prepared["at"] = cpu() - began
        prepared["table"] = table
        return distinct(table)

    distinct: Callable[[Any], Any] = many_rows.distinct
    many_rows.distinct = noted
    found = by_columns(read_cells(sheet, {})[1], ("sheet", "US"))
    output = sheet.with_name("answer.csv")
    write_answer(output, found)
    answer_data(output, len(found.entity), found, 100)
    wall, used = time.monotonic() - wall, cpu() - began
    entities = found.entity.to_pylist()
    told: dict[str, float] = {
        "wall": wall,
        "cpu": used,
        "preparing": prepared["at"],
        "organizations": len(set(entities)),
        "largest": max(Counter(entities).values()),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    del found, entities
    if with_floor:
        began = cpu()
        splink_alone(prepared["table"])
        told["floor"] = cpu() - began
    print(json.dumps(told))


def splink_alone(rows: Any) -> None:
    """Splink as one would set it up by hand: levels of the name by similarity, site and place exact, trained by EM."""
    import duckdb
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect(config={"memory_limit": "2GB", "threads": 2})
    connection.register(
        "prepared", rows.select(["record", "names", "host", "mail_host", "domain", "city", "country"])
    )
    connection.execute(
        "CREATE TABLE organization AS SELECT record AS unique_id, names[1] AS name, coalesce(host, mail_host) AS host,"
        " domain, city, country, left(names[1], 12) AS start FROM prepared"
    ).fetchall()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.96, 0.92, 0.88, 0.8]),
            compare.ExactMatch("host"),
            compare.ExactMatch("city"),
            compare.ExactMatch("country"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("name"), block_on("host"), block_on("start", "country"), block_on("start", "city")
        ],
    )  # fmt: skip
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register("organization", dataset_display_name="organization_"), settings)
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("host"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    pairs = linker.inference.predict(threshold_match_weight=-5)
    linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_weight=0)


if __name__ == "__main__":
    main()
