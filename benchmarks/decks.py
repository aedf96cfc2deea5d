"""Reading slide decks in one child: files a second of processor time, and the child's memory at its highest.

    python -m benchmarks.decks FOLDER [--at-least 8] [--memory-mb 400]

FOLDER holds decks, whatever their state. Counted is the processor time of the child and of the process that feeds it.
Ends with exit code 1 when it reads fewer files a second than `--at-least`, or needs more memory than `--memory-mb`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from connectors.pptx_reader import DeckReaders

KILOBYTES = 1024


class Measured(NamedTuple):
    """One reading of a folder: files, megabytes, seconds on the clock and of processor time, memory in MB, outcomes."""

    files: int
    megabytes: float
    wall: float
    cpu: float
    memory: float
    outcomes: Counter[str]


def measure(folder: Path) -> Measured:
    """Read every file below a folder with one child, started for it."""
    contents = [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    began, cpu = monotonic(), cpu_seconds()
    with DeckReaders(children=1) as readers:
        answers = [answer for _, _, answer in readers.read_many(contents) if answer]
    return Measured(
        files=len(contents),
        megabytes=sum(len(content) for _, content in contents) / 1e6,
        wall=monotonic() - began,
        cpu=cpu_seconds() - cpu,
        memory=max(answer.peak_kilobytes for answer in answers) / KILOBYTES,
        outcomes=Counter(answer.refused.value if answer.refused else "read" for answer in answers),
    )


def cpu_seconds() -> float:
    """Processor time of this process and of its children that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Measure once and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-least", type=float, default=8.0)
    parser.add_argument("--memory-mb", type=float, default=400.0)
    asked = parser.parse_args()
    found = measure(asked.folder)
    rate = found.files / found.cpu
    print("| files | MB | seconds | CPU seconds | files a CPU second | memory of the child |")
    print("|---|---|---|---|---|---|")
    print(
        f"| {found.files} | {found.megabytes:.0f} | {found.wall:.1f} | {found.cpu:.1f} | {rate:.0f} "
        f"| {found.memory:.0f} MB |"
    )
    print(", ".join(f"{count} {code}" for code, count in found.outcomes.most_common()))
    sys.exit(rate < asked.at_least or found.memory > asked.memory_mb)


if __name__ == "__main__":
    main()
