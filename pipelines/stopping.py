"""A process that is asked to stop: what arrived is committed, the run says where it stands, and all is over in seconds.

First the sources: every wait for a vendor ends, pages that were handed over are committed, streams are closed. Whatever
is still at work after that, a publication for one, is rolled back; the next sync does it again.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog

from connectors.record import utc_text
from connectors.transport import STOPPING
from pipelines import sessions
from warehouse.database import Connection, Database, end_all
from warehouse.processes import this_process

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger()

SOURCES_SECONDS: Final = 4.0
"""How long sources may take to hand over the page they are at."""
BOOKS_SECONDS: Final = 2.0
"""How long the last words may wait for the database."""

OURS: Final = "run_id IN (SELECT run_id FROM sync_run WHERE holder = ? AND state = 'running')"
STREAMS: Final = (
    "UPDATE stream_run SET state = 'incomplete', finished_at = ?, error_code = 'stopped', error_do = ?,"
    f" error_happened = ? WHERE state = 'running' AND {OURS}"
)
RUNS: Final = (
    "UPDATE sync_run SET state = 'incomplete', finished_at = ? WHERE holder = ? AND state = 'running'"
)
LEASES: Final = "UPDATE lease SET holder = '' WHERE holder = ?"
DO: Final = "Nothing to mend: the next sync goes on from the last committed page."
HAPPENED: Final = "The sync was stopped before the stream ended."


def wind_down(warehouse_url: str, now: datetime) -> None:
    """Stop everything this process syncs; returns within ten seconds, and no statement runs after it. Call once."""
    STOPPING.set()
    sessions.stop_all(monotonic() + SOURCES_SECONDS)
    end_all()
    try:
        close_books(Database(warehouse_url), utc_text(now))
    except Exception as error:  # noqa: BLE001  # the next sync finds the process dead and says so
        log.warning("run not closed", kind=type(error).__name__)


def close_books(database: Database, now: str) -> None:
    """Say of this process's runs that they are incomplete, and give its leases back. Safe to call twice."""
    me = this_process()
    with database.session() as connection:
        connection.spared = True
        hurry(connection)
        with connection.transaction():
            connection.execute(STREAMS, (now, DO, HAPPENED, me))
            connection.execute(RUNS, (now, me))
            connection.execute(LEASES, (me,))


def hurry(connection: Connection) -> None:
    """Wait for nobody for long: the connections of this process let go of the database now, others may not."""
    if connection.dialect == "sqlite":
        connection.query(f"PRAGMA busy_timeout = {BOOKS_SECONDS * 1000:.0f}")
    else:
        connection.execute(f"SET lock_timeout = {BOOKS_SECONDS * 1000:.0f}")
