"""A person's word on whether two records are the same. It outranks every score, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.commands.acts import Act, Said
from warehouse.commands.judge import judge, pair_of, verdicts_among
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from warehouse.database import Connection

VERDICTS = frozenset({"same", "different", "unsure"})
ENTITIES = ("organization", "person")


def decide_pair(
    connection: Connection,
    left: str,
    right: str,
    verdict: str,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
    entity: str | None = None,
) -> bool:
    """Keep a verdict on two staged records, in either order. Says whether it is news; the same again writes nothing.

    The last verdict on a pair counts. entity: organization or person; found by the records when left out. Raises
    NotFound for a record the hub does not hold, WarehouseError for a verdict or a pair that makes no sense.
    """
    if verdict not in VERDICTS or left == right:
        raise WarehouseError(
            f"Nobody can decide that {left} and {right} are {verdict!r}.",
            f"Name two different records and one of: {', '.join(sorted(VERDICTS))}.",
        )
    kinds = [entity] if entity else [entity_of(connection, left), entity_of(connection, right)]
    if len(set(kinds)) > 1:
        raise WarehouseError(
            f"{left} is {article(kinds[0])} and {right} is {article(kinds[1])}.",
            "Name two records of one kind.",
        )
    for record in (left, right):
        require_staged(connection, kinds[0], record)
    pair = pair_of(left, right)
    stands = verdicts_among(connection, kinds[0], pair)
    act = Act(verdict, f"{pair[0]} and {pair[1]}", kinds[0])
    return judge(connection, act, {pair: verdict}, stands, Said(actor, now, reason)) is not None


def entity_of(connection: Connection, record: str) -> str:
    """Whether a staged record is an organization or a person. Raises NotFound for any other."""
    for entity in ENTITIES:
        if connection.one(f"SELECT 1 FROM staged_{entity} WHERE record = ?", (record,)):
            return entity
    raise NotFound(
        f"The hub holds no organization or person record {record}.",
        "Copy the key from `partnerhub show NAME --why`.",
    )


def require_staged(connection: Connection, entity: str, record: str) -> None:
    """Refuse a record of another kind, or one that is not there."""
    if connection.one(f"SELECT 1 FROM staged_{entity} WHERE record = ?", (record,)) is None:
        raise NotFound(
            f"The hub holds no {entity} record {record}.", "Copy the key from `partnerhub show NAME --why`."
        )


def article(entity: str) -> str:
    """`a person`, `an organization`."""
    return f"{'an' if entity[0] in 'aeiou' else 'a'} {entity}"
