"""How the simulated mail server misbehaves on request: refusals, goodbyes, dropped connections, slowness."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["no", "bad", "bye", "drop"]


@dataclass(slots=True)
class Fault:
    """One planned misbehavior.

    kind: `no` and `bad` answer the command with that status, `bye` says goodbye and closes, `drop` closes the
        connection after `after_bytes` bytes of the answer.
    command: which command it hits (`LOGIN`, `UID FETCH`, …; `*` hits any); only its first `skip` uses are spared.
    uid: only when this UID is among those asked for (FETCH).
    """

    kind: FaultKind
    command: str = "*"
    text: str = ""
    times: int = 1
    skip: int = 0
    after_bytes: int = 0
    uid: int | None = None


@dataclass(slots=True)
class FaultPlan:
    """The faults still to come, in order, and lasting habits. Safe to edit while the server runs.

    hides_uidnext: folders are opened without telling UIDNEXT, which servers need not tell.
    """

    latency_seconds: float = 0.0
    hides_uidnext: bool = False
    pending: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: FaultKind, command: str = "*", **details: object) -> None:
        """Plan a fault; details are the fields of `Fault`."""
        with self.lock:
            self.pending.append(Fault(kind, command, **details))  # type: ignore[arg-type]

    def clear(self) -> None:
        """Forget everything planned."""
        with self.lock:
            self.pending.clear()
            self.latency_seconds = 0.0

    def take(self, command: str, uids: frozenset[int] = frozenset()) -> Fault | None:
        """The fault that hits this command now, if any; uses it up."""
        with self.lock:
            for fault in self.pending:
                if fault.command not in {"*", command} or (fault.uid is not None and fault.uid not in uids):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
