"""Lasting ids: which id a group of records answers by, and what becomes of the others.

The one law everything follows from: **an id answers wherever its founding record is.** A record founds at most one id,
ever (the id is a UUIDv5 of the record), so ids are never reused, a redirect never chains and never turns in a circle.

- A group keeps the oldest living id founded by one of its members; the others redirect to it.
- After a split the part with the founding record keeps the id; other parts revive the id that one of their members
  founded and that answered for itself until last (of equals the oldest), or mint one from their smallest record. So
  taking a merge back gives everybody the id of before.
- Assigning again without news changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from partnerhub.identity.grouping import Group

NAMESPACE = uuid.UUID("6f1d2c3e-7a54-5b0e-9d3f-2b8c51e0a4d7")


class Minted(NamedTuple):
    """When an id was minted, and from which record."""

    minted_at: str
    entity_id: str
    record: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says about a neighborhood.

    links: record → id, open ones. minted: every id founded by one of these records. redirects: id → answering id, open.
    merged: id → when it last stopped answering for itself.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    minted: Mapping[str, Minted] = field(default_factory=dict)
    redirects: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)


class Link(NamedTuple):
    """A record now belongs to an id."""

    record: str
    entity_id: str
    former_id: str | None
    method: str
    score: float | None


class Event(NamedTuple):
    """What happened to an id: minted, merged, revived, redirected, split or moved."""

    kind: str
    entity_id: str
    other_id: str | None
    record: str | None
    cause: str


@dataclass(slots=True)
class Changes:
    """What has to be written. opened: id → answering id; closed: ids whose redirect ends. Sorted, so order-free."""

    links: list[Link] = field(default_factory=list)
    opened: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def touched_ids(self) -> set[str]:
        """Every id whose organization may look different now, former ids included."""
        ids = {link.entity_id for link in self.links} | {
            link.former_id for link in self.links if link.former_id
        }
        return ids | set(self.opened) | set(self.opened.values()) | set(self.closed)


def founded_id(entity: str, record: str) -> str:
    """The one id a record can found."""
    return str(uuid.uuid5(NAMESPACE, f"{entity}:{record}"))


def assign(entity: str, groups: Iterable[Group], standing: Standing) -> Changes:
    """Give every group its id. `standing` must hold all records now linked to any id of these records."""
    changes = Changes()
    for group in sorted(groups, key=lambda g: min(g.records)):
        assign_group(entity, group, standing, changes)
    changes.links.sort()
    changes.events.sort(
        key=lambda event: (event.kind != "minted", event.entity_id, event.kind, event.record or "")
    )
    return changes


def assign_group(entity: str, group: Group, standing: Standing, changes: Changes) -> None:
    """One group: choose its id, redirect the ids its members founded, link its members."""
    founded = sorted(standing.minted[i] for i in founded_ids(entity, group, standing))
    chosen = choose(entity, group, founded, standing, changes)
    for minted in founded:
        redirect(minted, chosen, standing, changes)
    for record in sorted(group.records):
        link(record, chosen, group, standing, changes)


def founded_ids(entity: str, group: Group, standing: Standing) -> list[str]:
    """The ids members of the group founded."""
    candidates = (founded_id(entity, record) for record in group.records)
    return [candidate for candidate in candidates if candidate in standing.minted]


def choose(entity: str, group: Group, founded: list[Minted], standing: Standing, changes: Changes) -> str:
    """The oldest living id, else the one to revive that lived until last, else a new one."""
    living = [minted for minted in founded if minted.entity_id not in standing.redirects]
    former = sorted({standing.links[r] for r in group.records if r in standing.links})
    if living:
        return living[0].entity_id
    if founded:
        # `max` takes the first of equals, and the oldest comes first.
        revived = max(founded, key=lambda minted: standing.merged.get(minted.entity_id, ""))
        chosen = revived.entity_id
        changes.closed.append(chosen)
        was, why = standing.redirects[chosen], cause(group, revived.record)
        changes.events.append(Event("revived", chosen, was, revived.record, why))
        return chosen
    founder = min(group.records)
    minted = founded_id(entity, founder)
    changes.events.append(Event("minted", minted, None, founder, "founding"))
    if former:
        changes.events.append(Event("split", minted, former[0], founder, cause(group, founder)))
    return minted


def redirect(minted: Minted, chosen: str, standing: Standing, changes: Changes) -> None:
    """Let an id its group did not choose answer by the chosen one."""
    entity_id, current = minted.entity_id, standing.redirects.get(minted.entity_id)
    if chosen in (entity_id, current):
        return
    if current is not None:
        changes.closed.append(entity_id)
    changes.opened[entity_id] = chosen
    changes.events.append(
        Event("merged" if current is None else "redirected", entity_id, chosen, None, "same group")
    )


def link(record: str, chosen: str, group: Group, standing: Standing, changes: Changes) -> None:
    """Link a record to the chosen id, if it is not already."""
    former = standing.links.get(record)
    if former == chosen:
        return
    method, score = group.joined.get(record, ("founding", None))
    changes.links.append(Link(record, chosen, former, method, score))
    if former is not None:
        changes.events.append(Event("moved", chosen, former, record, cause(group, record)))


def cause(group: Group, record: str) -> str:
    """How the record came into its group."""
    return group.joined.get(record, ("founding", None))[0]
