"""Who would merge, part, come to the list or leave it; which signals and records set aside would come and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.scratch.compare import Shape, paired

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

EVENTS: Final = (
    "SELECT entity, kind, entity_id, other_id FROM identity_event WHERE event_id > ?"
    " AND kind IN ('merged', 'split', 'revived') ORDER BY event_id"
)
NAMES: Final = {
    "organization": "SELECT name FROM organization WHERE organization_id = ?",
    "person": "SELECT coalesce(name, email) FROM person WHERE person_id = ?",
}
ON_LIST: Final = Shape(
    "partnership",
    ("organization_id", "program"),
    ("organization_id", "program"),
    ("organization_id", "program"),
)
SIGNALS: Final = Shape(
    "signal",
    ("signal_id",),
    ("signal_id", "organization_id", "rule", "sentence"),
    ("signal_id",),
    "closed_at IS NULL",
)
PLACE: Final = ("source", "stream", "source_id")
SET_ASIDE: Final = Shape("raw_current", PLACE, (*PLACE, "quarantine"), PLACE, "quarantine IS NOT NULL")
QUESTIONS: Final = Shape(
    "question",
    ("left_record", "right_record"),
    ("left_record", "right_record", "left_id", "right_id", "proposal", "reason"),
    ("left_record", "right_record"),
)
TIMELINE: Final = Shape(
    "timeline",
    ("organization_id", "happened_at", "fact_id"),
    ("organization_id", "happened_at", "fact_id", "entity"),
    ("organization_id", "happened_at", "fact_id"),
)


class Move(NamedTuple):
    """Two that would become one (`merged`: the second stays), or one that would be two (`split`: from the second)."""

    kind: str
    entity: str
    id: str
    name: str
    other_id: str
    other_name: str


class Arrival(NamedTuple):
    """One thing that would be there, or be there no more. of: program, rule, code or proposal."""

    id: str
    name: str
    of: str
    words: str = ""


@dataclass(slots=True)
class ComingAndGoing:
    """What would come and what would go of one sort: how many, and the first of them. differ: stay in other words."""

    sort: str
    come: int = 0
    go: int = 0
    differ: int = 0
    came: list[Arrival] = field(default_factory=list)
    went: list[Arrival] = field(default_factory=list)


def moves(live: Connection, made: Connection) -> list[Move]:
    """Every merge and split the second warehouse made beyond what the hub knows."""
    last = live.query("SELECT coalesce(max(event_id), 0) FROM identity_event")[0][0]
    return [
        Move(
            "merged" if kind == "merged" else "split",
            entity,
            own,
            name_of(entity, own, made, live),
            other or "",
            name_of(entity, other or "", made, live),
        )
        for entity, kind, own, other in made.query(EVENTS, (last,))
    ]


def name_of(entity: str, entity_id: str, *connections: Connection) -> str:
    """What somebody is called in the first of the warehouses that knows them; else the id."""
    for connection in connections:
        found = connection.one(NAMES[entity], (entity_id,))
        if found and found[0]:
            return str(found[0])
    return entity_id


def list_effects(live: Connection, made: Connection, most: int) -> ComingAndGoing:
    """Who would come to the list of partners and who would leave it."""

    def told(row: tuple[Any, ...]) -> Arrival:
        return Arrival(row[0], name_of("organization", row[0], made, live), row[1])

    return gathered("partners", paired(live, made, ON_LIST), told, most)


def signal_effects(live: Connection, made: Connection, most: int) -> ComingAndGoing:
    """Which signals would open and close."""

    def told(row: tuple[Any, ...]) -> Arrival:
        return Arrival(row[0], name_of("organization", row[1], made, live), row[2], row[3])

    return gathered("signals", paired(live, made, SIGNALS), told, most)


def quarantine_effects(live: Connection, made: Connection, most: int) -> ComingAndGoing:
    """Which records would be set aside, and which would be read again."""

    def told(row: tuple[Any, ...]) -> Arrival:
        return Arrival("/".join(row[:3]), row[2], row[3])

    return gathered("records set aside", paired(live, made, SET_ASIDE), told, most)


def question_effects(live: Connection, made: Connection, most: int) -> ComingAndGoing:
    """What people would be asked, and need not be asked any more."""

    def told(row: tuple[Any, ...]) -> Arrival:
        names = (entity_name(each, made, live) for each in row[2:4])
        return Arrival(f"{row[0]} {row[1]}", " and ".join(names), row[4], row[5])

    return gathered("questions", paired(live, made, QUESTIONS), told, most)


def entity_name(entity_id: str, *connections: Connection) -> str:
    """The name of an organization, or of a person."""
    for entity in NAMES:
        name = name_of(entity, entity_id, *connections)
        if name != entity_id:
            return name
    return entity_id


def timeline_effects(live: Connection, made: Connection) -> ComingAndGoing:
    """How many facts would come to a timeline and leave one, by kind."""

    def told(row: tuple[Any, ...]) -> Arrival:
        return Arrival(row[2], "", row[3])

    return gathered("places on timelines", paired(live, made, TIMELINE), told, 0)


def gathered(sort: str, rows: Iterable[Any], told: Any, most: int) -> ComingAndGoing:
    """Count what is on one side alone, and keep the first of them in words."""
    found = ComingAndGoing(sort)
    for here, there in rows:
        if here is not None and there is not None:
            found.differ += here != there
            continue
        row, came = (there, True) if here is None else (here, False)
        found.come += came
        found.go += not came
        kept = found.came if came else found.went
        arrival = told(row) if len(kept) < most else None
        if arrival:
            kept.append(arrival)
    return found
