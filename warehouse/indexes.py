"""Indexes a large load does without on SQLite: taken away before it, built again in one sorted pass after it.

An index filled in the order rows come is hit at random places; sorted once it costs a third. What is away stands in
`hub_state` with its own definition, written in the transaction that drops it, so that whoever comes after a kill puts
back exactly what was there. Meanwhile every answer stays right, and questions that the index serves take longer.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.database import Connection, Database

AWAY: Final = "index_away/"
"""What the names in `hub_state` of indexes that are away begin with; the value is the statement that makes one."""
AFTER_AWAY: Final = "index_away0"
"""The first name behind all of those."""
BUILDING: Final = (
    # In memory a sort would hold every row of the table at once.
    "PRAGMA temp_store = FILE",
    "PRAGMA cache_size = -8192",
)
TELL_EVERY_SECONDS: Final = 0.5
STEPS_BETWEEN_LOOKS: Final = 50_000
"""Steps of SQLite's machine after which a build looks at the clock: a few milliseconds."""


def silently() -> None:
    """Nobody waits for a sign of life."""


def take_away(connection: Connection, index: str) -> bool:
    """Drop an index for now and note what makes it, in one transaction; returns whether it was there.

    Does nothing on PostgreSQL, where dropping one waits for every reader.
    """
    if connection.dialect != "sqlite":
        return False
    with connection.transaction():
        found = connection.one("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", (index,))
        if found is None:
            return False
        connection.execute("INSERT INTO hub_state (name, value) VALUES (?, ?)", (AWAY + index, found[0]))
        connection.execute(f"DROP INDEX {index}")
    return True


def put_back(database: Database, tell: Callable[[], None] = silently) -> list[str]:
    """Build every index that is away; returns their names. Costs one query when none is, and is safe to call twice.

    tell: called twice a second while it works. Works on a connection of its own, and takes the write lock per index.
    """
    if database.dialect != "sqlite":
        return []
    with database.session() as connection:
        names = away(connection)
        if names:
            for pragma in BUILDING:
                connection.execute(pragma)
            connection.raw.set_progress_handler(now_and_then(tell), STEPS_BETWEEN_LOOKS)
        return [name for name in names if build(connection, name)]


def away(connection: Connection) -> list[str]:
    """The names of the indexes that are away."""
    rows = connection.query(
        "SELECT name FROM hub_state WHERE name >= ? AND name < ? ORDER BY name", (AWAY, AFTER_AWAY)
    )
    return [row[0].removeprefix(AWAY) for row in rows]


def build(connection: Connection, index: str) -> bool:
    """Make one index as it was, unless somebody else just did; returns whether this call made it."""
    with connection.transaction():
        noted = connection.one("SELECT value FROM hub_state WHERE name = ?", (AWAY + index,))
        if noted is None:
            return False
        connection.execute(noted[0])
        connection.execute("DELETE FROM hub_state WHERE name = ?", (AWAY + index,))
    return True


def now_and_then(tell: Callable[[], None]) -> Callable[[], int]:
    """A progress handler of SQLite that tells at most so often, and never stops the work."""
    last = monotonic()

    def look() -> int:
        nonlocal last
        if monotonic() - last >= TELL_EVERY_SECONDS:
            last = monotonic()
            tell()
        return 0

    return look
