"""Saved lists of partners in the digest: how many stand on each, and how many need somebody since yesterday."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from warehouse.errors import NotFound
from warehouse.queries.list_rules import rule_of, view_named, wanted_by
from warehouse.queries.partner_list import count_wanted, every_wanted
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

OPENED: Final = "SELECT DISTINCT organization_id FROM signal WHERE opened_at >= ? AND closed_at IS NULL"


class ListDigest(NamedTuple):
    """One list. partners, attention: how many stand on it, and need somebody; news: of these since yesterday.

    address: of its page, from the root. partners is None where there is no such list any more.
    """

    name: str
    partners: int | None = None
    attention: int = 0
    news: int = 0
    address: str = ""


def list_digests(
    connection: Connection, names: Iterable[str], since: str, now: str
) -> tuple[ListDigest, ...]:
    """Each list by its name, as the page of it counts; since, now: UTC text."""
    opened = {str(row[0]) for row in connection.query(OPENED, (since,))}
    return tuple(list_digest(connection, name, opened, now) for name in names)


def list_digest(connection: Connection, name: str, opened: set[str], now: str) -> ListDigest:
    """One list. opened: whom a signal was opened of since yesterday."""
    try:
        rule = rule_of(view_named(OPERATOR, connection, name))
    except NotFound:
        return ListDigest(name)
    wanted = wanted_by(rule, now)
    needing = [
        str(each.values["organization_id"])
        for each in every_wanted(OPERATOR, connection, replace(wanted, attention=True))
    ]
    total = count_wanted(OPERATOR, connection, wanted)
    return ListDigest(name, total, len(needing), len(opened & {*needing}), f"/partners?{urlencode(rule)}")


def told(each: ListDigest) -> str:
    """One list as a line."""
    if each.partners is None:
        return f"List {each.name}: there is no such list any more; `partnerhub lists` names those there are."
    news = f", {each.news:,} of them since yesterday" if each.attention else ""
    return f"List {each.name}: {each.partners:,} partners, {each.attention:,} need somebody{news} ({each.address})"
