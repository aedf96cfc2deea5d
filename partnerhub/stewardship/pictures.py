"""How some records stand before an act and after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.queries.sides import Side


@dataclass(frozen=True, slots=True)
class Picture:
    """How some records stand. ids: record → id; names, held: by id; facts: on the timelines of all of them."""

    entity: str
    ids: dict[str, str]
    names: dict[str, str]
    held: dict[str, dict[str, int]]
    facts: set[str] = field(default_factory=set)

    def rows(self) -> list[dict[str, Any]]:
        """One row per organization or person, by name."""
        rows = [
            {"id": each, "name": self.names.get(each, each), **self.held.get(each, {})}
            for each in sorted(set(self.ids.values()))
        ]
        return sorted(rows, key=lambda row: (str(row["name"]).casefold(), row["id"]))


def picture(connection: Connection, entity: str, records: Iterable[str]) -> Picture:
    """How these records stand now."""
    from warehouse.queries.sides import facts_of, holdings, ids_of, organization_names, records_behind

    ids = ids_of(connection, entity, records)
    found = sorted(set(ids.values()))
    if entity == "organization":
        facts = facts_of(connection, found)
        return Picture(entity, ids, organization_names(connection, found), holdings(connection, found), facts)
    names = {}
    for each in found:
        row = connection.one("SELECT coalesce(name, email) FROM person WHERE person_id = ?", (each,))
        names[each] = str(row[0]) if row and row[0] else each
    held = {each: {"records": len(records_behind(connection, entity, each))} for each in found}
    return Picture(entity, ids, names, held)


def whole_side(side: Side) -> str:
    """`Acme GmbH (crm/companies/42)`: what is meant, as a log can keep it."""
    return f"{side.name} ({side.record})" if side.record else side.name


def change_data(act_id: int | None, before: Picture, after: Picture, *, dry_run: bool) -> dict[str, Any]:
    """What an act did, as data: the organizations before and after, and whether a fact was lost."""
    return {
        "act": None if dry_run else act_id,
        "dry_run": dry_run,
        "entity": before.entity,
        "before": before.rows(),
        "after": after.rows(),
        "facts_before": len(before.facts),
        "facts_after": len(after.facts),
        "facts_lost": len(before.facts - after.facts),
        "records": {record: after.ids[record] for record in sorted(after.ids)},
    }
