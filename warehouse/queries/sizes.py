"""How many rows tables hold: what a run reports beside what it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection


def row_counts(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Rows per table. Raises KeyError for a name that is no table."""
    found = {}
    for name in names:
        counted = connection.one(f"SELECT count(*) FROM {table(name).name}")
        found[name] = int(counted[0]) if counted else 0
    return found
