"""PostgreSQL's session advisory locks: held by a connection, let go by the server when the process dies, wherever.

On SQLite there is none, and nothing here does anything. A pooler in front of PostgreSQL must pool sessions, not
transactions.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import structlog

from warehouse.processes import session_name

if TYPE_CHECKING:
    from warehouse.database import Connection

log = structlog.get_logger()

SPACE: Final = 0x50485542
"""The first half of our keys, which keeps them apart from other programs' in the same database."""


def take(connection: Connection, name: str) -> bool | None:
    """Try to lock; whether it worked, None where there are no such locks. A session may lock again what it holds."""
    if connection.dialect != "postgresql":
        return None
    found = connection.one("SELECT pg_try_advisory_lock(?, ?)", (SPACE, number_of(name)))
    return bool(found and found[0])


def free(connection: Connection, name: str) -> None:
    """Unlock once; harmless where the session holds nothing or is gone, which unlocks by itself."""
    if connection.dialect == "postgresql" and not connection.raw_closed():
        connection.query("SELECT pg_advisory_unlock(?, ?)", (SPACE, number_of(name)))


def end_sessions(connection: Connection, holder: str) -> None:
    """End every session of a process, with the transactions it left open. Not allowed to: logged, nothing happens."""
    if connection.dialect != "postgresql":
        return
    from psycopg.errors import InsufficientPrivilege  # a SQLite hub does not need the driver

    try:
        ended = connection.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?"
            " AND datname = current_database() AND pid <> pg_backend_pid()",
            (session_name(holder),),
        )
    except InsufficientPrivilege as error:  # another role's session: the lease stays with its holder
        log.warning("sessions not ended", holder=holder, kind=type(error).__name__)
        return
    log.warning("sessions ended of a process that was not heard of", holder=holder, sessions=len(ended))


def number_of(name: str) -> int:
    """The second half of a key: a signed 32-bit number made of the name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), signed=True)
