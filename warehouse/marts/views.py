"""The marts as views of a warehouse: made after every migration, taken down before one.

They hold nothing, so they are not migrated: what the program says of them is what stands. On PostgreSQL a view holds
the tables below it fast, and a migration could not alter them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

from warehouse.hub_state import forget, remember, remembered
from warehouse.marts import MARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection
    from warehouse.marts import Mart

STANDING: Final = "marts"
"""Under which name the warehouse remembers which views stand."""
READER: Final = "partnerhub_reader"
"""The role on PostgreSQL that reads the marts: `GRANT partnerhub_reader TO somebody`."""
MAKE_READER: Final = (
    f"DO $$ BEGIN CREATE ROLE {READER} NOLOGIN;"
    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)
"""Another warehouse of the same server may make it at the same moment."""
PRESENT: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'view'",
    "postgresql": "SELECT viewname FROM pg_views WHERE schemaname = 'marts'",
}


def make_views(connection: Connection) -> bool:
    """Make every mart as this program knows it; False where they stood already. Safe to call twice."""
    wanted = fingerprint()
    if remembered(connection, STANDING) == wanted:
        return False
    with connection.transaction():
        alone(connection)
        if remembered(connection, STANDING) == wanted:
            return False
        take_down(connection)
        for mart in MARTS:
            for statement in statements(mart, connection.dialect):
                connection.execute(statement)
        if connection.dialect == "postgresql":
            open_to_readers(connection)
        remember(connection, STANDING, wanted)
    return True


def alone(connection: Connection) -> None:
    """Wait until no other process of this warehouse makes or drops views; until the transaction ends."""
    if connection.dialect == "postgresql":
        connection.query("SELECT pg_advisory_xact_lock(hashtext('partnerhub marts'))")


def open_to_readers(connection: Connection) -> None:
    """Let READER see the marts and nothing else. It is made where this account may make roles."""
    if not connection.one("SELECT 1 FROM pg_roles WHERE rolname = ?", (READER,)):
        if not connection.one(
            "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreaterole OR rolsuper)"
        ):
            return
        connection.execute(MAKE_READER)
    connection.execute(f"GRANT USAGE ON SCHEMA marts TO {READER}")
    connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA marts TO {READER}")


def drop_views(connection: Connection) -> None:
    """Take every mart down. Safe to call twice."""
    with connection.transaction():
        alone(connection)
        take_down(connection)
        forget(connection, STANDING)


def take_down(connection: Connection) -> None:
    """Drop the views that are there, in the caller's transaction; none depends on another."""
    for name in sorted(present(connection) & {mart.name for mart in MARTS}):
        connection.execute(f"DROP VIEW {placed(name, connection.dialect)}")


def present(connection: Connection) -> set[str]:
    """The views that are there."""
    return {row[0] for row in connection.query(PRESENT[connection.dialect])}


def statements(mart: Mart, dialect: str) -> Iterator[str]:
    """What makes one view, with its comments where the engine keeps any."""
    name = placed(mart.name, dialect)
    columns = ", ".join(column.name for column in mart.columns)
    yield f"CREATE VIEW {name} ({columns}) AS {mart.select(dialect).strip()}"
    if dialect == "postgresql":
        yield f"COMMENT ON VIEW {name} IS {literal(f'{mart.grain} {mart.over_time}')}"
        for column in mart.columns:
            yield f"COMMENT ON COLUMN {name}.{column.name} IS {literal(column.says)}"


def placed(name: str, dialect: str) -> str:
    """A view's name, with its schema on PostgreSQL."""
    return f"marts.{name}" if dialect == "postgresql" else name


def literal(said: str) -> str:
    """A text as SQL."""
    return "'" + said.replace("'", "''") + "'"


@cache
def fingerprint() -> str:
    """What tells these marts from those of another version of the program, the same on both engines."""
    said = "\n".join(each for dialect in PRESENT for mart in MARTS for each in statements(mart, dialect))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
