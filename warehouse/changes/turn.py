"""One writer of changes at a time: a position once given is read by nobody before all smaller ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from warehouse.database import Connection

NUMBERED: Final = "partnerhub changes"


def take_turn(connection: Connection) -> None:
    """Wait until whoever gave positions before has committed; call before the first is given, in its transaction.

    A sequence would let who came later commit first: a reader who saw the later position never asks for the earlier.
    SQLite has one writer anyway.
    """
    if connection.dialect == "postgresql":
        connection.query("SELECT pg_advisory_xact_lock(hashtext(?))", (NUMBERED,))


def first_number(connection: Connection, table: str, column: str) -> int:
    """The next number of a history, in turn: what is added from it on commits before any greater one is given."""
    take_turn(connection)
    found = connection.one(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}")
    return int(found[0]) if found else 1
