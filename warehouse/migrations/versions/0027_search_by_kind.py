"""Indexes for what pages ask of many: on PostgreSQL words and names of each kind apart, and open signals by level.

Revision ID: 0027
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse.migrations.tables import schema_of

revision = "0027"
down_revision = "0026"

KINDS: Final = (
    "organization", "person", "deal", "touchpoint", "work_item", "document", "agreement", "commitment"
)  # fmt: skip
NAMED_KINDS: Final = KINDS[:2]
OPEN: Final = text("closed_at IS NULL")
WORDS: Final = "golden.search_entry USING gin (array_to_tsvector(string_to_array(words, ' ')))"
NAMES: Final = "golden.search_entry USING gin (names public.gin_trgm_ops)"


def upgrade() -> None:
    """Build them, and drop those of all kinds together; no row changes."""
    op.create_index(
        "signal_open", "signal", ["level", "organization_id"], schema=schema_of("golden"),
        sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        return
    for kind in KINDS:
        bind.exec_driver_sql(f"CREATE INDEX search_entry_words_{kind} ON {WORDS} WHERE kind = '{kind}'")
    bind.exec_driver_sql("DROP INDEX golden.search_entry_words")
    # Where the extension is not to be had there was no index over names either.
    with suppress(DBAPIError), bind.begin_nested():
        for kind in NAMED_KINDS:
            bind.exec_driver_sql(f"CREATE INDEX search_entry_names_{kind} ON {NAMES} WHERE kind = '{kind}'")
        bind.exec_driver_sql("DROP INDEX IF EXISTS golden.search_entry_names")


def downgrade() -> None:
    """One index over the words of all kinds again, and one over names."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for kind in KINDS:
            bind.exec_driver_sql(f"DROP INDEX golden.search_entry_words_{kind}")
        bind.exec_driver_sql(f"CREATE INDEX search_entry_words ON {WORDS}")
        for kind in NAMED_KINDS:
            bind.exec_driver_sql(f"DROP INDEX IF EXISTS golden.search_entry_names_{kind}")
        with suppress(DBAPIError), bind.begin_nested():
            bind.exec_driver_sql(f"CREATE INDEX search_entry_names ON {NAMES}")
    op.drop_index("signal_open", "signal", schema=schema_of("golden"))
