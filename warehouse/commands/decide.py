"""A person's word on whether two records are the same. It outranks every score, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import bulk
from warehouse.commands.pending import mark
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from warehouse.database import Connection

VERDICTS = frozenset({"same", "different", "unsure"})
ENTITIES = frozenset({"organization", "person"})
COLUMNS = ("left_record", "right_record", "decided_at", "entity", "verdict", "actor", "reason")


def decide_pair(
    connection: Connection,
    left: str,
    right: str,
    verdict: str,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
    entity: str = "organization",
) -> bool:
    """Keep a verdict on two staged records, in either order. Says whether it is news; the same again writes nothing.

    The last verdict on a pair counts. Raises NotFound for a record the hub does not hold, WarehouseError for a verdict
    or a pair that makes no sense.
    """
    if verdict not in VERDICTS or entity not in ENTITIES or left == right:
        raise WarehouseError(
            f"Nobody can decide that {left} and {right} are {verdict!r}.",
            f"Name two different records and one of: {', '.join(sorted(VERDICTS))}.",
        )
    pair = (min(left, right), max(left, right))
    for record in pair:
        if connection.one(f"SELECT 1 FROM staged_{entity} WHERE record = ?", (record,)) is None:
            raise NotFound(
                f"The hub holds no {entity} record {record}.", "Copy the key from `partnerhub show --why`."
            )
    former = connection.one(
        "SELECT verdict FROM decision WHERE left_record = ? AND right_record = ? ORDER BY decided_at DESC LIMIT 1",
        pair,
    )
    if former is not None and former[0] == verdict:
        return False
    bulk.upsert(connection, "decision", COLUMNS, [(*pair, now, entity, verdict, actor, reason)])
    mark(connection, entity, pair)
    return True
