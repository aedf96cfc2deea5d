"""Two warehouses, table by table and row by row: what stands in one alone, and what stands otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.exports.reading import cursor_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from warehouse.database import Connection

Row = tuple[Any, ...]
AT_ONCE: Final = 5_000
BYTES: Final = 8
"""Of a hash that is shown."""
HERE, THERE, OTHERWISE = "hub", "scratch", "differs"


class Shape(NamedTuple):
    """What of a table or view is compared. order: columns that tell its rows apart, as the engine is to sort by them.

    where: which rows count; empty for all.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    order: tuple[str, ...]
    where: str = ""

    @property
    def query(self) -> str:
        """Its rows in the order both engines agree on with Python."""
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.name}{where} ORDER BY {', '.join(self.order)}"


class Difference(NamedTuple):
    """One row: in the hub alone, in the scratch warehouse alone, or in both with other values in these columns.

    hub, scratch: a hash of the row on either side; empty where there is none.
    """

    kind: str
    key: tuple[Any, ...]
    columns: tuple[str, ...]
    hub: str
    scratch: str


@dataclass(slots=True)
class Compared:
    """How one table came out. differing: how many rows; first: the first of them."""

    name: str
    rows_hub: int = 0
    rows_scratch: int = 0
    hash_hub: str = ""
    hash_scratch: str = ""
    differing: int = 0
    first: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether not one row differs."""
        return self.differing == 0


def compare(hub: Connection, scratch: Connection, shape: Shape, most: int) -> Compared:
    """Compare one table. most: differences kept. Both connections stand inside a `snapshot`."""
    found = Compared(shape.name)
    left, right = chunks_of(hub, shape), chunks_of(scratch, shape)
    here, there = next(left, []), next(right, [])
    same = blake2b(digest_size=BYTES)
    while here and here == there:  # what is equal is looked at once, thousands of rows at a time
        same.update("".join(map(repr, here)).encode())
        found.rows_hub += len(here)
        here, there = next(left, []), next(right, [])
    found.rows_scratch, other = found.rows_hub, same.copy()
    for one, another in merged(shape, flat(here, left), flat(there, right)):
        if one is not None:
            found.rows_hub += 1
            same.update(repr(one).encode())
        if another is not None:
            found.rows_scratch += 1
            other.update(repr(another).encode())
        if one != another:
            found.differing += 1
            if found.differing <= most:
                found.first.append(difference(shape, one, another))
    found.hash_hub, found.hash_scratch = same.hexdigest(), other.hexdigest()
    return found


def paired(hub: Connection, scratch: Connection, shape: Shape) -> Iterator[tuple[Row | None, Row | None]]:
    """The rows of both by key, in order; None where one of them has none."""
    yield from merged(
        shape, chain.from_iterable(chunks_of(hub, shape)), chain.from_iterable(chunks_of(scratch, shape))
    )


def merged(
    shape: Shape, left: Iterator[Row], right: Iterator[Row]
) -> Iterator[tuple[Row | None, Row | None]]:
    """The same of rows in order."""
    at = tuple(shape.columns.index(name) for name in shape.key)

    def keyed(row: Row) -> tuple[tuple[bool, Any], ...]:
        return tuple((row[i] is not None, row[i]) for i in at)

    here, there = next(left, None), next(right, None)
    while here is not None or there is not None:
        if here == there:
            yield here, there
            here, there = next(left, None), next(right, None)
            continue
        first = here is not None and (there is None or keyed(here) <= keyed(there))
        second = there is not None and (here is None or keyed(there) <= keyed(here))
        yield (here if first else None), (there if second else None)
        here = next(left, None) if first else here
        there = next(right, None) if second else there


def flat(first: list[Row], rest: Iterator[list[Row]]) -> Iterator[Row]:
    """The rows of chunks."""
    return chain(first, chain.from_iterable(rest))


def chunks_of(connection: Connection, shape: Shape) -> Iterator[list[Row]]:
    """The rows in order, without holding them all."""
    with cursor_of(connection) as cursor:
        cursor.execute(connection.spelled(shape.query))
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows


def difference(shape: Shape, here: Row | None, there: Row | None) -> Difference:
    """One row that is not the same."""
    kind = OTHERWISE if here and there else HERE if here else THERE
    either = here or there or ()
    key = tuple(either[shape.columns.index(name)] for name in shape.key)
    differing: Sequence[str] = (
        [name for name, one, other in zip(shape.columns, here, there, strict=True) if one != other]
        if here and there
        else ()
    )
    return Difference(kind, key, tuple(differing), hash_of(here), hash_of(there))


def hash_of(row: Row | None) -> str:
    """What tells a row from others without showing it."""
    return blake2b(repr(row).encode(), digest_size=BYTES).hexdigest() if row else ""
