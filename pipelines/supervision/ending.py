"""Ending a run at work: its process is told to stop, commits what arrived and is gone within seconds."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from warehouse.errors import NotFound, WarehouseError
from warehouse.processes import NAME, still_runs

if TYPE_CHECKING:
    from collections.abc import Mapping


def process_of(run: Mapping[str, Any]) -> int:
    """The process, of this machine, that works on a run. Raises NotFound when none does, and WarehouseError elsewhere.

    run: a row of `sync_run`.
    """
    name = NAME.fullmatch(run["holder"])
    if run["state"] != "running" or name is None or still_runs(run["holder"]) is False:
        raise NotFound(
            f"Run {run['run_id']} does not run: it is {run['state']}.",
            "`partnerhub runs ls` shows what does.",
        )
    if still_runs(run["holder"]) is None:
        raise WarehouseError(
            f"Run {run['run_id']} is at work as {run['holder']}, which cannot be reached from here.",
            f"On that machine: `kill {name[1]}`.",
        )
    return int(name[1])


def end_run(run: Mapping[str, Any]) -> int:
    """Tell the process of a run to stop; returns its id. Raises as `process_of`."""
    process = process_of(run)
    os.kill(process, signal.SIGTERM)
    return process
