"""The state of every stream, looked at anew after some seconds: it is the same for everybody who opens a page."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from warehouse.queries.watching import health_of_streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from partnerhub.web.wiring import DueNow
    from warehouse.database import Connection
    from warehouse.queries.health import Health

KEPT_SECONDS: Final = 10.0


class SourceStates:
    """The health of all streams, kept for ten seconds: to judge it every run of every stream is looked at."""

    def __init__(self, due: DueNow, clock: Callable[[], float] = monotonic) -> None:
        """Nothing is looked at before the first question."""
        self.due = due
        self.clock = clock
        self.lock = Lock()
        self.until = float("-inf")
        self.found: list[Health] = []

    def now(self, connection: Connection, now: str) -> list[Health]:
        """Every stream's health, at most ten seconds old."""
        with self.lock:
            if self.clock() >= self.until:
                self.found = health_of_streams(connection, self.due(), now)
                self.until = self.clock() + KEPT_SECONDS
            return self.found


def states_of(app: FastAPI) -> SourceStates:
    """The states an application keeps."""
    if not hasattr(app.state, "source_states"):
        app.state.source_states = SourceStates(app.state.wiring.due)
    kept: SourceStates = app.state.source_states
    return kept
