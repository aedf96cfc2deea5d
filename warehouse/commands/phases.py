"""What the phases of a run did, written down as they begin and end: one row a phase, in `run_phase`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection

PHASES: Final = ("land", "stage", "resolve", "publish", "fetch", "signals", "validate")
"""In the order in which a run passes them."""
BEGIN: Final = """
INSERT INTO run_phase (run_id, phase, state, started_at, unit) VALUES (?, ?, 'running', ?, ?)
ON CONFLICT (run_id, phase) DO UPDATE SET state = 'running', finished_at = NULL
"""
END: Final = """
UPDATE run_phase SET state = ?, finished_at = ?, entered = ?, changed = ?, unchanged = ?, rejected = ?, counts_json = ?
WHERE run_id = ? AND phase = ?
"""
LANDED: Final = """
SELECT coalesce(sum(read), 0), coalesce(sum(landed), 0), coalesce(sum(unchanged), 0) + coalesce(sum(superseded), 0),
coalesce(sum(quarantined), 0), coalesce(sum(removed), 0), coalesce(sum(requests), 0) FROM stream_run WHERE run_id = ?
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a phase did, in its own unit: entered = changed + unchanged + rejected. more: further counts by name."""

    entered: int = 0
    changed: int = 0
    rejected: int = 0
    more: Mapping[str, int] = field(default_factory=dict)
    unchanged: int | None = None
    """None: what is left over."""

    @property
    def left(self) -> int:
        """What neither changed nor was rejected."""
        return self.entered - self.changed - self.rejected if self.unchanged is None else self.unchanged


def begin_phase(connection: Connection, run_id: str, phase: str, unit: str, now: str) -> None:
    """A phase is at work; begun again after a crash, it keeps the time it first began. Expects a transaction."""
    connection.execute(BEGIN, (run_id, phase, now, unit))


def end_phase(connection: Connection, run_id: str, phase: str, counted: Counted | None, now: str) -> None:
    """A phase is over; without counts, it failed. Expects a transaction. Safe to call twice: the last one counts."""
    found = counted or Counted()
    more = json.dumps(dict(found.more), sort_keys=True) if found.more else None
    numbers = (found.entered, found.changed, found.left, found.rejected)
    connection.execute(END, ("complete" if counted else "failed", now, *numbers, more, run_id, phase))


def landed_in(connection: Connection, run_id: str) -> Counted:
    """What the streams of a run brought until now; of what landed, what cannot be read is rejected."""
    row = connection.one(LANDED, (run_id,))
    read, landed, unchanged, malformed, removed, requests = map(int, row) if row else (0,) * 6
    more = {"gone": removed, "requests": requests}
    return Counted(read, landed - malformed, malformed, more, unchanged)
