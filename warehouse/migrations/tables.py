"""Tables as migrations state them: plain facts, frozen, so that what a migration creates never moves with the program.

A migration must not import `warehouse.tables`: those are the tables of today. `tests/warehouse/test_migrations.py`
compares what all migrations create with them.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final, NamedTuple

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, Text, false, text, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "text": Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"),
    "time": Text().with_variant(postgresql.TIMESTAMP(timezone=True, precision=6), "postgresql"),
    "date": Text().with_variant(postgresql.DATE(), "postgresql"),
    "json": Text().with_variant(postgresql.JSON(), "postgresql"),
    "int": BigInteger().with_variant(Integer(), "sqlite"),
    "float": Float(),
    "bool": Boolean(),
    "bytes": LargeBinary(),
}


WORDS: Final[dict[str, Any]] = {"true": true(), "false": false()}
"""Defaults that each engine spells its own way."""


class Field(NamedTuple):
    """One column. type: a name of TYPES; with ` key` it is part of the primary key, with ` null` it may be null."""

    name: str
    type: str
    comment: str | None = None
    default: str | None = None

    def column(self) -> Column[Any]:
        """A new column for one statement."""
        kind, _, kept = self.type.partition(" ")
        return Column(
            self.name,
            TYPES[kind],
            primary_key=kept == "key",
            nullable=kept == "null",
            server_default=self.server_default(),
            comment=self.comment,
        )

    def server_default(self) -> Any:
        """The default as SQL, or None."""
        if self.default is None or self.default in WORDS:
            return WORDS.get(self.default or "")
        return text(self.default)


class Index(NamedTuple):
    """One index. where: the condition of a partial one."""

    name: str
    columns: tuple[str, ...]
    where: str | None = None
    unique: bool = False


class Table(NamedTuple):
    """One table of one layer. by_key: SQLite stores it in the order of its key (`WITHOUT ROWID`)."""

    name: str
    comment: str
    fields: tuple[Field, ...]
    indexes: tuple[Index, ...] = ()
    by_key: bool = False


def create(layer: str, table: Table) -> None:
    """Create a table and its indexes, on PostgreSQL in the schema of its layer."""
    schema = schema_of(layer)
    options = {"sqlite_with_rowid": False} if table.by_key else {}
    columns = [field.column() for field in table.fields]
    op.create_table(table.name, *columns, schema=schema, comment=cleandoc(table.comment), **options)
    for index in table.indexes:
        where = None if index.where is None else text(index.where)
        partial: dict[str, Any] = {} if where is None else {"sqlite_where": where, "postgresql_where": where}
        op.create_index(
            index.name, table.name, list(index.columns), schema=schema, unique=index.unique, **partial
        )


def drop(layer: str, table: Table) -> None:
    """Drop a table with its indexes."""
    op.drop_table(table.name, schema=schema_of(layer))


def schema_of(layer: str) -> str | None:
    """A layer's schema on PostgreSQL; SQLite has one namespace."""
    return layer if op.get_bind().dialect.name == "postgresql" else None
