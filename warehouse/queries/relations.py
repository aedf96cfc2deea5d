"""Which other organizations one belongs together with: its parents, branches and the rest of its family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from warehouse.queries.naming import ENTERED

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

RELATED: Final = (
    "SELECT r.kind, '{way}', other.organization_id, o.name, r.record, r.since, r.until FROM organization_link mine"
    " JOIN staged_relation r ON r.{own}_record = mine.record"
    " JOIN organization_link other ON other.record = r.{far}_record AND other.ended_at IS NULL"
    " JOIN organization o ON o.organization_id = other.organization_id"
    " WHERE mine.organization_id = ? AND mine.ended_at IS NULL AND other.organization_id <> mine.organization_id"
    " AND r.kind IN ('parent_of', 'branch_of', 'family', 'related') AND r.deleted_at IS NULL"
)
WAYS: Final = (("out", "from", "to"), ("in", "to", "from"))
WORDS: Final = {
    ("parent_of", "out"): "parent of",
    ("parent_of", "in"): "subsidiary of",
    ("branch_of", "out"): "branch of",
    ("branch_of", "in"): "head office of",
    ("family", "out"): "one family with",
    ("family", "in"): "one family with",
    ("related", "out"): "related to",
    ("related", "in"): "related to",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """One other organization and how this one stands to it. words: `branch of`. records: who states it, by key.

    entered: whether a person said so in the hub.
    """

    words: str
    organization_id: str
    name: str
    since: str | None
    until: str | None
    records: tuple[str, ...]
    entered: bool


def relations(viewer: Viewer, connection: Connection, organization_id: str) -> list[Relation]:
    """Every organization this one is related to, by what it is to it and by name; each statement once."""
    rows = [
        row
        for way, own, far in WAYS
        for row in connection.query(
            RELATED.format(way=way, own=own, far=far), (viewer.only(organization_id),)
        )
        if viewer.may_see(str(row[2]))
    ]
    stated: dict[tuple[str, str, str], list[tuple[str, str | None, str | None]]] = {}
    for kind, way, other, name, record, since, until in rows:
        stated.setdefault((WORDS[kind, way], other, name or other), []).append((record, since, until))
    found = []
    for (words, other, name), said in stated.items():
        records = tuple(sorted(record for record, _, _ in said))
        since = min((day for _, day, _ in said if day), default=None)
        until = None if any(day is None for *_, day in said) else max(day for *_, day in said if day)
        by_hand = any(record.startswith(f"{ENTERED}/") for record in records)
        found.append(Relation(words, other, name, since, until, records, by_hand))
    order = list(dict.fromkeys(WORDS.values()))
    return sorted(
        found, key=lambda each: (order.index(each.words), each.name.casefold(), each.organization_id)
    )
