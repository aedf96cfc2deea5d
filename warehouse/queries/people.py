"""Who is meant by a name or an address, among the people of one organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer


def person_meant(viewer: Viewer, connection: Connection, organization_id: str, said: str) -> dict[str, str]:
    """The person called so there, as `{name?, address?, record?}`; somebody unknown keeps what was said.

    Raises WarehouseError when several people there are called so.
    """
    wanted = said.strip()
    rows = connection.query(
        "SELECT p.person_id, p.name, p.email, min(l.record) FROM person_organization w"
        " JOIN person p ON p.person_id = w.person_id JOIN person_link l ON l.person_id = p.person_id"
        " WHERE w.organization_id = ? AND l.ended_at IS NULL AND p.deleted_at IS NULL"
        " GROUP BY p.person_id, p.name, p.email ORDER BY p.person_id",
        (viewer.only(organization_id),),
    )
    folded = wanted.casefold()
    whole = [row for row in rows if folded in {(row[1] or "").casefold(), (row[2] or "").casefold()}]
    found = whole or [row for row in rows if folded in (row[1] or "").casefold().split()]
    if len(found) > 1:
        names = ", ".join(
            sorted(f"{name or ''} <{email or 'no address'}>".strip() for _, name, email, _ in found)
        )
        raise WarehouseError(
            f"Several people there are called {wanted!r}.", f"Say the whole name or address: {names}."
        )
    if found:
        _, name, email, record = found[0]
        return {
            key: value for key, value in (("name", name), ("address", email), ("record", record)) if value
        }
    return {"address": wanted.lower()} if "@" in wanted else {"name": wanted}
