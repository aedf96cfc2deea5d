"""The demo's two syncs: seconds on the clock and of CPU, the vendors in a process of their own.

    python -m benchmarks.demo_sync [--partners 400] [--profile FILE] [--profile-second FILE]

The machine may be shared, so CPU stands beside the clock. Ends with exit code 1 when the first sync takes 90 s or
more, the second 10 s or more, or the second lands anything. `--profile` writes what cProfile saw of the first sync.
"""

from __future__ import annotations

import argparse
import cProfile
import resource
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import NamedTuple

from benchmarks.vendors import vendors
from partnerhub.config import load_config
from pipelines.sync import SyncReport, run_sync

FIRST_UNDER, SECOND_UNDER = 90.0, 10.0


class Measured(NamedTuple):
    """One sync: its report and its seconds of CPU."""

    report: SyncReport
    cpu: float


def sync(config_file: Path, profile: str | None = None) -> Measured:
    """One whole sync, as `partnerhub sync` runs it."""
    config = load_config(config_file)
    began = process_time()
    if profile:
        profiler = cProfile.Profile()
        report = profiler.runcall(run_sync, config)
        profiler.dump_stats(profile)
    else:
        report = run_sync(config)
    return Measured(report, process_time() - began)


def show(name: str, measured: Measured) -> None:
    """One row."""
    streams = measured.report.streams
    read, landed = sum(stream.read for stream in streams), sum(stream.landed for stream in streams)
    print(
        f"| {name} | {read} | {landed} | {measured.report.seconds:.1f} | {measured.cpu:.1f} | {measured.report.state} |"
    )


def main() -> int:
    """Measure, print a Markdown table, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=400)
    parser.add_argument("--profile")
    parser.add_argument("--profile-second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, vendors(Path(name), given.partners) as config_file:
        first = sync(config_file, given.profile)
        second = sync(config_file, given.profile_second)
    print(f"\nThe demo's company, {given.partners} partners\n")
    print("| sync | read | landed | seconds | CPU seconds | state |\n|---|---|---|---|---|---|")
    show("first", first)
    show("second", second)
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    slow = first.report.seconds >= FIRST_UNDER or second.report.seconds >= SECOND_UNDER
    return int(slow or any(stream.landed for stream in second.report.streams))


if __name__ == "__main__":
    sys.exit(main())
