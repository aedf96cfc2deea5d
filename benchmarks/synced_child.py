"""`partnerhub sync` in a process of its own that tells a benchmark, line by line, where it is and what each step cost.

    python -m benchmarks.synced_child FOLDER STEP,STEP,…

The whole command: Dagster's job, leases, the live line. Of the steps after the landing only those named do their work;
the others answer at once that there was nothing (`everything` names all). On standard output: `at STEP RECORDS` with
every page or chunk, and at the end a line of JSON: CPU seconds and wall seconds by step, and the process' peak.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from benchmarks.parts import cpu
from partnerhub.cli import syncing
from partnerhub.cli.progress import watching
from pipelines import steps
from pipelines.progress import Progress, ProgressEvent

STEPS = (
    "pull",
    "stage",
    "resolve",
    "make_golden",
    "fill_in",
    "find_signals",
    "validate",
    "rows_held",
    "conclude",
)
MAY_BE_LEFT_OUT = ("resolve", "make_golden", "fill_in", "find_signals")
EVERYTHING = "everything"


class NothingDone(NamedTuple):
    """What a step answers that was left out: no counts."""


def measured(module: Any, name: str, spent: dict[str, dict[str, float]]) -> None:
    """Let a step note its CPU and wall seconds, added up over its calls."""
    step: Callable[..., Any] = getattr(module, name)

    def noted(*given: Any) -> Any:
        began, wall = cpu(), time.monotonic()
        try:
            return step(*given)
        finally:
            so_far = spent.setdefault(name, {"cpu": 0.0, "wall": 0.0})
            so_far["cpu"] += cpu() - began
            so_far["wall"] += time.monotonic() - wall

    setattr(module, name, noted)


def leave_out(name: str) -> None:
    """Let a step answer that there was nothing to do."""
    setattr(steps, name, lambda *_: NothingDone())


@contextmanager
def telling(*, as_json: bool) -> Iterator[Progress]:
    """The watcher of the command, which also tells the benchmark."""
    with watching(as_json=as_json) as shown:

        def both(event: ProgressEvent) -> None:
            shown(event)
            print(f"at {event.step} {event.read}", flush=True)

        yield both


def main(folder: str, wanted: str) -> None:
    """Sync, and tell."""
    from partnerhub.cli.app import main as partnerhub

    if wanted == EVERYTHING:
        for name in ("pipelines.resolve", "splink"):  # or their start-up would count as work
            import_module(name)
    spent: dict[str, dict[str, float]] = {}
    for name in STEPS:
        if name in MAY_BE_LEFT_OUT and wanted != EVERYTHING and name not in wanted.split(","):
            leave_out(name)
        measured(steps, name, spent)
    vars(syncing)["watching"] = telling
    os.chdir(folder)
    began, wall, code = cpu(), time.monotonic(), 0
    try:
        partnerhub(["sync"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = {"cpu": cpu() - began, "wall": time.monotonic() - wall}
    print(json.dumps({"code": code, "peak": peak, "steps": spent | {"whole": whole}}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
