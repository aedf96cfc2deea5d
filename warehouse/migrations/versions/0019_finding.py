"""Finding: one row per thing that can be found with its index; lists people save, and explicit lists of partners.

On PostgreSQL names are also indexed by trigrams where the extension pg_trgm can be had. The rows come with the next
publication: see `pipelines.golden.search`.

Revision ID: 0019
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from alembic import op
from sqlalchemy.exc import DBAPIError

from warehouse.migrations.tables import Field, Index, Table, create, drop

revision = "0019"
down_revision = "0018"

ENTRY: Final = Table(
    "search_entry",
    """
    One thing that can be found, under one organization it belongs to. Derived with every publication.

    Only what lives: a merged id is found through its redirect. Mail and meetings stand here by subject, never by text.
    """,
    (
        Field("entry_id", "int key", "counts down within the kind's own range"),
        Field(
            "kind",
            "text",
            "organization, person, deal, touchpoint, work_item, document, agreement or commitment",
        ),
        Field("id", "text", "organization_id, person_id or fact_id"),
        Field("organization_id", "text", "whose page shows it"),
        Field("title", "text"),
        Field(
            "text", "text", "what else it is found by: lines of a name of what it is, a tab, and the value"
        ),
        Field("words", "text", "the folded words of title and text, each once"),
        Field(
            "names", "text null", "of organizations and persons: folded names, hosts and numbers, a line each"
        ),
        Field("happened_at", "time null", "of an organization its newest touchpoint"),
    ),
    (
        Index("search_entry_thing", ("kind", "id", "organization_id"), unique=True),
        Index("search_entry_name", ("kind", "names"), where="names IS NOT NULL"),
    ),
)
VIEW: Final = Table(
    "saved_view",
    "A list of partners saved under a name: a rule (what the list's address asks for), or an explicit list.",
    (
        Field("view_id", "text key"),
        Field("name", "text"),
        Field("kind", "text", "rule or cohort"),
        Field("query_json", "json", "of a rule: the parameters of the list as pairs, in order"),
        Field("account_id", "text null", "whose it is; null: everybody's"),
        Field("created_at", "time"),
        Field("created_by", "text"),
    ),
    (Index("saved_view_account", ("account_id",)),),
)
MEMBER: Final = Table(
    "saved_view_member",
    "A partner on an explicit list. A merged id stands for its survivor.",
    (
        Field("view_id", "text key"),
        Field("organization_id", "text key"),
        Field("added_at", "time"),
        Field("added_by", "text"),
    ),
)
SQLITE_UP: Final = (
    (
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_entry', content_rowid='entry_id',"
        " tokenize='ascii', detail='none', columnsize=0, prefix='3')"
    ),
    (
        "CREATE VIRTUAL TABLE search_names USING fts5(names, content='search_entry', content_rowid='entry_id',"
        " tokenize='trigram', columnsize=0)"
    ),
    (
        "CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN"
        " INSERT INTO search_words (rowid, words) VALUES (new.entry_id, new.words);"
        " INSERT INTO search_names (rowid, names) SELECT new.entry_id, new.names WHERE new.names IS NOT NULL; END"
    ),
    (
        "CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN"
        " INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.entry_id, old.words);"
        " INSERT INTO search_names (search_names, rowid, names) SELECT 'delete', old.entry_id, old.names"
        " WHERE old.names IS NOT NULL; END"
    ),
    (
        "CREATE TRIGGER search_entry_changed AFTER UPDATE OF words, names ON search_entry BEGIN"
        " INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.entry_id, old.words);"
        " INSERT INTO search_words (rowid, words) VALUES (new.entry_id, new.words);"
        " INSERT INTO search_names (search_names, rowid, names) SELECT 'delete', old.entry_id, old.names"
        " WHERE old.names IS NOT NULL;"
        " INSERT INTO search_names (rowid, names) SELECT new.entry_id, new.names WHERE new.names IS NOT NULL; END"
    ),
)
SQLITE_DOWN: Final = ("DROP TABLE search_names", "DROP TABLE search_words")
POSTGRES_WORDS: Final = (
    "CREATE INDEX search_entry_words ON golden.search_entry"
    " USING gin (array_to_tsvector(string_to_array(words, ' ')))"
)
POSTGRES_TRIGRAMS: Final = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
    "CREATE INDEX search_entry_names ON golden.search_entry USING gin (names public.gin_trgm_ops)",
)


def upgrade() -> None:
    """Nothing is found yet, and nothing saved."""
    create("golden", ENTRY)
    create("access", VIEW)
    create("access", MEMBER)
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for statement in SQLITE_UP:
            bind.exec_driver_sql(statement)
        return
    bind.exec_driver_sql(POSTGRES_WORDS)
    # Not every server has the extension, or lets this user make it.
    with suppress(DBAPIError), bind.begin_nested():
        for statement in POSTGRES_TRIGRAMS:
            bind.exec_driver_sql(statement)


def downgrade() -> None:
    """Without what people saved; the extension stays."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for statement in SQLITE_DOWN:
            bind.exec_driver_sql(statement)
    drop("access", MEMBER)
    drop("access", VIEW)
    drop("golden", ENTRY)
    op.execute("DELETE FROM hub_state WHERE name = 'search'")
