"""Operating the hub, from a page and through the API alike: asking that something be run, pausing a source.

An address that takes `Acting` declares the permission by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, HTTPException, Path, Request

from connectors.record import utc_text
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.stewards import acts_of
from warehouse.commands.ask_run import Asked, ask_cancel, ask_resume, ask_sync
from warehouse.commands.operate import Who, pause, unpause
from warehouse.queries.sources import faces

if TYPE_CHECKING:
    from partnerhub.web.wiring import Wiring
    from warehouse.database import Connection

NOT_FOUND: Final = 404
Operator = Annotated[Caller, Depends(Needs(Permission.OPERATE_SYNC))]
Source = Annotated[str, Path(max_length=200, pattern=PLAIN)]


def require_known(connection: Connection, wiring: Wiring, source: str) -> None:
    """Raise 404 for a source nobody configured and nothing was read of."""
    configured = wiring.settings.sources() if wiring.settings else wiring.due()
    if source not in configured and source not in faces(connection):
        raise HTTPException(NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Operating:
    """A person who operates a hub that can be changed from here. who: them and the time, without a reason yet."""

    connection: Connection
    wiring: Wiring
    who: Who

    def sync(self, source: str) -> Asked:
        """Ask that a source be read now. Raises 404 for an unknown source."""
        require_known(self.connection, self.wiring, source)
        with self.connection.transaction():
            return ask_sync(self.connection, source, self.who)

    def resume(self, run_id: str) -> Asked:
        """Ask that what a run did not finish be read on. Raises NotFound."""
        with self.connection.transaction():
            return ask_resume(self.connection, run_id, self.who)

    def cancel(self, run_id: str) -> Asked:
        """Ask that a run at work be ended. Raises NotFound."""
        with self.connection.transaction():
            return ask_cancel(self.connection, run_id, self.who)

    def pause(self, source: str, hours: int, reason: str) -> str | None:
        """Read a source no more for so many hours (0: until somebody ends it). Returns until when, UTC text.

        Raises 404 for an unknown source.
        """
        require_known(self.connection, self.wiring, source)
        ends = datetime.fromisoformat(self.who.now) + timedelta(hours=hours)
        until = utc_text(ends) if hours else None
        pause(self.connection, source, until, self.who._replace(reason=reason.strip()))
        return until

    def unpause(self, source: str, reason: str) -> None:
        """Read a paused source again, with the next sync. Raises NotFound when it is not paused."""
        unpause(self.connection, source, self.who._replace(reason=reason.strip() or None))


def operating(request: Request, caller: Operator, connection: Connected, now: Now) -> Operating:
    """Who operates. Raises WarehouseError where the pages can only be read."""
    acts_of(request)
    return Operating(connection, request.app.state.wiring, Who(caller.viewer.name, now))


Acting = Annotated[Operating, Depends(operating)]
