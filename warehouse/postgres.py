"""PostgreSQL: one connection with the layers on the search path, whose times, dates and JSON load as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import DatabaseStarting, DatabaseUnavailable
from warehouse.processes import session_name, this_process

if TYPE_CHECKING:
    from collections.abc import Sequence

MICROSECONDS = 6
WHOLE_SECOND: Final = len("2026-01-02 03:04:05+00")
TRY_SECONDS, ASK_SECONDS = 10, 2
NOT_YET: Final = re.compile(
    "the database system is (starting up|shutting down|in recovery mode|not yet accepting connections)"
)
"""What a server or a pooler says in English with SQLSTATE 57P03; of a failed connection libpq keeps the text only."""


def connect_postgres(url: str, layers: Sequence[str]) -> Any:
    """Open a psycopg connection in autocommit mode (transactions are explicit), in UTC; tries once.

    Raises DatabaseUnavailable, as DatabaseStarting where the server is there and takes nobody in yet.
    """
    import psycopg  # a SQLite hub does not need the driver

    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            options=session_options(layers),
            connect_timeout=TRY_SECONDS,
            application_name=session_name(this_process()),
        )
    except psycopg.Error as error:
        # The address is only shown behind its last @: what stands before may be a password, or half of one.
        where = url.rpartition("@")[2].removeprefix("postgresql://").partition("?")[0]
        said = (
            str(error).split("\n")[0]
            if isinstance(error, psycopg.OperationalError)
            else "its address cannot be read"
        )
        kind = DatabaseStarting if is_starting(url, error) else DatabaseUnavailable
        raise kind(where, said) from None
    register_text_loaders(connection)
    return connection


def session_options(layers: Sequence[str]) -> str:
    """What every session of the hub is opened with."""
    return f"-c search_path={','.join(layers)},public -c timezone=UTC"


def is_starting(url: str, error: Exception) -> bool:
    """Whether a server that refused will be there in a moment, whatever language it says so in."""
    import psycopg  # see above

    if not isinstance(error, psycopg.OperationalError) or isinstance(error, psycopg.errors.ConnectionTimeout):
        return False
    if NOT_YET.search(str(error)):
        return True
    # Asked whether a server is there, libpq goes by the SQLSTATE that it keeps to itself. It holds up every thread.
    asked = psycopg.conninfo.make_conninfo(url, connect_timeout=ASK_SECONDS)
    return psycopg.pq.PGconn.ping(asked.encode()) == psycopg.pq.Ping.REJECT


def register_text_loaders(connection: Any) -> None:
    """Make timestamptz, date, json and numeric come back as the text SQLite holds."""
    from psycopg.adapt import Loader  # see above
    from psycopg.types.string import TextLoader

    class UtcText(Loader):
        """`2026-01-02 03:04:05.5+00` as `2026-01-02T03:04:05.500000Z`."""

        def load(self, data: Any) -> str:
            """Decode and pad to microseconds."""
            text = str(data, "ascii")
            if len(text) == WHOLE_SECOND:
                return f"{text[:10]}T{text[11:19]}.000000Z"
            day, clock = text.split(" ", 1)
            seconds, _, fraction = clock.removesuffix("+00").partition(".")
            return f"{day}T{seconds}.{fraction.ljust(MICROSECONDS, '0')}Z"

    for name in ("date", "json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)
    connection.adapters.register_loader("timestamptz", UtcText)
