"""Organizations that were staged and are not compared yet: whoever publishes meanwhile leaves them waiting.

Staging, comparing and publishing hold the lease `publish` one after the other. In between, another sync or a person's
act may publish; an organization it took would get an id of its own and never be compared with anybody.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from warehouse.hub_state import forget, remember, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

NAME: Final = "uncompared"
"""Under which the warehouse remembers that some wait; whoever holds the lease `publish` may change it."""


def note_uncompared(connection: Connection) -> None:
    """Some wait from now on. Expects the transaction that makes them wait."""
    remember(connection, NAME, "1")


def note_compared(connection: Connection) -> None:
    """All that wait were compared. Safe to call twice; writes only when some had not been."""
    if remembered(connection, NAME) is not None:
        with connection.transaction():
            forget(connection, NAME)


@contextmanager
def kept_waiting(connection: Connection) -> Iterator[None]:
    """Hide organizations that are not compared yet from the publication inside; they wait again behind it.

    Expects a transaction. What a person's command inside lets wait is published by it all the same.
    """
    if remembered(connection, NAME) is None:
        yield
        return
    connection.execute("CREATE TEMPORARY TABLE IF NOT EXISTS uncompared (record TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM uncompared")
    connection.execute("INSERT INTO uncompared SELECT record FROM pending WHERE kind = 'organization'")
    connection.execute("DELETE FROM pending WHERE kind = 'organization'")
    yield
    connection.execute(
        "INSERT INTO pending (record, kind) SELECT record, 'organization' FROM uncompared WHERE true"
        " ON CONFLICT DO NOTHING"
    )
