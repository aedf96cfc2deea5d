"""How the simulated mail server misbehaves: declared faults as over HTTP, and lasting habits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from partnerhub.simulator import faults
from partnerhub.simulator.faults import Fault, MailKind

__all__ = ["Fault", "FaultPlan", "MailKind"]


@dataclass(slots=True)
class FaultPlan(faults.FaultPlan):
    """The faults still to come, and lasting habits. Safe to edit while the server runs.

    hides_uidnext: folders are opened without telling UIDNEXT, which servers need not tell.
    """

    latency_seconds: float = 0.0
    hides_uidnext: bool = False

    def plan(self, kind: MailKind, command: str = "*", **details: Any) -> None:
        """Declare a fault of one command (`LOGIN`, `UID FETCH`, …); details are the fields of `Fault`."""
        self.add(Fault(command, kind, **details))

    def clear(self) -> None:
        """Forget everything planned."""
        faults.FaultPlan.clear(self)
        self.latency_seconds = 0.0
