"""The list of partners: which ones, in which order, a page at a time, with whatever columns show of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.partner_orders import FROM, sort_of
from warehouse.queries.partners import IS_PARTNER, storable
from warehouse.queries.search_candidates import match_of, tsquery_of
from warehouse.search_words import words_of
from warehouse.tables.finding import KINDS, RANGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

PAGE_SIZE: Final = 50
UNSET: Final = "-"
"""Asks for partners without any value."""
OF_ONE_VALUE: Final = ("tier", "owner", "country", "status")
"""Filters by a golden value of that name."""
FIELDS: Final = (
    "o.organization_id, o.name, o.domain, o.email, o.phone, o.city, o.country, o.tier, o.status, o.owner,"
    " o.record_count, o.annual_value_minor, o.currency, o.renews_on, e.happened_at AS last_contact_at"
)
FROM_SOURCE: Final = (
    "EXISTS (SELECT 1 FROM organization_link l WHERE l.organization_id = o.organization_id AND l.ended_at IS NULL"
    " AND l.record >= ? AND l.record < ?)"
)
OFFERS: Final = (
    "',' || replace(replace(replace(o.services, ';', ','), ', ', ','), ' ,', ',') || ',' LIKE ? ESCAPE '!'"
)
"""One of the services that stand in the field one behind the other."""
PATTERN_SIGN: Final = re.compile("([!%_])")
BY_ITSELF: Final = r"!\1"
"""What means something in a pattern, and how it means itself."""
IN_PROGRAM: Final = (
    "EXISTS (SELECT 1 FROM partnership q WHERE q.organization_id = o.organization_id AND q.program = ?)"
)
NEEDS_SOMEBODY: Final = (
    "EXISTS (SELECT 1 FROM signal s WHERE s.organization_id = o.organization_id AND s.closed_at IS NULL"
    " AND s.level IN ('urgent', 'attention'))"
)
AMONG_NEEDY: Final = (
    "o.organization_id IN (SELECT s.organization_id FROM signal s WHERE s.closed_at IS NULL"
    " AND s.level IN ('urgent', 'attention'))"
)
"""The same for whoever begins with them."""
QUIET: Final = "e.happened_at IS NULL OR e.happened_at < ?"
IN_COHORT: Final = """
o.organization_id IN (
WITH RECURSIVE standing (id) AS (
SELECT organization_id FROM saved_view_member WHERE view_id = ?
UNION SELECT r.to_id FROM standing s JOIN redirect r ON r.from_id = s.id AND r.ended_at IS NULL
) SELECT id FROM standing)
"""
"""A member that was merged stands for whoever it answers by."""


FEW: Final = 500
"""So many are looked up and put in order; where more are wanted, the order itself is walked until a page is full."""


SOME: Final = 20_000
"""So many are kept at hand while an order is walked; of more, each that is met is asked."""
IN_ORDER_STILL: Final = "({}) IS TRUE"
"""Around a test by which neither engine may begin: it begins with the order."""


HAS_WORDS: Final = {
    "sqlite": (
        "o.organization_id IN (SELECT f.id FROM search_words CROSS JOIN search_entry f WHERE search_words MATCH ?"
        " AND search_words.rowid > ? AND search_words.rowid <= ? AND f.entry_id = search_words.rowid)"
    ),
    "postgresql": (
        "o.organization_id IN (SELECT f.id FROM search_entry f WHERE f.kind = 'organization'"
        " AND array_to_tsvector(string_to_array(f.words, ' ')) @@ (SELECT ?::tsquery))"
    ),
}
"""Found by words; of SQLite's index only the range of numbers that organizations have."""
AMONG_QUIET: Final = {
    "sqlite": (
        "o.organization_id IN (SELECT e.organization_id FROM search_entry e INDEXED BY search_entry_contact"
        " WHERE e.kind = 'organization' AND coalesce(e.happened_at, '') < ?)"
    ),
    "postgresql": (
        "o.organization_id IN (SELECT e.organization_id FROM search_entry e"
        " WHERE e.kind = 'organization' AND coalesce(e.happened_at, '-infinity'::timestamptz) < ?)"
    ),
}
"""Without a touchpoint since a time, for whoever begins with them."""


class Way(Enum):
    """How partners are found that pass a test.

    NAMED: by what the test names, in no order. MET: an order is walked, and each that is met is asked. AT_HAND: an
    order is walked, and whoever may be meant is at hand, as they are not many.
    """

    NAMED = "named"
    MET = "met"
    AT_HAND = "at hand"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which partners. Values of one filter add up, filters narrow down. quiet_days: without a touchpoint for so long.

    text: words that begin those a partner is found by. cohort: the id of an explicit list. missing: sources of which no
    record is linked to it, none of them where there are several.
    """

    text: str = ""
    tier: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    attention: bool = False
    quiet_days: int | None = None
    quiet_since: str = ""
    cohort: str = ""
    sort: str = "name"


class Position(NamedTuple):
    """Where a page ends: what the list is ordered by, as text, and the id."""

    value: str
    organization_id: str


@dataclass(slots=True)
class Test:
    """A condition that grows, with its parameters."""

    parts: list[str]
    values: list[Any] = field(default_factory=list)

    def add(self, part: str, *values: Any) -> None:
        """Narrow down."""
        self.parts.append(part)
        self.values += values

    @property
    def sql(self) -> str:
        """The whole."""
        return " AND ".join(f"({part})" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Listed:
    """One partner of the list. values: columns of `FIELDS`. signals: how many need somebody, and the worst."""

    values: dict[str, Any]
    sources: tuple[str, ...]
    programs: tuple[str, ...]
    signals: tuple[int, str]


class Found(NamedTuple):
    """How many partners are wanted, and who they are where they are few."""

    total: int
    few: tuple[str, ...] | None = None


class Page(NamedTuple):
    """One page; `following` is where the next one begins, None at the end."""

    rows: list[Listed]
    following: Position | None


def list_page(
    viewer: Viewer,
    connection: Connection,
    wanted: Wanted,
    after: Position | None = None,
    limit: int = PAGE_SIZE,
    known: Found | None = None,
) -> Page:
    """Partners that are wanted, in their order; goes on where a page ended, though the list changes meanwhile.

    known: what `found_wanted` said of them: a few are looked up. Without it, and of many, the order is walked until the
    page is full, which is far where almost nobody is wanted.
    """
    few = known.few if known else None
    sort = sort_of(wanted.sort, connection.dialect, is_few=few is not None)
    at_hand = known is not None and few is None and known.total <= SOME
    test = test_for(viewer, connection, wanted, Way.AT_HAND if at_hand else Way.MET)
    if few is not None:
        test.add(f"o.organization_id IN ({', '.join('?' * len(few)) or 'NULL'})", *few)
    if after:
        if connection.dialect == "sqlite":  # which finds no beginning by a pair of which one is an expression
            test.add(f"{sort.by} {sort.beyond}= {sort.given}", after.value)
        test.add(f"({sort.by}, {sort.of_id}) {sort.beyond} ({sort.given}, ?)", *after)
    rows = connection.records(
        f"SELECT {FIELDS}, {sort.said or sort.by} AS sorted_by FROM {sort.source} WHERE {test.sql}"
        f" ORDER BY {sort.by} {sort.way}, {sort.of_id} {sort.way} LIMIT ?",
        (*test.values, limit + 1),
    )
    last = rows[limit - 1] if len(rows) > limit else None
    following = Position(str(last["sorted_by"]), last["organization_id"]) if last else None
    for row in rows:
        del row["sorted_by"]
    return Page(with_more(connection, rows[:limit]), following)


def found_wanted(viewer: Viewer, connection: Connection, wanted: Wanted) -> Found:
    """How many partners are wanted, and who, where they are few."""
    test = test_for(viewer, connection, wanted, Way.NAMED)
    rows = connection.query(
        f"SELECT o.organization_id FROM {source_of(wanted, test)} WHERE {test.sql} LIMIT ?",
        (*test.values, FEW + 1),
    )
    if len(rows) <= FEW:
        return Found(len(rows), tuple(row[0] for row in rows))
    return Found(counted(connection, wanted, test))


def count_wanted(viewer: Viewer, connection: Connection, wanted: Wanted) -> int:
    """How many partners are wanted."""
    return counted(connection, wanted, test_for(viewer, connection, wanted, Way.NAMED))


def counted(connection: Connection, wanted: Wanted, test: Test) -> int:
    """How many pass a test."""
    found = connection.one(f"SELECT count(*) FROM {source_of(wanted, test)} WHERE {test.sql}", test.values)
    return int(found[0]) if found else 0


def source_of(wanted: Wanted, test: Test) -> str:
    """The tables a test speaks of, where none of its order is asked."""
    return FROM if wanted.quiet_since and QUIET in test.parts else "organization o"


def every_wanted(viewer: Viewer, connection: Connection, wanted: Wanted) -> Iterator[Listed]:
    """All partners that are wanted, in their order, a few hundred in memory at a time."""
    after: Position | None = None
    while True:
        page = list_page(viewer, connection, wanted, after, limit=500)
        yield from page.rows
        after = page.following
        if after is None:
            return


def test_for(viewer: Viewer, connection: Connection, wanted: Wanted, way: Way) -> Test:
    """The condition of a list."""
    seen, ids = viewer.within("o.organization_id")
    test = Test(["o.deleted_at IS NULL", IS_PARTNER])
    test.add(seen, *ids)
    for name in (*OF_ONE_VALUE, "city"):
        add_values(test, f"o.{name}", getattr(wanted, name))
    if wanted.source:
        one_of = " OR ".join([FROM_SOURCE] * len(wanted.source))
        test.add(one_of, *edges_of(wanted.source))
    for name in wanted.missing:
        test.add(f"NOT {FROM_SOURCE}", *edges_of((name,)))
    if wanted.service:
        add_services(test, wanted.service)
    if wanted.program:
        test.add(" OR ".join([IN_PROGRAM] * len(wanted.program)), *wanted.program)
    among = IN_ORDER_STILL if way is Way.AT_HAND else "{}"
    if wanted.attention:
        test.add(NEEDS_SOMEBODY if way is Way.MET else among.format(AMONG_NEEDY))
    if wanted.quiet_since:
        asks_each = way is Way.MET or not contacts_known(connection)
        test.add(QUIET if asks_each else among.format(AMONG_QUIET[connection.dialect]), wanted.quiet_since)
    if wanted.cohort:
        test.add(among.format(IN_COHORT), wanted.cohort)
    if wanted.text.strip():
        add_words(test, connection, wanted.text, among)
    return test


def edges_of(sources: Sequence[str]) -> Iterator[str]:
    """Between what the keys of each source's records stand."""
    return (edge for name in sources for edge in (f"{name}/", f"{name}0"))


def add_services(test: Test, services: Sequence[str]) -> None:
    """Offers one of some services, or none that is known."""
    named = [each for each in services if each != UNSET]
    parts = [OFFERS] * len(named) + (["o.services IS NULL"] if UNSET in services else [])
    test.add(" OR ".join(parts), *(f"%,{PATTERN_SIGN.sub(BY_ITSELF, each)},%" for each in named))


def contacts_known(connection: Connection) -> bool:
    """Whether it is known when who was last heard of: no publication has told yet after some migrations."""
    return connection.one("SELECT 1 FROM hub_state WHERE name = 'search'") is not None


def add_values(test: Test, column: str, values: Sequence[str]) -> None:
    """One of some values, or none at all."""
    if not values:
        return
    named = [each for each in values if each != UNSET]
    parts = [f"{column} IN ({', '.join('?' * len(named))})"] if named else []
    parts += [f"{column} IS NULL"] if UNSET in values else []
    test.add(" OR ".join(parts), *named)


def add_words(test: Test, connection: Connection, text: str, among: str) -> None:
    """Found by words that begin so: of its names, its site, its addresses, its city."""
    words = words_of(storable(text)).split()
    if not words:
        test.add("1 = 0")
    elif connection.dialect == "sqlite":
        first = KINDS.index("organization") * RANGE
        test.add(among.format(HAS_WORDS["sqlite"]), match_of(words), first, first + RANGE)
    else:
        test.add(among.format(HAS_WORDS["postgresql"]), tsquery_of(words))


def with_more(connection: Connection, rows: list[dict[str, Any]]) -> list[Listed]:
    """Rows with what several tables say of them."""
    ids = [row["organization_id"] for row in rows]
    marks = ", ".join("?" * len(ids)) or "''"
    sources: dict[str, set[str]] = {}
    for organization_id, record in connection.query(
        "SELECT organization_id, record FROM organization_link"
        f" WHERE ended_at IS NULL AND organization_id IN ({marks})",
        ids,
    ):
        sources.setdefault(organization_id, set()).add(record.split("/", 1)[0])
    programs: dict[str, list[str]] = {}
    for organization_id, program in connection.query(
        f"SELECT organization_id, program FROM partnership WHERE organization_id IN ({marks}) ORDER BY program",
        ids,
    ):
        programs.setdefault(organization_id, []).append(program)
    signals = {
        row[0]: (int(row[1]), "urgent" if row[2] else "attention")
        for row in connection.query(
            "SELECT organization_id, count(*), max(CASE WHEN level = 'urgent' THEN 1 ELSE 0 END) FROM signal"
            f" WHERE closed_at IS NULL AND level IN ('urgent', 'attention') AND organization_id IN ({marks})"
            " GROUP BY organization_id",
            ids,
        )
    }
    return [
        Listed(
            row,
            tuple(sorted(sources.get(each, ()))),
            tuple(programs.get(each, ())),
            signals.get(each, (0, "")),
        )
        for row, each in zip(rows, ids, strict=True)
    ]
