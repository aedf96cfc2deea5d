"""Leases: one sync per source, one publication at a time, and a fencing token that stops a late writer.

A lease is a row. Whoever holds it renews it with every commit; a lease not renewed for `STALE_AFTER` belongs to a dead
process and may be taken over, which raises its token, so that the former holder's next commit is refused. A holder of
this very host that is seen to have died is not waited for.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

import structlog

from connectors.record import utc_text
from pipelines.processes import still_runs, this_process
from warehouse.errors import AlreadyRunning, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection, Database

log = structlog.get_logger()

STALE_AFTER = timedelta(seconds=120)
RENEW_SECONDS = 30.0
ASK_AGAIN_SECONDS = 0.25
PATIENCE = timedelta(minutes=30)
"""How long a step that derives tables waits for another run's: two schedules that fire at once take turns."""


class Held(NamedTuple):
    """A lease in hand."""

    name: str
    token: int


class LeaseLost(WarehouseError):
    """Somebody took the lease over while this process was away; nothing more may be written under it."""


def acquire(connection: Connection, name: str, holder: str | None = None) -> Held:
    """Take the lease or raise AlreadyRunning, saying who holds it since when."""
    now = datetime.now(UTC)
    who = holder or this_process()
    with connection.transaction():
        found = connection.one(
            "SELECT holder, token, acquired_at, renewed_at FROM lease WHERE name = ?", (name,)
        )
        if found and is_held(found[0], found[3], now):
            raise AlreadyRunning(name, found[0], found[2])
        former = found[1] if found else 0
        token = former + 1
        taken = connection.execute(
            "INSERT INTO lease (name, holder, token, acquired_at, renewed_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token,"
            " acquired_at = excluded.acquired_at, renewed_at = excluded.renewed_at WHERE lease.token = ?",
            (name, who, token, utc_text(now), utc_text(now), former),
        )
        if not taken:  # somebody else found it free at the same moment, and was first
            raise AlreadyRunning(name, "another process", utc_text(now))
    return Held(name, token)


def is_held(holder: str, renewed_at: str, now: datetime) -> bool:
    """Whether a lease is in somebody's hand: given back, gone stale and held by the dead are not."""
    return bool(holder) and renewed_at > utc_text(now - STALE_AFTER) and still_runs(holder) is not False


def renew(connection: Connection, lease: Held, now: str) -> None:
    """Renew inside the caller's transaction; raises LeaseLost, which rolls that transaction back."""
    touched = connection.execute(
        "UPDATE lease SET renewed_at = ? WHERE name = ? AND token = ? AND holder <> ''",
        (now, lease.name, lease.token),
    )
    if not touched:
        raise LeaseLost(
            f"The lease {lease.name} was taken over.", "Nothing to do: the other process goes on."
        )


def release(connection: Connection, lease: Held) -> None:
    """Give the lease back; a lease already taken over stays with its new holder."""
    with connection.transaction():
        connection.execute("UPDATE lease SET holder = '' WHERE name = ? AND token = ?", lease)


@contextmanager
def held(database: Database, name: str, patience: timedelta = PATIENCE) -> Iterator[Held]:
    """The lease for the length of a block, kept alive meanwhile; waits for its holder up to `patience`.

    Raises AlreadyRunning when the holder outlasts it.
    """
    with database.session() as connection:
        lease = acquire_in_time(connection, name, patience)
        done = threading.Event()
        keeper = threading.Thread(
            target=keep_alive, args=(database, lease, done), name=f"lease-{name}", daemon=True
        )
        keeper.start()
        try:
            yield lease
        finally:
            done.set()
            keeper.join()
            release(connection, lease)


def acquire_in_time(connection: Connection, name: str, patience: timedelta) -> Held:
    """Take the lease, asking again until `patience` is over."""
    deadline = monotonic() + patience.total_seconds()
    while True:
        try:
            return acquire(connection, name)
        except AlreadyRunning:
            if monotonic() > deadline:
                raise
            sleep(ASK_AGAIN_SECONDS)


def keep_alive(database: Database, lease: Held, done: threading.Event) -> None:
    """Thread body: renew the lease every now and then until the block is over or the lease is lost."""
    while not done.wait(RENEW_SECONDS):
        try:
            with database.session() as connection, connection.transaction():
                renew(connection, lease, utc_text(datetime.now(UTC)))
        except LeaseLost:
            return
        except Exception as error:  # noqa: BLE001  # the next commit under the lease tells whether it still holds
            log.warning("lease not renewed", lease=lease.name, kind=type(error).__name__)
