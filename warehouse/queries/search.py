"""The one search: over names, addresses, numbers, ids, people, subjects, deals, work and slides, with why each matched.

What is named exactly comes first, then names that are or begin so, then whatever holds every word, then names that are
spelled about so. Things with a day come newest first. Nobody finds what they may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries import search_candidates as candidates
from warehouse.queries.mail_sight import with_subject
from warehouse.queries.partners import storable
from warehouse.queries.search_exact import NUMBER, Named, named
from warehouse.search_words import digits_of, fold_once, likeness, words_of
from warehouse.tables.finding import KINDS, NAMED_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.queries.search_candidates import Candidate
    from warehouse.viewer import Viewer

A_FEW: Final = 6
"""Hits of a group beside others."""
MANY: Final = 60
"""Hits of a group alone."""
MOST_WORDS: Final = 8
ALIKE: Final = 0.34
"""Likeness of names on average over the words from which on one may have been meant."""
EXACT, SAME, ALSO_SAME, BEGINS, IN_NAME, IN_NAMES, IN_TEXT, PART, LIKE = 120, 100, 90, 80, 70, 60, 50, 45, 40
"""How well something fits; of spelled about so, times how alike."""
GROUPS: Final = (
    ("partners", ("organization",)),
    ("organizations", ("organization",)),
    ("people", ("person",)),
    ("deals", ("deal",)),
    ("mail", ("touchpoint",)),
    ("work", ("work_item",)),
    ("documents", ("document",)),
    ("agreements", ("agreement", "commitment")),
)
AT_ONCE: Final = 100
"""Hits of which it is asked at once whether somebody may see them."""
UNASKED: Final = ""
"""In place of the line that matched, as long as nobody asks: what has a day is ordered by it, and a page shows six."""
OF_MAIL: Final = frozenset({"touchpoint", "document"})


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. organization: the name of the one whose page shows it.

    line: what of it matched: `title`, a line of its text, `id`, `former_id`, `record`, or `like` for a name spelled
    about so. said: that line's value. about: of an organization its site and city.
    """

    kind: str
    id: str
    organization_id: str
    organization: str
    partner: bool
    title: str
    happened_at: str | None
    line: str
    said: str
    about: tuple[str, ...] = ()


class Group(NamedTuple):
    """Hits of one group. more: whether there are others."""

    name: str
    hits: list[Hit]
    more: bool


class Asked(NamedTuple):
    """What somebody typed: as it is, its folded words, those as one line, and which of them turned out to be common."""

    typed: str
    words: tuple[str, ...]
    line: str
    common: candidates.Told


class Scored(NamedTuple):
    """A candidate, how well it fits, and why."""

    score: float
    row: Candidate
    line: str
    said: str


def search(viewer: Viewer, connection: Connection, typed: str, only: str = "") -> list[Group]:
    """Whatever is found for a text, in groups, partners first; empty groups are left out.

    only: the name of one group, of which then as many as are of use are shown.
    """
    asked = asked_for(typed)
    if not asked.typed:
        return []
    wanted = {kind for name, kinds in GROUPS if only in {"", name} for kind in kinds}
    scored = exactly(viewer, connection, asked, wanted)
    taken = {(each.row.kind, each.row.id, each.row.organization_id) for each in scored}
    for kind in KINDS:
        if kind in wanted and asked.words:
            if kind not in NAMED_KINDS:
                rows = (
                    candidates.by_whole_words(viewer, connection, kind, asked.words)
                    if taken
                    else candidates.by_words(viewer, connection, kind, asked.words, asked.common)
                )
                found = [Scored(IN_TEXT, row, UNASKED, "") for row in rows]
            else:
                found = of_names(viewer, connection, kind, asked)
                found = found or ([] if taken else spelled_about(viewer, connection, kind, asked))
            scored += [each for each in found if each.row[1:4] not in taken]
    return in_groups(viewer, connection, scored, asked, only)


def asked_for(typed: str) -> Asked:
    """What somebody typed; a telephone number as its digits, however it is written."""
    text = storable(typed)
    if NUMBER.fullmatch(text):
        digits = digits_of(text).lstrip("0")
        return Asked(text, (digits,), digits, {})
    words = tuple(words_of(text).split()[:MOST_WORDS])
    return Asked(text, words, " ".join(words), {})


def exactly(viewer: Viewer, connection: Connection, asked: Asked, wanted: set[str]) -> list[Scored]:
    """What the text names exactly, as entries the viewer may see."""
    found: list[Scored] = []
    seen, ids = viewer.within("e.organization_id")
    for each in named(viewer, connection, asked.typed):
        kinds = [each.kind] if each.kind != "fact" else list(KINDS[2:])
        marks = ", ".join("?" * len(kinds))
        rows = connection.query(
            f"SELECT {candidates.COLUMNS} FROM search_entry e"
            f" WHERE e.kind IN ({marks}) AND e.id = ? AND {seen} LIMIT 5",
            (*kinds, each.id, *ids),
        )
        known = may_find(viewer, connection, [candidates.Candidate(*row) for row in rows if row[1] in wanted])
        found += [exact_hit(row, each) for row in known]
    return found


def may_find(viewer: Viewer, connection: Connection, rows: list[Candidate]) -> list[Candidate]:
    """Candidates without the mails, and what hangs on them, whose subject the viewer may not see."""
    facts = {row.id for row in rows if row.kind in OF_MAIL}
    seen = with_subject(viewer, connection, facts) if facts else set()
    return [row for row in rows if row.kind not in OF_MAIL or row.id in seen]


def exact_hit(row: Candidate, found: Named) -> Scored:
    """An entry that was named."""
    return Scored(EXACT, row, found.line, found.value)


def of_names(viewer: Viewer, connection: Connection, kind: str, asked: Asked) -> list[Scored]:
    """Organizations or persons: by names that are or begin so, by words, by parts of words."""
    rows = {
        each.entry_id: each
        for each in (
            *candidates.by_beginning(viewer, connection, kind, asked.line),
            *candidates.by_words(viewer, connection, kind, asked.words, asked.common),
        )
    }
    if len(rows) < A_FEW:
        rows |= {each.entry_id: each for each in candidates.by_part(viewer, connection, kind, asked.words)}
    return [judged(row, asked) for row in rows.values()]


def spelled_about(viewer: Viewer, connection: Connection, kind: str, asked: Asked) -> list[Scored]:
    """Organizations or persons that may have been meant."""
    rows = candidates.by_likeness(viewer, connection, kind, asked.words, asked.common)
    like = [(alike(row, asked), row) for row in rows]
    return [Scored(LIKE * score, row, "like", row.title) for score, row in like if score >= ALIKE]


def judged(row: Candidate, asked: Asked) -> Scored:
    """How well an entry fits, and the first of its lines that says why."""
    names = (row.names or "").split("\n")
    title = fold_once(row.title)
    if title == asked.line:
        return Scored(SAME, row, "title", row.title)
    if title.startswith(asked.line):
        return Scored(BEGINS, row, "title", row.title)
    if all_in(asked.words, title.split()):
        return Scored(IN_NAME, row, "title", row.title)
    line, said = telling_line(row.text, asked.words, set(title.split()))
    if asked.line in names:
        return Scored(ALSO_SAME, row, line, said)
    if any(all_in(asked.words, name.split()) for name in names):
        return Scored(IN_NAMES, row, line, said)
    if all_in(asked.words, row.words.split()):
        return Scored(IN_TEXT, row, line, said)
    return Scored(PART, row, line, said)


def all_in(words: Iterable[str], among: Sequence[str]) -> bool:
    """Whether each word begins one of others."""
    return all(any(each.startswith(word) for each in among) for word in words)


def telling_line(text: str, words: Sequence[str], known: set[str]) -> tuple[str, str]:
    """The line that holds most of the words which are not in the title already; the title where none does."""
    missing = [word for word in words if not any(each.startswith(word) for each in known)] or list(words)
    best, found = 0, ("title", "")
    for line in text.split("\n"):
        name, _, value = line.partition("\t")
        folded = fold_once(value)
        among = folded.split()
        held = sum(any(each.startswith(word) for each in among) or word in folded for word in missing)
        if name == "phone" and not held:
            held = sum(word in digits_of(value) for word in missing)
        if held > best:
            best, found = held, (name, value)
    return found


def alike(row: Candidate, asked: Asked) -> float:
    """How alike one of the names of an entry and the words are: for each word the likest word of the name."""
    return max(name_alike(name.split(), asked.words) for name in (row.names or "").split("\n"))


def name_alike(name: Sequence[str], words: Sequence[str]) -> float:
    """The same for one name; what begins so counts as if it were so. Long words weigh more."""
    if not name:
        return 0.0
    letters = sum(map(len, words))
    return sum(len(word) * max(word_alike(word, each) for each in name) for word in words) / letters


def word_alike(word: str, other: str) -> float:
    """How alike two words are."""
    return 1.0 if other.startswith(word) else likeness(word, other)


def in_groups(
    viewer: Viewer, connection: Connection, scored: list[Scored], asked: Asked, only: str
) -> list[Group]:
    """Hits by group, the best (and newest) first, the same thing once."""
    scored.sort(key=lambda each: (each.row.title.casefold(), each.row.entry_id))
    scored.sort(key=lambda each: each.row.happened_at or "", reverse=True)
    scored.sort(key=rank, reverse=True)
    partners = partners_among(connection, [each.row.id for each in scored if each.row.kind == "organization"])
    found = []
    for name, kinds in GROUPS:
        if only in {"", name}:
            mine = [each for each in scored if each.row.kind in kinds and fits(name, each.row.id, partners)]
            once = list({(each.row.kind, each.row.id): each for each in reversed(mine)}.values())[::-1]
            most = MANY if only else A_FEW
            if seen := first_seen(viewer, connection, once, most + 1):
                told = [judged(each.row, asked) if each.line == UNASKED else each for each in seen[:most]]
                found.append((name, told, len(seen) > most))
    shown = [each.row.organization_id for _, some, _ in found for each in some]
    organizations = organizations_of(connection, shown)
    return [
        Group(
            name, [hit(each, organizations.get(each.row.organization_id, ("", False))) for each in some], more
        )
        for name, some, more in found
    ]


def first_seen(viewer: Viewer, connection: Connection, scored: Sequence[Scored], most: int) -> list[Scored]:
    """The first of these that the viewer may find: of mail, and what hangs on it, by a subject they may see."""
    found: list[Scored] = []
    for start in range(0, len(scored), AT_ONCE):
        some = scored[start : start + AT_ONCE]
        seen = {row.entry_id for row in may_find(viewer, connection, [each.row for each in some])}
        found += [each for each in some if each.row.entry_id in seen]
        if len(found) >= most:
            break
    return found


def rank(each: Scored) -> float:
    """What hits are ordered by: of what happened on a day only what was named exactly comes before newer things."""
    return each.score if each.row.kind in NAMED_KINDS else float(each.score == EXACT)


def fits(group: str, organization_id: str, partners: set[str]) -> bool:
    """Whether an organization belongs to the group of partners, or to that of others."""
    if group == "partners":
        return organization_id in partners
    return group != "organizations" or organization_id not in partners


def partners_among(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of some organizations that are partners."""
    return {row[0] for row in rows_of(connection, "SELECT DISTINCT organization_id FROM partnership", ids)}


def organizations_of(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """The names of some organizations, and whether they are partners."""
    known = list(dict.fromkeys(ids))
    partners = partners_among(connection, known)
    rows = rows_of(connection, "SELECT organization_id, name FROM organization", known)
    return {row[0]: (row[1], row[0] in partners) for row in rows}


def rows_of(connection: Connection, select: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows of some organizations."""
    known, found = list(dict.fromkeys(ids)), []
    for start in range(0, len(known), 500):
        some = known[start : start + 500]
        found += connection.query(f"{select} WHERE organization_id IN ({', '.join('?' * len(some))})", some)
    return found


def hit(scored: Scored, organization: tuple[str, bool]) -> Hit:
    """A hit as it is shown."""
    row = scored.row
    name, partner = organization
    return Hit(
        row.kind, row.id, row.organization_id, name, partner, row.title, row.happened_at, scored.line, scored.said,
        about(row) if row.kind == "organization" else (),
    )  # fmt: skip


def about(row: Candidate) -> tuple[str, ...]:
    """The site and the city of an organization, as far as they are known."""
    lines = [line.split("\t", 1) for line in reversed(row.text.split("\n")) if "\t" in line]
    said = dict(lines)
    return tuple(said[name] for name in ("domain", "city") if name in said)
