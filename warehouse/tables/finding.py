"""What can be found: the table a search reads, and the indexes of both engines over it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

NAMED = text("names IS NOT NULL")
KINDS: Final = (
    "organization", "person", "deal", "touchpoint", "work_item", "document", "agreement", "commitment"
)  # fmt: skip
"""The kinds of things that can be found, in the order of their ranges of `entry_id`."""
NAMED_KINDS: Final = ("organization", "person")
"""Those with names, which are searched by parts and likeness, too."""
RANGE: Final = 1_000_000_000_000
"""How many `entry_id`s a kind has: an index in the order of numbers serves one kind without looking at others."""


@in_layer("golden")
class SearchEntry(SQLModel, table=True):
    """One thing that can be found, under one organization it belongs to. Derived with every publication.

    Only what lives: a merged id is found through its redirect. Mail and meetings stand here by subject, never by text.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        Index("search_entry_thing", "kind", "id", "organization_id", unique=True),
        Index("search_entry_name", "kind", "names", sqlite_where=NAMED, postgresql_where=NAMED),
    )
    entry_id: int = Field(primary_key=True, description="counts down within the kind's own range")
    kind: str = Field(
        description="organization, person, deal, touchpoint, work_item, document, agreement or commitment"
    )
    id: str = Field(description="organization_id, person_id or fact_id")
    organization_id: str = Field(description="whose page shows it")
    title: str
    text: str = Field(
        description="what else it is found by: lines of a name of what it is, a tab, and the value"
    )
    words: str = Field(description="the folded words of title and text, each once")
    names: str | None = Field(
        default=None,
        description="of organizations and persons: folded names, hosts and numbers, a line each",
    )
    happened_at: str | None = Field(default=None, description="of an organization its newest touchpoint")


FORGET_WORDS: Final = (
    " INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.entry_id, old.words);"
)
FORGET_NAMES: Final = (
    " INSERT INTO search_names (search_names, rowid, names) SELECT 'delete', old.entry_id, old.names"
    " WHERE old.names IS NOT NULL;"
)
NOTE_WORDS: Final = " INSERT INTO search_words (rowid, words) VALUES (new.entry_id, new.words);"
NOTE_NAMES: Final = (
    " INSERT INTO search_names (rowid, names) SELECT new.entry_id, new.names WHERE new.names IS NOT NULL;"
)
SQLITE_INDEXES: Final = (
    (
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_entry', content_rowid='entry_id',"
        " tokenize='ascii', detail='none', columnsize=0, prefix='3')"
    ),
    (
        "CREATE VIRTUAL TABLE search_names USING fts5(names, content='search_entry', content_rowid='entry_id',"
        " tokenize='trigram', columnsize=0)"
    ),
)
"""Words as `warehouse.search_words` folds them; names by every three letters of theirs."""
SQLITE_TRIGGERS: Final = {
    "search_entry_added": (
        f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN{NOTE_WORDS}{NOTE_NAMES} END"
    ),
    "search_entry_gone": (
        f"CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN{FORGET_WORDS}{FORGET_NAMES} END"
    ),
    "search_entry_changed": (
        "CREATE TRIGGER search_entry_changed AFTER UPDATE OF words, names ON search_entry BEGIN"
        f"{FORGET_WORDS}{NOTE_WORDS}{FORGET_NAMES}{NOTE_NAMES} END"
    ),
}
"""What keeps both indexes as the table is; whoever fills the whole table takes them away meanwhile."""
BY_CONTACT: Final = {
    "sqlite": (
        "CREATE INDEX search_entry_contact ON search_entry (coalesce(happened_at, ''), organization_id)"
        " WHERE kind = 'organization'"
    ),
    "postgresql": (
        "CREATE INDEX search_entry_contact ON golden.search_entry"
        " (coalesce(happened_at, '-infinity'::timestamptz), organization_id) WHERE kind = 'organization'"
    ),
}
"""Organizations by their newest touchpoint; whoever has none comes before all others."""
POSTGRES_WORDS: Final = tuple(
    f"CREATE INDEX search_entry_words_{kind} ON golden.search_entry"
    f" USING gin (array_to_tsvector(string_to_array(words, ' '))) WHERE kind = '{kind}'"
    for kind in KINDS
)
"""One for each kind: to find a partner by a word that stands in a million mails, none of those is read."""
POSTGRES_TRIGRAMS: Final = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
    *(
        f"CREATE INDEX search_entry_names_{kind} ON golden.search_entry"
        f" USING gin (names public.gin_trgm_ops) WHERE kind = '{kind}'"
        for kind in NAMED_KINDS
    ),
)


@event.listens_for(SearchEntry.__table__, "after_create")  # type: ignore[attr-defined]  # every table model has one
def add_indexes(_table: object, connection: Connection, **_options: object) -> None:
    """The engine's own indexes, as the migrations make them."""
    connection.exec_driver_sql(BY_CONTACT[connection.dialect.name])
    if connection.dialect.name == "sqlite":
        for statement in (*SQLITE_INDEXES, *SQLITE_TRIGGERS.values()):
            connection.exec_driver_sql(statement)
        return
    for statement in POSTGRES_WORDS:
        connection.exec_driver_sql(statement)
    with suppress(DBAPIError), connection.begin_nested():
        for statement in POSTGRES_TRIGRAMS:
            connection.exec_driver_sql(statement)
