"""How many records of a stream the hub holds that the source has not taken back, kept while they land.

Counting them costs what stands there, for a sync of ten changes as for one of a million. So the number stands in
`hub_state`, moved in the transaction that lands, and is counted anew after every reading of everything and before a gap
is told. A full comparison with the source counts for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.land.versions import GONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.land.versions import Current, Version
    from warehouse.database import Connection

NAME: Final = "live_records:{source}:{stream}"
"""What the number is called in `hub_state`."""
MOVE: Final = (
    "UPDATE hub_state SET value = CAST(CAST(value AS BIGINT) + CAST(? AS BIGINT) AS TEXT) WHERE name = ?"
)


def live_records(connection: Connection, source: str, stream: str) -> int:
    """How many live records stand there, counted one by one."""
    found = connection.one(
        "SELECT count(*) FROM raw_current WHERE source = ? AND stream = ? AND op IN ('upsert', 'restore')",
        (source, stream),
    )
    return int(found[0]) if found else 0


def known_live(connection: Connection, source: str, stream: str) -> int:
    """How many live records there are by the number that is kept; counted, and kept from then on, the first time.

    Expects a transaction.
    """
    found = connection.one("SELECT value FROM hub_state WHERE name = ?", (name_of(source, stream),))
    return int(found[0]) if found else count_anew(connection, source, stream)


def count_anew(connection: Connection, source: str, stream: str) -> int:
    """Count the live records and keep the number. Expects a transaction.

    The counter of arrival numbers, which everybody who lands takes first, is locked (PostgreSQL): what another
    transaction is landing is either counted here, or moves the number afterwards.
    """
    connection.execute("UPDATE hub_state SET value = value WHERE name = 'raw_id'")
    counted = live_records(connection, source, stream)
    connection.execute(
        "INSERT INTO hub_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name_of(source, stream), str(counted)),
    )
    return counted


def move_live(connection: Connection, source: str, stream: str, by: int) -> None:
    """Move the number that is kept, if one is. Expects a transaction that took its arrival numbers before."""
    if by:
        connection.execute(MOVE, (str(by), name_of(source, stream)))


def added(landed: Iterable[Version], current: Mapping[str, Current]) -> int:
    """How many more records live once these versions stand in place of the current ones."""
    return sum(
        (version.op not in GONE)
        - ((held := current.get(version.source_id)) is not None and held.op not in GONE)
        for version in landed
    )


def name_of(source: str, stream: str) -> str:
    """What a stream's number is called."""
    return NAME.format(source=source, stream=stream)
