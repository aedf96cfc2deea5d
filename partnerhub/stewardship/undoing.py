"""What came since an act and may look different once it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnerhub.counting import counted

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct

NAMED_SINCE: Final = 5
"""Records named one by one among what came since."""


def records_around(connection: Connection, act: DoneAct) -> list[str]:
    """The records of all organizations (or persons) an act is about."""
    from warehouse.commands.pending import answering_id
    from warehouse.queries.sides import ids_of, records_behind

    if act.records:
        ids = sorted(set(ids_of(connection, act.entity, act.records).values()))
        return sorted(act.records | {r for each in ids for r in records_behind(connection, act.entity, each)})
    named = act.detail.get("organization_id")
    if not named:
        return []
    return list(records_behind(connection, "organization", answering_id(connection, named)))


def came_since(connection: Connection, act: DoneAct, records: list[str]) -> list[str]:
    """What came after an act and may look different once it is taken back, in words."""
    from warehouse.queries.acts import acts_since, facts_since, joined_since, pins_since
    from warehouse.queries.sides import ids_of

    lines = [f"act {each.act_id}, {each.words}" for each in acts_since(connection, act)]
    if not act.records:
        return lines
    ids = set(ids_of(connection, act.entity, records).values())
    joined = [
        each for each in joined_since(connection, act.entity, ids, act.acted_at) if each not in act.records
    ]
    if joined:
        more = f" and {len(joined) - NAMED_SINCE:,} more" if len(joined) > NAMED_SINCE else ""
        lines.append(f"{counted(len(joined), 'record')} came: {', '.join(joined[:NAMED_SINCE])}{more}")
    if act.entity == "organization":
        if facts := facts_since(connection, ids, act.acted_at):
            lines.append(f"{counted(facts, 'fact')} on the timeline; each goes where its own evidence leads")
        if pins := pins_since(connection, ids, act.acted_at):
            lines.append(f"pinned: {', '.join(pins)}; stays with the id it was pinned on")
    return lines
