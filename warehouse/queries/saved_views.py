"""Lists of partners that people saved: rules and explicit ones, as far as somebody may use them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import NotFound

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

SELECT: Final = (
    "SELECT v.view_id, v.name, v.kind, v.query_json, v.account_id, v.created_at, v.created_by FROM saved_view v"
    " WHERE (v.account_id = ? OR v.account_id IS NULL AND ? = 1)"
)
"""For an account, and whether it may use what is everybody's: its name may be of a partner one must not know of."""


@dataclass(frozen=True, slots=True)
class View:
    """One saved list. query: of a rule, the parameters of the list as pairs. shared: everybody sees it."""

    view_id: str
    name: str
    kind: str
    query: tuple[tuple[str, str], ...]
    shared: bool
    created_at: str
    created_by: str


def account_id_of(viewer: Viewer, connection: Connection) -> str:
    """The account of a viewer; empty for a program, which has none."""
    found = connection.one("SELECT account_id FROM user_account WHERE login = ?", (viewer.name,))
    return str(found[0]) if found else ""


def asking(viewer: Viewer, connection: Connection) -> tuple[str, int]:
    """The parameters of SELECT."""
    return account_id_of(viewer, connection), int(viewer.organizations is None)


def saved_views(viewer: Viewer, connection: Connection) -> list[View]:
    """The lists a viewer may use: their own and shared ones, by name."""
    rows = connection.records(f"{SELECT} ORDER BY lower(v.name), v.view_id", asking(viewer, connection))
    return [view_of(row) for row in rows]


def saved_view(viewer: Viewer, connection: Connection, view_id: str) -> View:
    """One list a viewer may use. Raises NotFound."""
    rows = connection.records(f"{SELECT} AND v.view_id = ?", (*asking(viewer, connection), view_id))
    if not rows:
        raise NotFound("There is no such list.", "Choose one under Lists; its owner may have removed it.")
    return view_of(rows[0])


def view_of(row: dict[str, Any]) -> View:
    """A row as a list."""
    query = tuple((str(name), str(value)) for name, value in json.loads(row["query_json"]))
    return View(
        row["view_id"], row["name"], row["kind"], query, row["account_id"] is None, row["created_at"], row["created_by"]
    )  # fmt: skip
