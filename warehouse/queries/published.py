"""What there is to know of published tables: what they hold, how full they are, where each column comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.marts import DESCRIBED, MARTS
from warehouse.marts.lineage import stated_rows
from warehouse.marts.streams import PREFIX, stream_marts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.marts import Column, Mart

GROUPS: Final = (
    ("dim_", "Who and when", "Dimensions: one row a version, a person, a colleague, a day."),
    ("fct_", "What happened", "Facts: touchpoints, deals, work, syncs, figures."),
    ("bridge_", "What belongs together", "Bridges between partners, people, facts and records."),
    ("", "About the data", "Ids, quality, figures and lineage."),
    (PREFIX, "As each source says it", "A view of every stream, own fields included."),
)
"""Beginning of the name, title and what stands there, in the order of the page."""
MOST_FOUND: Final = 100
"""Columns a search lists."""
LINEAGE: Final = """
SELECT column_name, from_table, from_column, source, stream, source_path, cleaner FROM lineage_column
WHERE table_name = ? ORDER BY column_name, source, stream
"""
FILLS: Final = "SELECT mart, name, row_count, filled, measured_at FROM column_fill"


@dataclass(frozen=True, slots=True)
class Fill:
    """A measure of a table: its rows then, when (UTC text), and how many rows hold something, by column."""

    rows: int
    measured_at: str
    filled: dict[str, int] = field(default_factory=dict)

    def percent(self, column: str) -> float | None:
        """Of the rows, how many hold something; None where nothing was counted."""
        if not self.rows or column not in self.filled:
            return None
        return 100.0 * self.filled[column] / self.rows


class Origin(NamedTuple):
    """A field of a source that a published column is read from. path: None where Python reads the record."""

    source: str
    stream: str
    path: str | None
    cleaner: str | None


class Found(NamedTuple):
    """A column that a search found, in its table."""

    table: Mart
    column: Column


class Hits(NamedTuple):
    """What a search found. more: columns beyond those listed."""

    tables: list[Mart]
    columns: list[Found]
    more: int


def published_tables(connection: Connection) -> list[Mart]:
    """Every mart and every view of a stream."""
    return [*MARTS, *stream_marts(connection)]


def group_of(name: str) -> int:
    """The place in GROUPS of a table."""
    begins = [at for at, (start, *_) in enumerate(GROUPS) if start and name.startswith(start)]
    return begins[0] if begins else next(at for at, (start, *_) in enumerate(GROUPS) if not start)


def search_tables(tables: Iterable[Mart], words: str) -> Hits:
    """Tables and columns whose name or description holds every word."""
    wanted = words.casefold().split()

    def holds(*said: str) -> bool:
        text = " ".join(said).casefold()
        return all(word in text for word in wanted)

    listed = list(tables)
    columns = [
        Found(table, column)
        for table in listed
        for column in table.columns
        if holds(column.name, column.says)
    ]
    return Hits(
        [table for table in listed if holds(table.name, table.grain)],
        columns[:MOST_FOUND],
        max(0, len(columns) - MOST_FOUND),
    )


def fills(connection: Connection, name: str = "") -> dict[str, Fill]:
    """The last measure of each table, or of one with all its columns."""
    condition = "WHERE mart = ?" if name else "WHERE name = ''"
    found: dict[str, Fill] = {}
    for mart, column, rows, filled, measured_at in connection.query(
        f"{FILLS} {condition} ORDER BY mart, name", (name,) if name else ()
    ):
        known = found.setdefault(mart, Fill(int(rows), measured_at))
        if column:
            known.filled[column] = int(filled)
    return found


def origins(connection: Connection, name: str) -> dict[str, list[Origin]]:
    """Column of a table → the fields of sources it is read from."""
    found: dict[str, list[Origin]] = {}
    for column, _, _, source, stream, path, cleaner in connection.query(LINEAGE, (name,)):
        if source is not None:
            found.setdefault(column, []).append(Origin(source, stream, path, cleaner))
    return found


def destinations() -> dict[tuple[str, str], list[str]]:
    """(staged kind, field) → the columns of marts that are chosen from it, as `table.column`."""
    found: dict[tuple[str, str], list[str]] = {}
    for table, column, _, _, _, kind, name in stated_rows(DESCRIBED):
        if kind:
            found.setdefault((kind, name), []).append(f"{table}.{column}")
    return found


def of_group(tables: Sequence[Mart]) -> list[tuple[str, str, list[Mart]]]:
    """The tables by group: title, what stands there, and its tables."""
    return [
        (title, says, inside)
        for at, (_, title, says) in enumerate(GROUPS)
        if (inside := [table for table in tables if group_of(table.name) == at])
    ]
