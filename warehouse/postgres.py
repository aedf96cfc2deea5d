"""PostgreSQL: one connection with the layers on the search path, whose times, dates and JSON load as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.errors import DatabaseUnavailable
from warehouse.processes import session_name, this_process

if TYPE_CHECKING:
    from collections.abc import Sequence

MICROSECONDS = 6


def connect_postgres(url: str, layers: Sequence[str]) -> Any:
    """Open a psycopg connection in autocommit mode (transactions are explicit), in UTC. Raises DatabaseUnavailable."""
    import psycopg  # a SQLite hub does not need the driver

    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            options=f"-c search_path={','.join(layers)},public -c timezone=UTC",
            connect_timeout=10,
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
        raise DatabaseUnavailable(where, said) from None
    register_text_loaders(connection)
    return connection


def register_text_loaders(connection: Any) -> None:
    """Make timestamptz, date, json and numeric come back as the text SQLite holds."""
    from psycopg.adapt import Loader  # see above

    class PlainText(Loader):
        """The server's text, as it is."""

        def load(self, data: Any) -> str:
            """Decode."""
            return bytes(data).decode()

    class UtcText(Loader):
        """`2026-01-02 03:04:05.5+00` as `2026-01-02T03:04:05.500000Z`."""

        def load(self, data: Any) -> str:
            """Decode and pad to microseconds."""
            text = bytes(data).decode()
            day, clock = text.split(" ", 1)
            seconds, _, fraction = clock.removesuffix("+00").partition(".")
            return f"{day}T{seconds}.{fraction.ljust(MICROSECONDS, '0')}Z"

    for name in ("date", "json", "jsonb"):
        connection.adapters.register_loader(name, PlainText)
    connection.adapters.register_loader("timestamptz", UtcText)
