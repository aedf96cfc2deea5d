"""The rule of a list of partners, as its address and a saved list have it: pairs of a parameter and a value."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from warehouse.errors import NotFound
from warehouse.queries.partner_list import Wanted
from warehouse.queries.saved_views import saved_views
from warehouse.queries.watching import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.queries.saved_views import View
    from warehouse.viewer import Viewer

SEVERAL: Final = ("tier", "owner", "country", "city", "status", "source", "missing", "program", "service")
"""Parameters of which several values add up."""
COHORT: Final = "cohort"


def wanted_by(pairs: Iterable[tuple[str, str]], now: str) -> Wanted:
    """What the warehouse is asked at a moment (UTC text). Pairs that mean nothing are left out before."""
    given = list(pairs)
    one = dict(reversed(given))
    days = int(one["quiet"]) if one.get("quiet") else None
    since = text_of(datetime.fromisoformat(now) - timedelta(days=days)) if days else ""
    several = {name: tuple(dict.fromkeys(value for key, value in given if key == name)) for name in SEVERAL}
    return Wanted(
        one.get("q", ""), **several, attention=bool(one.get("attention")), quiet_days=days, quiet_since=since,
        cohort=one.get("list", ""), sort=one.get("sort") or "name",
    )  # fmt: skip


def rule_of(view: View) -> tuple[tuple[str, str], ...]:
    """The pairs of a saved list: its rule, or itself where it is explicit."""
    return (("list", view.view_id),) if view.kind == COHORT else view.query


def view_named(viewer: Viewer, connection: Connection, name: str) -> View:
    """The saved list of a name, whatever the case. Raises NotFound."""
    found = [each for each in saved_views(viewer, connection) if each.name.casefold() == name.casefold()]
    if not found:
        raise NotFound(
            f"There is no list “{name}” for everybody.", "`partnerhub lists` names those there are."
        )
    return found[0]
