"""Bring the rows of some keys to what they have to be, writing only what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipelines.golden.past import keep_past
from warehouse import bulk
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from warehouse.database import Connection

Rows = Sequence[tuple[Any, ...]]


def write_difference(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    before: Rows,
    after: Rows,
    *,
    known: AbstractSet[str] | None = None,
) -> int:
    """Delete, insert and update until `before` has become `after`; returns how many rows that took.

    Both are all rows of the same keys, in `columns` order, which must hold the primary key; what stood is kept
    (`past`). known: as there.
    """
    keep_past(connection, name, columns, (before, after), known)
    return write_rows(connection, name, columns, before, after)


def write_rows(connection: Connection, name: str, columns: Sequence[str], before: Rows, after: Rows) -> int:
    """The same where what stood is kept already."""
    keys = [column.name for column in table(name).primary_key]
    places = [list(columns).index(key) for key in keys]

    if not before:
        bulk.insert(connection, name, columns, after)
        return len(after)

    def by_key(rows: Rows) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        return {tuple([row[place] for place in places]): tuple(row) for row in rows}

    stands, wanted = by_key(before), by_key(after)
    gone = [key for key in stands if key not in wanted]
    news = [row for key, row in wanted.items() if stands.get(key) != row]
    bulk.delete(connection, name, keys, gone)
    bulk.upsert(connection, name, columns, news)
    return len(gone) + len(news)
