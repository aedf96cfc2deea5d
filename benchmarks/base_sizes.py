"""Whether the shipped thresholds hold whatever the size of the base: labelled records alone, in part, and among others.

    python -m benchmarks.base_sizes ../shared/corpora/er/dev [--among 100000 1000000] [--seed 1]

The labelled set is resolved in samples of whole organizations, then whole, then among made-up rows. Only labelled
records are judged, and their truth is read after the answer. Weights were learned on that set, so lines are to be
compared with each other, not with the out-of-fold figures.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from benchmarks.partner_rows import write_sheet
from pipelines.resolve.many_rows import resolve_rows
from pipelines.resolve.quality import quality_of
from pipelines.resolve.sheet_rows import read_cells

SAMPLES = (1_000, 5_000)
Key = tuple[str, str]


def main() -> None:
    """Print a line per base."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("labelled", type=Path)
    asked.add_argument("--among", type=int, nargs="*", default=[100_000, 1_000_000])
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    rows, truth = read(given.labelled / "records.csv"), labels(given.labelled / "truth.csv")
    print(
        "| records in the base | labelled | precision | recall | F1 | B-cubed F1 |\n|---|---|---|---|---|---|"
    )
    for size in (*SAMPLES, len(rows)):
        judged(sample(rows, truth, size, Random(given.seed)), [], truth)
    for size in given.among:
        with tempfile.TemporaryDirectory() as folder:
            sheet = Path(folder) / "others.csv"
            write_sheet(sheet, size - len(rows), given.seed)
            others = (row | {"source_id": f"other-{row['source_id']}"} for row in read(sheet))
            judged(rows, others, truth)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a spreadsheet."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def labels(path: Path) -> dict[Key, str]:
    """Source and id → the organization a record means."""
    return {(row["source"], row["source_id"]): row["cluster_id"] for row in read(path)}


def sample(
    rows: list[dict[str, str]], truth: dict[Key, str], size: int, random: Random
) -> list[dict[str, str]]:
    """About so many rows, each organization whole."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(truth[row["source"], row["source_id"]], []).append(row)
    found: list[dict[str, str]] = []
    for group in random.sample(sorted(groups), len(groups)):
        if len(found) >= size:
            break
        found += groups[group]
    return found


def judged(labelled: list[dict[str, str]], others: Iterable[dict[str, str]], truth: dict[Key, str]) -> None:
    """Resolve everything together and judge the labelled rows."""
    wanted = {(row["source"], row["source_id"]) for row in labelled}
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "base.csv"
        count = write(sheet, labelled, others)
        found = resolve_rows(read_cells(sheet, {})[1], default_source="sheet", default_region="US")
    named = zip(
        found.rows["source"].to_pylist(), found.rows["source_id"].to_pylist(), found.entities.to_pylist(),
        strict=True,
    )  # fmt: skip
    groups = {"/".join(key): "/".join(key) for key in wanted}
    groups |= {"/".join(key): group for *key, group in named if tuple(key) in wanted}
    quality = quality_of({"/".join(key): truth[key] for key in wanted}, groups)
    figures = (quality.precision, quality.recall, quality.f1, quality.cubed_f1)
    print(f"| {count:,} | {len(wanted):,} | {' | '.join(f'{each:.3f}' for each in figures)} |", flush=True)


def write(sheet: Path, *parts: Iterable[dict[str, str]]) -> int:
    """All rows as one spreadsheet; how many."""
    lines: Iterator[dict[str, str]] = (row for part in parts for row in part)
    with sheet.open("w", newline="", encoding="utf-8") as file:
        first = next(lines)
        out = csv.DictWriter(file, list(first), extrasaction="ignore")
        out.writeheader()
        out.writerow(first)
        count = 1
        for row in lines:
            out.writerow(row)
            count += 1
    return count


if __name__ == "__main__":
    main()
