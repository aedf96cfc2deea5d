"""A benchmark's part, run in a process of its own: CPU seconds without its start-up, and peak resident memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence


def cpu() -> float:
    """User and system seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(work: Callable[[], None], imports: Sequence[str]) -> None:
    """Do one part in this process, its imports beforehand; prints CPU seconds and peak resident megabytes."""
    from pipelines.collecting import collect_seldom

    for name in imports:
        __import__(name)
    collect_seldom()
    began = cpu()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu() - began, "peak": peak}))


def measure(benchmark: str, part: str, place: str, url: str) -> dict[str, float]:
    """What `report` prints of `part` in a fresh process of `benchmark`, a module that takes `--child`."""
    done = subprocess.run(
        [sys.executable, "-m", benchmark, "--child", part, place, url],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
