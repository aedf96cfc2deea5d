"""A pass that tells every endpoint what changed since it last took something: in order, one after the other.

How far each was told stands in the warehouse and moves once it took what it was sent: a pass that dies sends the last
page again. Who fails waits longer from pass to pass, and is told no more after `GIVE_UP` of them, until a person acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from connectors.record import utc_text
from partnerhub.config.reload import as_written
from pipelines import leases
from pipelines.changes.sending import PATIENCE, NotTaken, Sender
from warehouse.changes.cursor import ExpiredCursor, rebound
from warehouse.changes.endpoints import Standing, keep, standing
from warehouse.changes.feed import NOW, read_changes
from warehouse.changes.kinds import wanted_kinds
from warehouse.database import Database
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from connectors.transport import Patience
    from partnerhub.config import HubConfig
    from partnerhub.config.changes import Endpoint
    from warehouse.database import Connection

log = structlog.get_logger()

LEASE: Final = "changes"
WAITED_FOR: Final = timedelta(seconds=2)
PAGE: Final = 100
GIVE_UP: Final = 10
"""Passes in a row that failed, about a day apart from first to last."""
FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=6)
RESTORED: Final = "A backup was restored: what it was told last may be undone."


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a pass did for one endpoint. told: changes it took. waits_until: it failed, and is not tried before."""

    name: str
    told: int = 0
    failure: str | None = None
    disabled: bool = False
    waits_until: str | None = None


def push(
    config: HubConfig, now: datetime, *, only: str = "", at_once: bool = False, patience: Patience = PATIENCE
) -> list[Pushed]:
    """Tell every endpoint, or one, what it was not told. A new one is told what comes from now on.

    at_once: also those that wait after a failure. Raises AlreadyRunning while another pass is at it.
    """
    database = Database(config.warehouse_url)
    endpoints = [each for each in as_written(config).changes.webhooks.values() if only in {"", each.name}]
    with leases.held(database, LEASE, WAITED_FOR), database.session() as connection:
        return [tell(connection, each, now, patience, at_once=at_once) for each in endpoints]


def tell(
    connection: Connection, endpoint: Endpoint, now: datetime, patience: Patience, *, at_once: bool
) -> Pushed:
    """One endpoint, until there is nothing more or it takes nothing more."""
    known = standing(connection, endpoint.name) or first_standing(connection, endpoint)
    if known.disabled_at is not None:
        return Pushed(endpoint.name, failure=known.failure, disabled=True)
    due = due_at(known)
    if not at_once and due is not None and now < due:
        return Pushed(endpoint.name, failure=known.failure, waits_until=utc_text(due))
    known = known.moved(cursor=rebound(known.cursor, kinds=wanted_kinds(endpoint.kinds)))
    before, text = known.told, utc_text(now)
    failure: NotTaken | None = None
    with Sender(endpoint, patience) as sender:
        try:
            while True:
                known, more = one_page(connection, endpoint, sender, known, text)
                if not more:
                    break
        except Stopped as stopped:
            known, failure = stopped.known, stopped.reason
        except ExpiredCursor:
            failure = NotTaken(RESTORED, over=True)
    if failure is not None:
        known = failed(connection, known, failure, text)
    return Pushed(endpoint.name, known.told - before, known.failure, known.disabled_at is not None)


class Stopped(Exception):
    """An endpoint took some of a page and not the rest."""

    def __init__(self, known: Standing, reason: NotTaken) -> None:
        """Where it stands now, and why no further."""
        super().__init__(str(reason))
        self.known = known
        self.reason = reason


def one_page(
    connection: Connection, endpoint: Endpoint, sender: Sender, known: Standing, now: str
) -> tuple[Standing, bool]:
    """Send a page and keep what was taken; whether there is more. Raises Stopped, ExpiredCursor."""
    page = read_changes(OPERATOR, connection, known.cursor, PAGE, endpoint.kinds)
    taken, reason = 0, None
    for change in page.changes:
        try:
            sender.send(change)
        except NotTaken as error:
            reason = error
            break
        taken += 1
    cursor = page.next
    if reason is not None:
        cursor = (
            read_changes(OPERATOR, connection, known.cursor, taken, endpoint.kinds).next
            if taken
            else known.cursor
        )
    known = known.moved(cursor=cursor, told=known.told + taken)
    if taken:
        known = known.moved(tried_at=now, delivered_at=now, failures=0, failure=None)
    if known != standing(connection, endpoint.name):  # most passes find nothing new
        with connection.transaction():
            keep(connection, known)
    if reason is not None:
        raise Stopped(known, reason)
    return known, page.more


def first_standing(connection: Connection, endpoint: Endpoint) -> Standing:
    """A new endpoint, at the end of the feed."""
    return Standing(endpoint.name, read_changes(OPERATOR, connection, NOW, 1, endpoint.kinds).next)


def due_at(known: Standing) -> datetime | None:
    """When one that failed is tried again; None for one that did not."""
    if not known.failures or known.tried_at is None:
        return None
    wait: timedelta = min(FIRST_WAIT * 2 ** (known.failures - 1), LONGEST_WAIT)
    return datetime.fromisoformat(known.tried_at) + wait


def failed(connection: Connection, known: Standing, failure: NotTaken, now: str) -> Standing:
    """One more failure in a row; the last one, or one that says so, ends it until a person goes on."""
    failures = known.failures + 1
    ended: dict[str, Any] = {"disabled_at": now} if failure.over or failures >= GIVE_UP else {}
    known = known.moved(tried_at=now, failures=failures, failure=str(failure), **ended)
    with connection.transaction():
        keep(connection, known)
    log.warning("changes not taken", webhook=known.name, failures=failures, disabled=bool(ended))
    return known
