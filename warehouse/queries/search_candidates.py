"""What an index offers for some words, in each engine's own terms; how well it fits is judged by `search`.

Words are `[a-z0-9]+` as `warehouse.search_words` folds them, so they need no quoting in either query language. No
question looks at more than `MOST` entries of a kind, the newest on SQLite: a word that stands in a million subjects
answers as fast as a rare one.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from warehouse.tables.finding import KINDS, RANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

MOST: Final = 1_000
ENOUGH: Final = 6
"""Entries with the whole words beside which nobody asks for longer ones."""
MOST_DOCUMENTS: Final = 200
"""Documents bring the text of their slides along."""
MOST_LIKE: Final = 600
COMMON: Final = "SELECT EXISTS (SELECT 1 FROM search_words WHERE search_words MATCH ? LIMIT 1 OFFSET 20000)"
COMMON_IN_KIND: Final = (
    "SELECT EXISTS (SELECT 1 FROM search_entry e WHERE {has_words} AND {of_kind} LIMIT 1 OFFSET 20000)"
)
PREFIX: Final = 3
"""Letters from which on a word also stands for every word that begins so."""
TYPED_WRONG: Final = 5
"""Letters from which on a word may be mistyped: shorter ones have too few neighbors that are meant."""
LIKE_ENOUGH: Final = 0.35
"""Word similarity from which on PostgreSQL offers a name."""
BEHIND: Final = "\x7f"
"""Behind every letter of a folded text."""
COLUMNS: Final = (
    "e.entry_id, e.kind, e.id, e.organization_id, e.title, e.text, e.words, e.names, e.happened_at"
)
HAS_WORDS: Final = "array_to_tsvector(string_to_array(e.words, ' ')) @@ (SELECT ?::tsquery)"
"""PostgreSQL: what is asked stands apart. Seeing it, the planner takes how often a word stands in names for how often
it stands in subjects, expects to meet enough of them on its way, and reads millions of entries."""


Told: TypeAlias = "dict[tuple[str, str], bool]"
"""Whether words are common, as one search asked."""


class Candidate(NamedTuple):
    """A row of `search_entry`."""

    entry_id: int
    kind: str
    id: str
    organization_id: str
    title: str
    text: str
    words: str
    names: str | None
    happened_at: str | None


def by_words(
    viewer: Viewer, connection: Connection, kind: str, words: Sequence[str], told: Told | None = None
) -> list[Candidate]:
    """Entries in which every word stands; where those are few, also those in which it begins one.

    A whole word is read off its index as it is; all words that begin somehow have to be gathered first.
    """
    whole = having(viewer, connection, kind, words, whole=True)
    if len(whole) >= ENOUGH:
        return whole
    if connection.dialect == "sqlite" and is_common(connection, kind, words[-1], told):
        return whole
    return having(viewer, connection, kind, words, whole=False)


def is_common(connection: Connection, kind: str, word: str, told: Told | None = None) -> bool:
    """Whether a word stands in so many entries (on PostgreSQL of the kind) that it is meant as it is.

    To find what begins so on SQLite, all entries of it are gathered first: half a second where there are millions.
    told: what was asked before in one search, for which it is kept.
    """
    is_sqlite = connection.dialect == "sqlite"
    key = ("" if is_sqlite else kind, word)
    if told is not None and key in told:
        return told[key]
    if is_sqlite:
        found = connection.one(COMMON, (f'"{word}"',))
    else:
        asked = COMMON_IN_KIND.format(has_words=HAS_WORDS, of_kind=of_kind(kind))
        found = connection.one(asked, (tsquery_of([word], whole=True),))
    answer = bool(found and found[0])
    if told is not None:
        told[key] = answer
    return answer


def by_whole_words(
    viewer: Viewer, connection: Connection, kind: str, words: Sequence[str]
) -> list[Candidate]:
    """Entries in which every word stands as it is: what is beside something that was named exactly."""
    return having(viewer, connection, kind, words, whole=True)


def having(
    viewer: Viewer, connection: Connection, kind: str, words: Sequence[str], *, whole: bool
) -> list[Candidate]:
    """Entries in which every word stands."""
    most = MOST_DOCUMENTS if kind == "document" else MOST
    if connection.dialect == "sqlite":
        return from_index(viewer, connection, ("search_words", kind, match_of(words, whole=whole), most))
    return from_tsvector(viewer, connection, (kind, tsquery_of(words, whole=whole), most))


def match_of(words: Sequence[str], *, whole: bool = False) -> str:
    """An FTS5 query for all of some words, or their beginnings, too."""
    return " AND ".join(
        f'"{word}"{"*" if not whole and stands_for_more(word, words) else ""}' for word in words
    )


def tsquery_of(words: Sequence[str], *, whole: bool = False) -> str:
    """The same for PostgreSQL."""
    return " & ".join(
        f"'{word}'{':*' if not whole and stands_for_more(word, words) else ''}" for word in words
    )


def stands_for_more(word: str, words: Sequence[str]) -> bool:
    """Whether a word also stands for words that begin so: the last one, which may still be typed."""
    return word == words[-1] and len(word) > 1


def by_beginning(viewer: Viewer, connection: Connection, kind: str, name: str) -> list[Candidate]:
    """Entries whose first name begins so; the name itself first."""
    seen, ids = viewer.within("e.organization_id")
    rows = connection.query(
        f"SELECT {COLUMNS} FROM search_entry e WHERE e.names IS NOT NULL AND e.names >= ? AND e.names < ?"
        f" AND e.kind = ? AND {seen} ORDER BY e.names LIMIT ?",
        (name, name + BEHIND, kind, *ids, 60),
    )
    return [Candidate(*row) for row in rows]


def by_part(viewer: Viewer, connection: Connection, kind: str, words: Sequence[str]) -> list[Candidate]:
    """Entries in whose names every word stands somewhere; words too short for it are left out."""
    parts = [word for word in words if len(word) >= PREFIX]
    if not parts:
        return []
    if connection.dialect == "sqlite":
        asked = " AND ".join(f'"{part}"' for part in parts)
        return from_index(viewer, connection, ("search_names", kind, asked, MOST_LIKE))
    if not has_trigrams(connection):
        return []
    tests = " AND ".join("e.names LIKE (SELECT ?)" for _ in parts)
    return from_names(viewer, connection, kind, tests, [f"%{part}%" for part in parts])


def by_likeness(
    viewer: Viewer, connection: Connection, kind: str, words: Sequence[str], told: Told | None = None
) -> list[Candidate]:
    """Entries with names that are spelled about so: all longer words together, or else one of them.

    A word that stands in very many entries is no slip.
    """
    long = sorted((word for word in words if len(word) >= TYPED_WRONG), key=len, reverse=True)[:3]
    long = [word for word in long if not is_common(connection, kind, word, told)]
    tries = [long, *([word] for word in long)] if len(long) > 1 else [long]
    for some in tries:
        if some and (found := about(viewer, connection, kind, some)):
            return found
    return []


def about(viewer: Viewer, connection: Connection, kind: str, words: Sequence[str]) -> list[Candidate]:
    """Entries with names spelled about like each of these words.

    On PostgreSQL without `pg_trgm`: those that have words with the same three letters in front.
    """
    if connection.dialect == "sqlite":
        asked = " AND ".join(f"({shared_trigrams(word)})" for word in words)
        return from_index(viewer, connection, ("search_names", kind, asked, MOST_LIKE))
    if not has_trigrams(connection):
        asked = " & ".join(f"'{word[:PREFIX]}':*" for word in words)
        return from_tsvector(viewer, connection, (kind, asked, MOST_LIKE))
    connection.execute(f"SET pg_trgm.word_similarity_threshold = {LIKE_ENOUGH}")
    tests = " AND ".join("e.names OPERATOR(public.%>) (SELECT ?)" for _ in words)
    return from_names(viewer, connection, kind, tests, list(words))


def shared_trigrams(word: str) -> str:
    """An FTS5 query for names that share two trigrams with a word, far enough apart for one slip to spare both."""
    found = [word[at : at + 3] for at in range(len(word) - 2)]
    apart = 1 if len(found) <= TYPED_WRONG else 3
    pairs = [(one, other) for one, other in combinations(range(len(found)), 2) if other - one >= apart]
    return " OR ".join(f'("{found[one]}" AND "{found[other]}")' for one, other in pairs[:40])


def has_trigrams(connection: Connection) -> bool:
    """Whether this PostgreSQL has the index over trigrams."""
    found = connection.one("SELECT to_regclass('golden.search_entry_names_organization') IS NOT NULL")
    return bool(found and found[0])


def from_index(viewer: Viewer, connection: Connection, asked: tuple[str, str, str, int]) -> list[Candidate]:
    """SQLite: what an FTS5 index has for a query, the newest first. asked: index, kind, query, how many at most."""
    index, kind, query, most = asked
    seen, ids = viewer.within("e.organization_id")
    first = KINDS.index(kind) * RANGE
    rows = connection.query(
        f"SELECT {COLUMNS} FROM {index} CROSS JOIN search_entry e WHERE {index} MATCH ?"
        f" AND {index}.rowid > ? AND {index}.rowid <= ? AND e.entry_id = {index}.rowid AND {seen}"
        f" ORDER BY {index}.rowid LIMIT ?",
        (query, first, first + RANGE, *ids, most),
    )
    return [Candidate(*row) for row in rows]


def of_kind(kind: str) -> str:
    """PostgreSQL: a test for a kind. It stands in the statement itself, where the planner sees which index is meant."""
    return f"e.kind = '{KINDS[KINDS.index(kind)]}'"


def from_tsvector(viewer: Viewer, connection: Connection, asked: tuple[str, str, int]) -> list[Candidate]:
    """PostgreSQL: what the index over words has for a query. asked: kind, query, how many at most.

    Apart from the rest of the statement, so that no planner walks another index instead.
    """
    kind, query, most = asked
    seen, ids = viewer.within("e.organization_id")
    rows = connection.query(
        f"WITH found AS MATERIALIZED (SELECT {COLUMNS} FROM search_entry e"
        f" WHERE {HAS_WORDS} AND {of_kind(kind)} AND {seen} LIMIT ?) SELECT * FROM found",
        (query, *ids, most),
    )
    return [Candidate(*row) for row in rows]


def from_names(
    viewer: Viewer, connection: Connection, kind: str, tests: str, values: list[str]
) -> list[Candidate]:
    """PostgreSQL: entries whose names pass tests that the index over trigrams serves."""
    seen, ids = viewer.within("e.organization_id")
    rows = connection.query(
        f"WITH found AS MATERIALIZED (SELECT {COLUMNS} FROM search_entry e"
        f" WHERE {tests} AND {of_kind(kind)} AND {seen} LIMIT ?) SELECT * FROM found",
        (*values, *ids, MOST_LIKE),
    )
    return [Candidate(*row) for row in rows]
