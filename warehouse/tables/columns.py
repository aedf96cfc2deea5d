"""Column types by naming rule, the same text on both engines.

`*_at` is a UTC time, `*_on` a date, `*_json` JSON text with sorted keys; whole numbers are 64-bit; text is unbounded.
PostgreSQL stores real `timestamptz`, `date` and `json`; `warehouse.database` hands them back as the text SQLite holds.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    DefaultClause,
    Float,
    Integer,
    LargeBinary,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

TIME = Text().with_variant(postgresql.TIMESTAMP(timezone=True, precision=6), "postgresql")
DATE = Text().with_variant(postgresql.DATE(), "postgresql")
JSON_TEXT = Text().with_variant(postgresql.JSON(), "postgresql")
PLAIN = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that both engines sort alike, by code point: no published value may depend on a server's locale."""
BIG = BigInteger().with_variant(Integer(), "sqlite")
DATE_NAMES = frozenset({"close_date", "since", "until"})

T = TypeVar("T", bound=type[SQLModel])


def in_layer(layer: str) -> Any:
    """Class decorator: put a table into a layer, describe it by its docstring and type its columns by their names."""

    def finish(model: T) -> T:
        table = model.__table__  # type: ignore[attr-defined]  # every table model has one
        table.info["layer"] = layer
        table.comment = cleandoc(model.__doc__ or "")  # Python 3.13 takes the indent away by itself
        for column in table.columns:
            column.type = column_type(column.name, column.type)
            field = model.__pydantic_fields__.get(column.name)
            column.comment = field.description if field else None
            column.server_default = server_default(field.default if field else None)
        return model

    return finish


def server_default(value: object) -> DefaultClause | None:
    """A plain default as the database's own, as bulk writes name only the columns they fill."""
    if isinstance(value, bool):
        return DefaultClause(true() if value else false())
    if isinstance(value, (int, float)):
        return DefaultClause(text(str(value)))
    return DefaultClause(text(f"'{value}'")) if isinstance(value, str) else None


def column_type(name: str, declared: TypeEngine[Any]) -> TypeEngine[Any]:
    """The stored type of a column, from its name first and its annotation second."""
    if name.endswith("_json"):
        return JSON_TEXT
    if name.endswith("_at"):
        return TIME
    if name.endswith("_on") or name in DATE_NAMES:
        return DATE
    if isinstance(declared, (Boolean, Float, LargeBinary)):
        return declared
    return BIG if isinstance(declared, Integer) else PLAIN
