"""Mark staged records as waiting for publication, by what a command touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import bulk
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection


def mark(connection: Connection, kind: str, records: Iterable[str]) -> None:
    """These staged records of a kind wait for publication."""
    bulk.upsert(
        connection, "pending", ("record", "kind"), [(record, kind) for record in sorted(set(records))]
    )


def records_of(connection: Connection, organization_id: str) -> list[str]:
    """The source records of an organization, oldest member first. Raises NotFound where there are none."""
    rows = connection.query(
        "SELECT record FROM organization_link WHERE organization_id = ? AND ended_at IS NULL"
        " ORDER BY started_at, record",
        (organization_id,),
    )
    if not rows:
        raise NotFound(
            f"No organization answers to {organization_id}.", "Look it up by name: `partnerhub show NAME`."
        )
    return [row[0] for row in rows]


def answering_id(connection: Connection, organization_id: str) -> str:
    """The id an organization answers by now."""
    found = connection.one(
        "SELECT to_id FROM redirect WHERE from_id = ? AND ended_at IS NULL", (organization_id,)
    )
    return str(found[0]) if found else organization_id
