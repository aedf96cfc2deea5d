"""Leases: one sync per source, one publication at a time, and a fencing token that stops a late writer.

A lease is a row. Whoever holds it renews it with every commit; a lease not renewed for `STALE_AFTER` belongs to a dead
or paused process and may be taken over, which raises its token, so that the former holder's next commit is refused.
Its hours are the database's own, so that the clocks of two machines need not agree.

On PostgreSQL the holder's session holds an advisory lock besides, which the server lets go of when the process dies,
wherever it ran; a holder that lives but was not heard of has its sessions ended before its lease is taken. On SQLite a
holder that is seen to have died on this machine is not waited for.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

import structlog

from connectors.record import utc_text
from pipelines.session_locks import end_sessions, free, take
from warehouse.errors import AlreadyRunning, WarehouseError
from warehouse.processes import is_awake, still_runs, this_process
from warehouse.reconnecting import lost, reconnect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection, Database

log = structlog.get_logger()

STALE_AFTER = timedelta(seconds=110)
"""A holder is renewed every `RENEW_SECONDS`; whoever missed three of them is taken for dead within two minutes."""
RENEW_SECONDS = 30.0
ASK_AGAIN_SECONDS = 0.25
PATIENCE = timedelta(minutes=30)
"""How long a step that derives tables waits for another run's: two schedules that fire at once take turns."""
HANDOVER_SECONDS = 5.0
"""How long a session lock may take to come free once its holder has let go or was ended."""

CLOCK = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
    "postgresql": "clock_timestamp()",
}
"""Now, by the database, as the hub's UTC text."""


TAKEN_OVER = "Nothing to do: the other process goes on."

RUN_PREFIX = "run:"


class Held(NamedTuple):
    """A lease in hand."""

    name: str
    token: int


class Row(NamedTuple):
    """A lease as it stands in the database, and what time it is there."""

    holder: str
    token: int
    acquired_at: str
    renewed_at: str
    now: str


class LeaseLost(WarehouseError):
    """Somebody took the lease over while this process was away; nothing more may be written under it."""


def acquire(connection: Connection, name: str, holder: str | None = None) -> Held:
    """Take the lease or raise AlreadyRunning, saying who holds it since when.

    On PostgreSQL the lease lasts as long as `connection` does: keep it open until `release`.
    """
    deadline = monotonic() + HANDOVER_SECONDS
    while True:
        locked = take(connection, name)
        try:
            found = read(connection, name)
            if found and is_held(found, locked=locked):
                raise AlreadyRunning(name, found.holder, found.acquired_at)
            if locked is not False:
                return take_row(connection, name, holder or this_process())
        except BaseException:
            if locked:
                free(connection, name)
            raise
        if monotonic() > deadline:
            raise AlreadyRunning(name, found.holder if found else "", clock(connection))
        if found and found.holder:
            end_sessions(connection, found.holder)
        sleep(ASK_AGAIN_SECONDS)


def run_lease(run_id: str) -> str:
    """The name of the lease that a run holds while it is at work."""
    return f"{RUN_PREFIX}{run_id}"


def is_gone(connection: Connection, name: str) -> bool | None:
    """Whether nobody holds a lease any more; None when it was never taken, or is given back. Changes nothing."""
    found = read(connection, name)
    if found is None or not found.holder:
        return None
    locked = take(connection, name)
    if locked:
        free(connection, name)
    return not is_held(found, locked=locked)


def take_row(connection: Connection, name: str, who: str) -> Held:
    """Write the holder down with the next token, unless somebody else was first."""
    now = CLOCK[connection.dialect]
    with connection.transaction():
        found = read(connection, name)
        if found and is_held(found, locked=True):
            raise AlreadyRunning(name, found.holder, found.acquired_at)
        former = found.token if found else 0
        taken = connection.execute(
            f"INSERT INTO lease (name, holder, token, acquired_at, renewed_at) VALUES (?, ?, ?, {now}, {now})"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token,"
            " acquired_at = excluded.acquired_at, renewed_at = excluded.renewed_at WHERE lease.token = ?",
            (name, who, former + 1, former),
        )
        if not taken:  # somebody else found it free at the same moment, and was first
            raise AlreadyRunning(name, "", clock(connection))
    return Held(name, former + 1)


def read(connection: Connection, name: str) -> Row | None:
    """The lease as it stands, if it was ever taken."""
    found = connection.one(
        f"SELECT holder, token, acquired_at, renewed_at, {CLOCK[connection.dialect]} FROM lease WHERE name = ?",
        (name,),
    )
    return Row(*found) if found else None


def clock(connection: Connection) -> str:
    """Now, by the database."""
    found = connection.one(f"SELECT {CLOCK[connection.dialect]}")
    return str(found[0]) if found else ""


def is_held(found: Row, *, locked: bool | None) -> bool:
    """Whether a lease is in somebody's hand: given back, held by the dead, or not heard of for too long is not.

    locked: whether the caller got the session lock; None where there is none (SQLite).
    """
    if not found.holder:
        return False
    alive = still_runs(found.holder)
    if alive is False or (alive is None and locked):  # a holder elsewhere whose session is gone
        return False
    fresh = found.renewed_at > utc_text(datetime.fromisoformat(found.now) - STALE_AFTER)
    # A process of this machine that is awake may wait long for the database: it is not dead, only slow.
    return fresh or (alive is True and is_awake(found.holder))


def renew(connection: Connection, lease: Held) -> None:
    """Renew inside the caller's transaction; raises LeaseLost, which rolls that transaction back."""
    touched = connection.execute(
        f"UPDATE lease SET renewed_at = {CLOCK[connection.dialect]} WHERE name = ? AND token = ? AND holder <> ''",
        lease,
    )
    if not touched:
        raise LeaseLost(f"The lease {lease.name} was taken over.", TAKEN_OVER)


def take_again(connection: Connection, lease: Held) -> None:
    """Lock again what the session that the server ended had locked. Raises LeaseLost when somebody else has it now."""
    deadline = monotonic() + HANDOVER_SECONDS
    while take(connection, lease.name) is False:
        if monotonic() > deadline:
            raise LeaseLost(f"The lease {lease.name} was taken over.", TAKEN_OVER)
        sleep(ASK_AGAIN_SECONDS)
    with connection.transaction():
        renew(connection, lease)


def fenced(database: Database, lease: Held) -> Database:
    """The same database, whose every transaction renews the lease first: once it is lost, nothing commits any more."""
    return replace(database, fence=lambda connection: renew(connection, lease))


def release(connection: Connection, lease: Held) -> None:
    """Give the lease back; a lease already taken over stays with its new holder."""
    with connection.transaction():
        connection.execute("UPDATE lease SET holder = '' WHERE name = ? AND token = ?", lease)
        if lease.name.startswith(RUN_PREFIX):  # nobody takes it a second time
            connection.execute("DELETE FROM lease WHERE name = ? AND holder = ''", (lease.name,))
    free(connection, lease.name)


@contextmanager
def held(database: Database, name: str, patience: timedelta = PATIENCE) -> Iterator[Held]:
    """The lease for the length of a block, kept alive meanwhile; waits for its holder up to `patience`.

    A database that waits less long for whoever writes waits less long for a holder, too. Raises AlreadyRunning when the
    holder outlasts it.
    """
    with database.session() as connection:
        within = patience if database.waits is None else min(patience, database.waits)
        lease = acquire_in_time(connection, name, within)
        connection.wait_long()  # once it is ours, nothing but the end of this process may keep it from going back
        try:
            with kept(database, connection, lease):
                yield lease
        finally:
            give_back(database, connection, lease)


def give_back(database: Database, connection: Connection, lease: Held) -> None:
    """Release a lease, on a new connection where the server has ended the one it was taken on."""
    try:
        release(connection, lease)
    except Exception as error:
        if not lost(error):
            raise
        reconnect(database, connection)
        release(connection, lease)


@contextmanager
def kept(database: Database, connection: Connection, lease: Held) -> Iterator[None]:
    """Renew a lease from a thread of its own for the length of a block, on the connection that it was taken on."""
    done = threading.Event()
    keeper = threading.Thread(
        target=keep_alive, args=(database, connection, lease, done), name=f"lease-{lease.name}", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


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


def keep_alive(database: Database, connection: Connection, lease: Held, done: threading.Event) -> None:
    """Thread body: renew the lease every now and then until the block is over or the lease is lost.

    On the connection that locked it, so that one that the server ended is noticed, and its lock taken again.
    """
    while not done.wait(RENEW_SECONDS):
        try:
            with connection.transaction():
                renew(connection, lease)
        except LeaseLost:
            return
        except Exception as error:  # noqa: BLE001  # the next commit under the lease tells whether it still holds
            log.warning("lease not renewed", lease=lease.name, kind=type(error).__name__)
            if lost(error) and not locked_again(database, connection, lease, done):
                return


def locked_again(database: Database, connection: Connection, lease: Held, done: threading.Event) -> bool:
    """Whether a lease is still ours on a new connection. One that cannot be had for now is tried at the next beat."""
    try:
        reconnect(database, connection, done)
        take_again(connection, lease)
    except LeaseLost:
        return False
    except Exception as error:  # noqa: BLE001  # as above
        log.warning("lease not locked again", lease=lease.name, kind=type(error).__name__)
    return True
