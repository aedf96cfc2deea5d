"""Lists of partners that people save under a name. Each act is in the audit log; all expect a transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from warehouse import bulk
from warehouse.commands.audit import Deed, append
from warehouse.errors import WarehouseError
from warehouse.queries.saved_views import account_id_of, saved_view

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

RULE: Final = "rule"
COHORT: Final = "cohort"
COLUMNS: Final = ("view_id", "name", "kind", "query_json", "account_id", "created_at", "created_by")
MEMBER: Final = ("view_id", "organization_id", "added_at", "added_by")
LONGEST_NAME: Final = 80


class NotThisList(WarehouseError):
    """The list cannot be changed like that."""


def save_view(
    connection: Connection, viewer: Viewer, name: str, query: Sequence[tuple[str, str]] | None,
    *, shared: bool, now: str,
) -> str:  # fmt: skip
    """Save a list; returns its id. query: the parameters of the list; None makes an explicit list, empty at first.

    Raises NotThisList for a name that says nothing, and where the viewer has a list of that name.
    """
    title = " ".join(name.split())[:LONGEST_NAME]
    if not title:
        raise NotThisList("The list has no name.", "Give it one.")
    account_id = account_id_of(viewer, connection) or None
    owner = None if shared else account_id
    test, values = ("account_id = ?", (owner,)) if owner else ("account_id IS NULL", ())
    if connection.one(f"SELECT 1 FROM saved_view WHERE {test} AND name = ?", (*values, title)):
        raise NotThisList(f"There is a list “{title}” already.", "Choose another name, or remove that one.")
    view_id = str(uuid4())
    kind = COHORT if query is None else RULE
    row = (view_id, title, kind, json.dumps([list(pair) for pair in query or ()]), owner, now, viewer.name)
    bulk.insert(connection, "saved_view", COLUMNS, [row])
    detail = {"kind": kind, "name": title, "shared": owner is None}
    append(connection, now, viewer.name, Deed("list.save", f"list:{view_id}", detail))
    return view_id


def remove_view(connection: Connection, viewer: Viewer, view_id: str, now: str) -> None:
    """Remove a list, never the partners on it. Raises NotFound."""
    found = saved_view(viewer, connection, view_id)
    bulk.delete(connection, "saved_view_member", ("view_id",), [(view_id,)])
    bulk.delete(connection, "saved_view", ("view_id",), [(view_id,)])
    append(connection, now, viewer.name, Deed("list.remove", f"list:{view_id}", {"name": found.name}))


def add_members(
    connection: Connection, viewer: Viewer, view_id: str, organizations: Collection[str], now: str
) -> int:
    """Put partners on an explicit list; returns how many were not on it. Raises NotFound, NotThisList for a rule.

    Organizations the viewer may not see, or that are not there, are left out.
    """
    require_cohort(connection, viewer, view_id)
    known = {
        each
        for each in organizations
        if viewer.may_see(each)
        and connection.one("SELECT 1 FROM organization WHERE organization_id = ?", (each,))
    }
    there = {
        row[0]
        for row in connection.query(
            "SELECT organization_id FROM saved_view_member WHERE view_id = ?", (view_id,)
        )
    }
    news = sorted(known - there)
    bulk.insert(connection, "saved_view_member", MEMBER, [(view_id, each, now, viewer.name) for each in news])
    if news:
        append(connection, now, viewer.name, Deed("list.add", f"list:{view_id}", {"organizations": news}))
    return len(news)


def drop_members(
    connection: Connection, viewer: Viewer, view_id: str, organizations: Collection[str], now: str
) -> int:
    """Take partners off an explicit list, under whatever former id they stand on it; returns how many rows that was."""
    require_cohort(connection, viewer, view_id)
    wanted = {each for each in organizations if viewer.may_see(each)}
    waiting = sorted(wanted)
    while waiting:
        rows = connection.query(
            "SELECT from_id FROM redirect WHERE to_id = ? AND ended_at IS NULL", (waiting.pop(),)
        )
        former = {row[0] for row in rows} - wanted
        wanted |= former
        waiting += sorted(former)
    gone = sum(
        connection.execute(
            "DELETE FROM saved_view_member WHERE view_id = ? AND organization_id = ?", (view_id, each)
        )
        for each in sorted(wanted)
    )
    if gone:
        detail = {"organizations": sorted(organizations)}
        append(connection, now, viewer.name, Deed("list.drop", f"list:{view_id}", detail))
    return gone


def require_cohort(connection: Connection, viewer: Viewer, view_id: str) -> None:
    """Raise where there is no such list, or it is a rule."""
    if saved_view(viewer, connection, view_id).kind != COHORT:
        raise NotThisList(
            "This list follows a rule.", "Change the filters instead, or make an explicit list."
        )
