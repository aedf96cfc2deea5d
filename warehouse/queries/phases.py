"""The phases of a run as they were written down: when each was at work, what came in, and what became of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from warehouse.commands.phases import PHASES
from warehouse.queries.runs import seconds_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

CUT_OFF: Final = "cut_off"
"""The state of a phase that was at work when its run ended."""
WANTED: Final = "SELECT * FROM run_phase WHERE run_id = ?"


def phases_of(connection: Connection, run: Mapping[str, Any], now: str) -> list[dict[str, Any]]:
    """The phases a run has begun, in the order in which it passed them; none of a run from before they were kept.

    Each with its row's columns, `counts` by name, `seconds` (until `now`, UTC text, while it is at work) and `adds_up`.
    """
    found = sorted(
        connection.records(WANTED, (run["run_id"],)),
        key=lambda row: (row["started_at"], PHASES.index(row["phase"])),
    )
    for row in found:
        if row["state"] == "running" and run["state"] != "running":
            row["state"], row["finished_at"] = CUT_OFF, row["finished_at"] or run["finished_at"]
        row["seconds"] = round(seconds_between(row["started_at"], row["finished_at"] or now), 3)
        row["counts"] = json.loads(row.pop("counts_json") or "{}")
        row["adds_up"] = row["entered"] == row["changed"] + row["unchanged"] + row["rejected"]
    return found
