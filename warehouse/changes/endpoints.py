"""How far each webhook was told, as the warehouse keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.changes.cursor import rebound
from warehouse.changes.feed import FEED
from warehouse.errors import NotFound
from warehouse.hub_state import remembered

if TYPE_CHECKING:
    from warehouse.database import Connection

TABLE: Final = "webhook_endpoint"
LINEAGE: Final = "openlineage"
"""Under which name it keeps how events of runs arrive; no webhook is called so."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of `webhook_endpoint`."""

    name: str
    cursor: str
    told: int = 0
    tried_at: str | None = None
    delivered_at: str | None = None
    failures: int = 0
    failure: str | None = None
    disabled_at: str | None = None

    def moved(self, **changed: Any) -> Standing:
        """The same with other facts."""
        return replace(self, **changed)


def standing(connection: Connection, name: str) -> Standing | None:
    """One endpoint; None for one that was never told anything."""
    found = connection.records(f"SELECT * FROM {TABLE} WHERE name = ?", (name,))
    return Standing(**found[0]) if found else None


def all_standing(connection: Connection) -> list[Standing]:
    """Every endpoint that was ever told anything, by name."""
    return [Standing(**row) for row in connection.records(f"SELECT * FROM {TABLE} ORDER BY name")]


def keep(connection: Connection, known: Standing) -> None:
    """Write down how one stands. Expects a transaction."""
    facts = asdict(known)
    bulk.upsert(connection, TABLE, tuple(facts), [tuple(facts.values())])


def resume(connection: Connection, name: str, cursor: str = "") -> Standing:
    """Tell an endpoint again from where it stood, or from a cursor on. Expects a transaction. Raises NotFound.

    After a restored backup: from where it stood in the backup.
    """
    known = standing(connection, name)
    if known is None:
        raise NotFound(
            f"No webhook called {name} was ever told anything.", "See `partnerhub changes webhooks`."
        )
    feed = remembered(connection, FEED) or ""
    known = known.moved(
        cursor=cursor or rebound(known.cursor, feed=feed), failures=0, failure=None, disabled_at=None
    )
    keep(connection, known)
    return known
