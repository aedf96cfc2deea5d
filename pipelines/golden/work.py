"""What a publication has to recompute, as temporary tables of keys: memory stays flat however much changed.

Each table holds the keys of one kind that are touched; steps walk it in key order, in chunks. The tables live on this
connection only and are emptied at the start of every publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

TABLES = {
    "work_record": ("record", "kind"),
    "work_organization": ("organization_id",),
    "work_person": ("person_id",),
    "work_deal": ("fact_id",),
    "work_task": ("fact_id",),
    "work_fact": ("fact_id",),
    "work_document": ("fact_id",),
    "work_seed": ("record",),
    "work_same": ("record", "identity"),
    "work_colleague": ("record",),
    "work_moved": ("fact_id",),
    "work_again": ("fact_id",),
    "work_anchor": ("anchor",),
    "work_domain": ("domain",),
    "work_asked": ("id",),
    "work_found": ("fact_id",),
    "work_month": ("organization_id", "begins_at", "ends_at", "entity", "kind"),
}

KIND_OF_STAGES = "deal_stage_change"

STAGED = {
    "organization": "staged_organization",
    "person": "staged_person",
    "relation": "staged_relation",
    "colleague": "staged_colleague",
    "touchpoint": "staged_touchpoint",
    "deal": "staged_deal",
    KIND_OF_STAGES: "staged_deal_stage_change",
    "work_item": "staged_work_item",
    "document": "staged_document",
    "agreement": "staged_agreement",
    "commitment": "staged_commitment",
}
"""The staged kinds that publication reads."""


class Span(NamedTuple):
    """A run of keys, both ends included."""

    first: str
    last: str


def prepare(connection: Connection) -> None:
    """Create the tables where they are missing, and empty them."""
    for name, columns in TABLES.items():
        declared = ", ".join(f"{column} TEXT NOT NULL" for column in columns)
        connection.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({declared}, PRIMARY KEY ({', '.join(columns)}))"
        )
        connection.execute(f"DELETE FROM {name}")


def take_pending(connection: Connection) -> int:
    """Move what waits into this publication's hands; returns how many records that is.

    Rows are deleted at once, so a record staged again meanwhile waits for our commit and is pending anew after it.
    """
    connection.execute("INSERT INTO work_record (record, kind) SELECT record, kind FROM pending")
    only_writer = connection.dialect == "sqlite"
    connection.execute(
        "DELETE FROM pending"
        if only_writer
        else "DELETE FROM pending WHERE record IN (SELECT record FROM work_record)"
    )
    found = connection.one("SELECT count(*) FROM work_record")
    return int(found[0]) if found else 0


def take_everything(connection: Connection) -> None:
    """Hand every staged record, and all that stands published, to this publication: for new rules and a rebuild."""
    for kind, name in STAGED.items():
        connection.execute(
            f"INSERT INTO work_record (record, kind) SELECT record, '{kind}' FROM {name} WHERE true"
            " ON CONFLICT DO NOTHING"
        )
    add(connection, "work_domain", "SELECT domain FROM candidate")
    add(
        connection,
        "work_organization",
        "SELECT organization_id FROM organization_version WHERE recorded_to_at IS NULL"
        " UNION SELECT organization_id FROM partnership",
    )


def add(connection: Connection, name: str, select: str, parameters: Sequence[str] = ()) -> None:
    """Add the keys a query yields (without nulls) to a table of work."""
    columns = ", ".join(TABLES[name])
    connection.execute(
        f"INSERT INTO {name} ({columns}) SELECT * FROM ({select}) AS found WHERE true ON CONFLICT DO NOTHING",
        parameters,
    )


def add_keys(connection: Connection, name: str, keys: Iterable[str]) -> None:
    """Add single keys to a table of work."""
    column = TABLES[name][0]
    connection.execute_many(
        f"INSERT INTO {name} ({column}) VALUES (?) ON CONFLICT DO NOTHING",
        [(key,) for key in sorted(set(keys))],
    )


def go_again(connection: Connection, name: str) -> bool:
    """Replace a table of work by what has to be looked at once more; whether there is anything."""
    if not connection.one("SELECT 1 FROM work_again LIMIT 1"):
        return False
    connection.execute(f"DELETE FROM {name}")
    connection.execute(f"INSERT INTO {name} (fact_id) SELECT fact_id FROM work_again")
    connection.execute("DELETE FROM work_again")
    return True


def settle(connection: Connection, name: str) -> None:
    """Let PostgreSQL know how large a table of work has become; SQLite's planner is told by join order."""
    if connection.dialect == "postgresql":
        connection.execute(f"ANALYZE {name}")


def spans(connection: Connection, name: str, size: int) -> Iterator[Span]:
    """Walk a table of work in key order, `size` keys at a time."""
    column, after = TABLES[name][0], ""
    while True:
        keys = connection.query(
            f"SELECT min({column}), max({column}) FROM"
            f" (SELECT {column} FROM {name} WHERE {column} > ? ORDER BY {column} LIMIT {size}) AS chunk",
            (after,),
        )
        first, last = keys[0]
        if first is None:
            return
        yield Span(first, last)
        after = last
