"""Everything that happened with one organization as one stream, filtered, in pages, as far as the viewer may see it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.mail_sight import Level, levels, portions
from warehouse.queries.partners import mentions
from warehouse.queries.record import source_of
from warehouse.queries.stream_extras import acts_before, stages_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

PAGE: Final = 40
MOST_ROUNDS: Final = 8
"""How often a page reads on for rows that pass the filter and may be seen, before it offers the next page."""
EXCERPT: Final = 400
MAIL: Final = "mail"
KINDS: Final[dict[str, str]] = {
    MAIL: "t.kind = 'email'",
    "meeting": "t.kind IN ('meeting', 'visit')",
    "call": "t.kind = 'call'",
    "note": "t.entity = 'touchpoint' AND t.kind NOT IN ('email', 'meeting', 'visit', 'call', 'comment')",
    "comment": "t.kind = 'comment'",
    "deal": "t.entity = 'deal'",
    "work": "t.entity = 'work_item'",
    "document": "t.entity = 'document'",
    "agreement": "t.entity = 'agreement'",
    "commitment": "t.entity = 'commitment'",
}
"""Kind a page filters by → its condition; `stage` and `act` come from elsewhere."""
STAGE, ACT = "stage", "act"
EVERY_KIND: Final = (*KINDS, STAGE, ACT)
ROWS: Final = (
    "SELECT t.fact_id, t.entity, t.kind, t.happened_at, f.title, f.direction, f.nature, f.record, f.thread, t.method,"
    f" CASE WHEN s.sensitivity = 'normal' THEN substr(s.text, 1, {EXCERPT}) END AS text, s.deep_link, s.left_out,"
    " s.ended_at, {in_title} AS in_title FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
    " LEFT JOIN staged_touchpoint s ON s.record = f.record WHERE {tests}"
    " ORDER BY t.happened_at DESC, t.fact_id DESC LIMIT ?"
)
ATTACHED_TO_MAIL: Final = (
    "NOT (t.entity = 'document' AND EXISTS (SELECT 1 FROM staged_document d WHERE d.record = f.record"
    " AND d.parent_record IS NOT NULL))"
)
"""What hangs on something else is named there."""
FROM_SOURCE: Final = (
    "EXISTS (SELECT 1 FROM fact_source c WHERE c.fact_id = t.fact_id AND c.record > ? AND c.record < ?)"
)
PEOPLE: Final = (
    "SELECT record, role, name, address FROM participant WHERE record IN ({marks}) ORDER BY record, position"
)
FILES: Final = (
    "SELECT c.fact_id, d.title FROM fact_source c JOIN staged_document d ON d.parent_record = c.record"
    " WHERE c.fact_id IN ({marks}) AND d.deleted_at IS NULL ORDER BY c.fact_id, d.record"
)

LINKS: Final = "SELECT record, custom_json FROM staged_work_item WHERE record IN ({marks})"

Position = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks of the stream; empty is everything. Days are UTC: `2026-09-01`."""

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    person: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is filtered."""
        return self == Wanted()

    def includes(self, kind: str) -> bool:
        """Whether things of a kind are asked for at all."""
        return not self.kinds or kind in self.kinds


class Participant(NamedTuple):
    """Somebody on a touchpoint."""

    role: str
    name: str | None
    address: str | None

    @property
    def called(self) -> str:
        """Their name, else address."""
        return self.name or self.address or "somebody"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. mark: its anchor. title, text, people and files only as far as the viewer may see them.

    level: how much that is. kind: of the source; `stage` and `act` for what is no fact. fact_id: None for those. text:
    how it begins; left_out: why its text is not here. method: how it came to this organization.
    """

    mark: str
    entity: str
    kind: str
    happened_at: str
    title: str | None
    source: str
    record: str | None = None
    fact_id: str | None = None
    direction: str | None = None
    nature: str = "person"
    thread: str | None = None
    method: str = ""
    text: str | None = None
    link: str | None = None
    left_out: str | None = None
    level: Level = Level.EVERYTHING
    people: tuple[Participant, ...] = ()
    files: tuple[str, ...] = ()
    is_mail: bool = False

    @property
    def position(self) -> Position:
        """Where it stands in the stream."""
        return self.happened_at, self.mark


class Page(NamedTuple):
    """A page of the stream, the newest first. following: where the next one begins; None at the end."""

    happenings: list[Happening]
    following: Position | None


@dataclass(slots=True)
class Query:
    """A filter as SQL."""

    tests: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, test: str, *values: Any) -> None:
        """One more condition."""
        self.tests.append(test)
        self.values += values


def stream(
    viewer: Viewer,
    connection: Connection,
    organization_id: str,
    wanted: Wanted,
    *,
    before: Position | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of what happened, beginning after `before`. A filter never tells what its viewer may not see."""
    mine = viewer.only(organization_id)
    facts, following = facts_before(viewer, connection, mine, wanted, before, limit)
    extras: list[Happening] = []
    if not (wanted.person or wanted.sources or wanted.text):
        for kind, read in ((STAGE, stages_before), (ACT, acts_before)):
            if wanted.includes(kind):
                extras += [
                    Happening(**each) for each in read(connection, mine, before, bounds(wanted), limit + 1)
                ]
    # What is read ahead of the facts must not jump over facts that were not read yet.
    extras = [each for each in extras if following is None or each.position > following]
    found = sorted((*facts, *extras), key=lambda each: each.position, reverse=True)
    if len(found) > limit:
        found = found[:limit]
        following = found[-1].position
    return Page(with_details(connection, found), following)


def facts_before(
    viewer: Viewer,
    connection: Connection,
    organization_id: str,
    wanted: Wanted,
    before: Position | None,
    limit: int,
) -> tuple[list[Happening], Position | None]:
    """Facts that pass the filter and may be seen by it, and where to read on; None when there are no more."""
    if wanted.kinds and not set(wanted.kinds) & set(KINDS):
        return [], None
    found: list[Happening] = []
    for _ in range(MOST_ROUNDS):
        rows = read_rows(connection, organization_id, wanted, before, limit + 1)
        sights = levels(viewer, connection, [row["fact_id"] for row in rows])
        found += [
            happening(row, level) for row in rows if passes(row, level := sights[row["fact_id"]], wanted)
        ]
        if len(rows) <= limit:
            return found, None
        before = (rows[-1]["happened_at"], rows[-1]["fact_id"])
        if len(found) >= limit:
            break
    return found, before


def read_rows(
    connection: Connection, organization_id: str, wanted: Wanted, before: Position | None, limit: int
) -> list[dict[str, Any]]:
    """Rows of the timeline that pass a filter, whoever may see them."""
    query = Query()
    query.add("t.organization_id = ?", organization_id)
    query.add(ATTACHED_TO_MAIL)
    if before:
        query.add("(t.happened_at, t.fact_id) < (?, ?)", *before)
    since, until = bounds(wanted)
    query.add("t.happened_at >= ? AND t.happened_at <= ?", since, until)
    if wanted.kinds:
        query.add(f"({' OR '.join(f'({KINDS[kind]})' for kind in wanted.kinds if kind in KINDS)})")
    if wanted.sources:
        ends = [end for name in wanted.sources for end in (f"{name}/", f"{name}0")]
        query.add(f"({' OR '.join(FROM_SOURCE for _ in wanted.sources)})", *ends)
    if wanted.person:
        with_person(connection, query, wanted.person)
    in_title, titles = mentions(("f.title",), wanted.text) if wanted.text else ("1 = 1", [])
    if wanted.text:
        test, values = mentions(("f.title", "s.text"), wanted.text)
        query.add(test, *values)
    statement = ROWS.format(
        in_title=f"CASE WHEN {in_title} THEN 1 ELSE 0 END", tests=" AND ".join(query.tests)
    )
    return connection.records(statement, (*titles, *query.values, limit))


def bounds(wanted: Wanted) -> tuple[str, str]:
    """The first and the last moment asked for."""
    return (
        f"{wanted.since or '0001-01-01'}T00:00:00.000000Z",
        f"{wanted.until or '9998-12-31'}T23:59:59.999999Z",
    )


def with_person(connection: Connection, query: Query, person_id: str) -> None:
    """Only what somebody took part in, by any address or record of theirs."""
    row = connection.one("SELECT anchors_json FROM person WHERE person_id = ?", (person_id,))
    anchors = json.loads(row[0]) if row and row[0] else []
    addresses = [each.removeprefix("email:") for each in anchors if each.startswith("email:")]
    records = [each.removeprefix("record:") for each in anchors if each.startswith("record:")]
    tests = [f"p.{column} IN ({', '.join('?' * len(values))})"
             for column, values in (("address", addresses), ("person_record", records)) if values]  # fmt: skip
    test = f"({' OR '.join(tests)})" if tests else "1 = 0"
    query.add(
        f"EXISTS (SELECT 1 FROM participant p WHERE p.record = f.record AND {test})", *addresses, *records
    )


def passes(row: dict[str, Any], level: Level, wanted: Wanted) -> bool:
    """Whether what the viewer may see of a row is what passed the filter."""
    if wanted.person and level < Level.METADATA:
        return False
    if not wanted.text:
        return True
    return level >= (Level.SUBJECT if row["in_title"] else Level.EVERYTHING)


def happening(row: dict[str, Any], level: Level) -> Happening:
    """A row as its viewer sees it."""
    return Happening(
        mark=row["fact_id"],
        entity=row["entity"],
        kind=row["kind"],
        happened_at=row["happened_at"],
        title=row["title"] if level >= Level.SUBJECT else None,
        source=source_of(row["record"]),
        record=row["record"],
        fact_id=row["fact_id"],
        direction=row["direction"],
        nature=row["nature"],
        thread=row["thread"] if level >= Level.METADATA else None,
        method=row["method"],
        text=row["text"] if level >= Level.EVERYTHING else None,
        link=row["deep_link"],
        left_out=row["left_out"],
        level=level,
        is_mail=row["kind"] == "email",
    )


def with_details(connection: Connection, happenings: list[Happening]) -> list[Happening]:
    """The same with who took part and what is attached, as far as the viewer may see it."""
    people = participants(
        connection, [each.record for each in happenings if each.record and each.level >= Level.METADATA]
    )
    files = attachments(
        connection, [each.fact_id for each in happenings if each.fact_id and each.level >= Level.SUBJECT]
    )
    links = links_of(
        connection, [each.record for each in happenings if each.record and each.entity == "work_item"]
    )
    return [
        replace(
            each, people=people.get(each.record or "", ()), files=files.get(each.fact_id or "", ()),
            link=each.link or links.get(each.record or ""),
        )
        for each in happenings
    ]  # fmt: skip


def links_of(connection: Connection, records: Sequence[str]) -> dict[str, str]:
    """Where work items stand at their sources, where those say so."""
    found: dict[str, str] = {}
    for some in portions(records):
        for record, custom in connection.query(LINKS.format(marks=", ".join("?" * len(some))), some):
            link = json.loads(custom).get("link") if custom else None
            found |= {record: link} if isinstance(link, str) else {}
    return found


def participants(connection: Connection, records: Sequence[str]) -> dict[str, tuple[Participant, ...]]:
    """Who took part, by record."""
    found: dict[str, list[Participant]] = {}
    for some in portions(records):
        for record, *said in connection.query(PEOPLE.format(marks=", ".join("?" * len(some))), some):
            found.setdefault(record, []).append(Participant(*said))
    return {record: tuple(dict.fromkeys(people)) for record, people in found.items()}


def attachments(connection: Connection, fact_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names of what hangs on facts."""
    found: dict[str, list[str]] = {}
    for some in portions(fact_ids):
        for fact_id, title in connection.query(FILES.format(marks=", ".join("?" * len(some))), some):
            found.setdefault(fact_id, []).append(title)
    return {fact_id: tuple(dict.fromkeys(titles)) for fact_id, titles in found.items()}


def one_happening(viewer: Viewer, connection: Connection, fact_id: str) -> tuple[Happening, list[str]] | None:
    """One fact as the viewer sees it, and the organizations on whose timelines it is; None for an unknown one."""
    seen, ids = viewer.within("t.organization_id")
    where = connection.query(
        f"SELECT t.organization_id FROM timeline t WHERE t.fact_id = ? AND {seen} ORDER BY t.organization_id",
        (fact_id, *ids),
    )
    if not where:
        return None
    rows = connection.records(
        ROWS.format(in_title="1", tests="t.fact_id = ? AND t.organization_id = ?"), (fact_id, where[0][0], 1)
    )
    level = levels(viewer, connection, [fact_id])[fact_id]
    (found,) = with_details(connection, [happening(rows[0], level)])
    return found, [row[0] for row in where]


def sources_of(viewer: Viewer, connection: Connection, organization_id: str) -> list[str]:
    """The sources something on the newest part of a timeline is from, by name."""
    rows = connection.query(
        "SELECT DISTINCT n.source FROM (SELECT substr(f.record, 1, {at}) AS source FROM timeline t JOIN fact f"
        " ON f.fact_id = t.fact_id WHERE t.organization_id = ? ORDER BY t.happened_at DESC LIMIT 400) n".format(
            at="instr(f.record, '/') - 1" if connection.dialect == "sqlite" else "strpos(f.record, '/') - 1"
        ),
        (viewer.only(organization_id),),
    )
    return sorted(str(row[0]) for row in rows)
