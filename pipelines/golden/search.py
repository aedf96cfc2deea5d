"""What can be found, kept with every publication: the entries of whatever was touched are made anew.

An entry holds names, addresses, numbers, subjects and the text of slides, never the text of a mail. What is deleted,
merged away or on nobody's timeline has none.
"""

from __future__ import annotations

from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.golden import work
from pipelines.golden.search_reading import read_facts, read_organizations, read_persons
from warehouse import bulk
from warehouse.tables.finding import KINDS, RANGE, SQLITE_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipelines.golden.search_reading import Entry
    from pipelines.golden.work import Span
    from warehouse.database import Connection

STATE: Final = "search"
"""The name under which the hub remembers how its entries were made."""
VERSION: Final = "1"
"""Raised whenever the same rows give other entries."""
CHUNK: Final = 1_000
COLUMNS: Final = (
    "kind", "id", "organization_id", "title", "text", "words", "names", "happened_at"
)  # fmt: skip
THING: Final = itemgetter(slice(3))
"""Kind, id and organization: in this order new entries are numbered, on either engine."""
WITH_ID: Final = ("entry_id", *COLUMNS)
UPDATE: Final = (
    "UPDATE search_entry SET title = ?, text = ?, words = ?, names = ?, happened_at = ? WHERE entry_id = ?"
)
REMEMBER: Final = (
    "INSERT INTO hub_state (name, value) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class Part(NamedTuple):
    """One part of what can be found. whole: the table of all; touched: of what this publication touched.

    key: the column both are walked by. kinds: of the entries it makes.
    """

    whole: str
    touched: str
    key: str
    kinds: tuple[str, ...]
    read: Callable[[Connection, str, Span], list[Entry]]


PARTS: Final = (
    Part("organization", "work_organization", "organization_id", ("organization",), read_organizations),
    Part("person", "work_person", "person_id", ("person",), read_persons),
    Part("fact", "work_found", "fact_id", KINDS[2:], read_facts),
)


def publish_search(connection: Connection, *, everything: bool) -> None:
    """Bring the entries of all that this publication touched to what is published; all of them where they never were.

    Expects `work_asked` to hold the organizations on whose timeline something came or went, and `work_found` the facts
    that were looked at.
    """
    if everything or not is_made(connection):
        make_all(connection)
        return
    work.add(
        connection,
        "work_organization",
        "SELECT w.id FROM work_asked w CROSS JOIN organization o WHERE o.organization_id = w.id",
    )
    for part in PARTS:
        work.settle(connection, part.touched)
        for span in work.spans(connection, part.touched, CHUNK):
            wanted = part.read(connection, part.touched, span)
            write(connection, standing(connection, part, span), wanted)


def is_made(connection: Connection) -> bool:
    """Whether entries were ever made, by this program's way to make them."""
    found = connection.one("SELECT value FROM hub_state WHERE name = ?", (STATE,))
    return found is not None and found[0] == VERSION


def make_all(connection: Connection) -> None:
    """Make every entry anew. On SQLite the indexes are built in one pass at the end."""
    triggered = connection.dialect == "sqlite"
    for name in SQLITE_TRIGGERS if triggered else ():
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    connection.execute("DELETE FROM search_entry")
    numbers = {kind: count(last_of(kind), -1) for kind in KINDS}
    for part in PARTS:
        for span in spans(connection, part.whole, part.key):
            read = sorted(part.read(connection, part.whole, span), key=THING)
            rows = [(next(numbers[each.kind]), *each) for each in read]
            bulk.insert(connection, "search_entry", WITH_ID, rows)
    if triggered:
        for index in ("search_words", "search_names"):
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        for statement in SQLITE_TRIGGERS.values():
            connection.execute(statement)
    connection.execute(REMEMBER, (STATE, VERSION))


def spans(connection: Connection, name: str, key: str) -> Iterator[Span]:
    """Walk a table in key order."""
    after = ""
    while True:
        first, last = connection.query(
            f"SELECT min({key}), max({key}) FROM"
            f" (SELECT {key} FROM {name} WHERE {key} > ? ORDER BY {key} LIMIT {CHUNK}) AS chunk",
            (after,),
        )[0]
        if first is None:
            return
        yield work.Span(first, last)
        after = last


def last_of(kind: str) -> int:
    """The last number of a kind's range, which is given first: what is new has the smallest number, and comes first."""
    return (KINDS.index(kind) + 1) * RANGE


def standing(connection: Connection, part: Part, span: Span) -> list[tuple[Any, ...]]:
    """The entries that stand of a span of touched things, with their numbers.

    Not a join: SQLite would read all entries between the span's ends for each touched thing.
    """
    columns = ", ".join(WITH_ID)
    kinds = ", ".join(f"'{kind}'" for kind in part.kinds)
    return connection.query(
        f"SELECT {columns} FROM search_entry WHERE kind IN ({kinds})"
        f" AND id IN (SELECT {part.key} FROM {part.touched} WHERE {part.key} BETWEEN ? AND ?)",
        span,
    )


def write(connection: Connection, before: Sequence[tuple[Any, ...]], after: Sequence[Entry]) -> None:
    """Delete, update and insert what differs; what stays keeps its number.

    In the order of numbers: SQLite's indexes write down what they gathered whenever a smaller one comes.
    """
    stands = {row[1:4]: row for row in before}
    wanted = {each[:3]: each for each in after}
    gone = [(row[0],) for key, row in stands.items() if key not in wanted]
    changed = [
        (*each[3:], stands[key][0])
        for key, each in wanted.items()
        if key in stands and stands[key][1:] != tuple(each)
    ]
    news = [each for each in sorted(wanted.values(), key=THING) if each[:3] not in stands]
    bulk.delete(connection, "search_entry", ("entry_id",), sorted(gone))
    if changed:
        connection.execute_many(UPDATE, sorted(changed, key=itemgetter(-1)))
    numbers = {kind: next_of(connection, kind) for kind in {each.kind for each in news}}
    rows = sorted(((next(numbers[each.kind]), *each) for each in news), key=itemgetter(0))
    bulk.insert(connection, "search_entry", WITH_ID, rows)


def next_of(connection: Connection, kind: str) -> Iterator[int]:
    """The numbers a kind has not given yet."""
    last = last_of(kind)
    found = connection.one(
        "SELECT min(entry_id) FROM search_entry WHERE entry_id > ? AND entry_id <= ?", (last - RANGE, last)
    )
    return count(last if found is None or found[0] is None else found[0] - 1, -1)
