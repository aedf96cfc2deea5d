"""What hung on one organization at a moment: the facts of today's timelines that were there, and were its own, then.

A timeline keeps no history of its own. It follows from three things that do: when each fact and the relation that
ties it arrived, which records the organization was made of, and when people decided. A fact that lies on another
organization's timeline since a split is found there; one that came in by a merge is left out by its anchor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse import bulk
from warehouse.queries.completeness import raw_key
from warehouse.queries.readings import LOOKED_BACK, text_of, touches_by_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.queries.readings import Touch
    from warehouse.viewer import Viewer

AT_ONCE: Final = 300
DECISION: Final = "decision"
RECORD: Final = "record:"
MEMBERS: Final = (
    "SELECT record FROM organization_link WHERE organization_id = ? AND started_at <= ?"
    " AND (ended_at IS NULL OR ended_at > ?) ORDER BY record"
)
HOMES: Final = (
    "SELECT DISTINCT organization_id FROM organization_link WHERE ended_at IS NULL AND record IN ({marks})"
)
STRANGERS: Final = (
    "SELECT 1 FROM organization_link now JOIN organization_link was ON was.record = now.record"
    " AND was.started_at <= ? AND (was.ended_at IS NULL OR was.ended_at > ?)"
    " WHERE now.organization_id IN ({marks}) AND now.ended_at IS NULL AND was.organization_id <> ? LIMIT 1"
)
COPIES: Final = "SELECT fact_id, record FROM fact_source WHERE fact_id IN ({marks})"
STATED: Final = (
    "SELECT fact_id, anchor, stated_by FROM fact_link WHERE fact_id IN ({marks}) AND stated_by IS NOT NULL"
)
DECIDED: Final = (
    "SELECT fact_id, anchor, min(decided_at) FROM attachment_decision WHERE fact_id IN ({marks}) AND verdict = 'attach'"
    " GROUP BY fact_id, anchor"
)
LANDED: Final = """
WITH wanted (source, stream, source_id) AS (VALUES {rows})
SELECT r.source, r.stream, r.source_id, min(r.landed_at) FROM wanted w CROSS JOIN raw_record r
WHERE r.source = w.source AND r.stream = w.stream AND r.source_id = w.source_id
GROUP BY r.source, r.stream, r.source_id
"""
HOLDERS: Final = (
    (
        "SELECT a.anchor, k.record FROM then_anchor a CROSS JOIN key k WHERE k.normalized = a.value"
        " AND (k.kind = a.kind OR k.kind = 'domain' AND k.scheme = a.kind"
        " OR k.kind IN ('crm_id', 'registry') AND a.kind = 'crm_id:' || k.scheme) AND k.entity = 'organization'"
    ),
    (
        "SELECT a.anchor, r.to_record FROM then_anchor a CROSS JOIN key k CROSS JOIN staged_relation r"
        " WHERE a.kind = 'email' AND k.kind = 'email' AND k.normalized = a.value AND k.entity = 'person'"
        " AND r.from_record = k.record AND r.kind = 'works_at'"
    ),
    (
        "SELECT a.anchor, r.to_record FROM then_anchor a CROSS JOIN staged_relation r"
        " WHERE a.kind = 'record' AND r.from_record = a.value AND r.kind = 'works_at'"
    ),
    (
        "SELECT a.anchor, l.record FROM then_anchor a CROSS JOIN organization_link l"
        " WHERE a.kind = 'record' AND l.record = a.value"
    ),
)
"""The records of organizations that an anchor leads to: by an identifier, by a person who works there, by itself."""
BEHIND: Final = (
    "SELECT a.anchor, s.fact_id FROM then_anchor a CROSS JOIN fact_source s"
    " WHERE a.kind = 'record' AND s.record = a.value"
)

TIES: Final = (
    "SELECT fact_id, anchor, method, organization_id FROM timeline WHERE organization_id IN ({marks})"
    " AND entity = 'touchpoint' AND happened_at > ? AND happened_at <= ?"
)

Tie = tuple[str, str]
"""A fact and the anchor by which it hangs."""


@dataclass(frozen=True, slots=True)
class Past:
    """One organization at a moment (UTC text). records: those it was made of. homes: whose they are today.

    is_same: no record came from elsewhere since or went there, so what hangs on it now is what hung on it.
    """

    organization_id: str
    moment: str
    records: frozenset[str]
    homes: tuple[str, ...]
    is_same: bool


class Hung(NamedTuple):
    """One row of a timeline of today."""

    fact_id: str
    anchor: str
    method: str
    organization_id: str


@dataclass(slots=True)
class Anchors:
    """What anchors lead to: records of organizations, and facts whose place they share."""

    records: dict[str, set[str]] = field(default_factory=dict)
    facts: dict[str, set[str]] = field(default_factory=dict)


def past_of(viewer: Viewer, connection: Connection, organization_id: str, moment: str) -> Past:
    """An organization at a moment, as far as the viewer may know of what became of it."""
    records = [row[0] for row in connection.query(MEMBERS, (viewer.only(organization_id), moment, moment))]
    found = {viewer.only(organization_id)}
    for some in portions(records):
        found |= {row[0] for row in connection.query(HOMES.format(marks=marks(some)), some)}
    homes = tuple(sorted(each for each in found if each and viewer.may_see(each)))
    strangers = connection.one(
        STRANGERS.format(marks=marks(homes) or "NULL"), (moment, moment, *homes, organization_id)
    )
    is_same = homes == (organization_id,) and strangers is None
    return Past(organization_id, moment, frozenset(records), homes, is_same)


def hung(connection: Connection, past: Past, rows: Sequence[Hung]) -> set[str]:
    """Those facts that hung on the organization then."""
    facts = list(dict.fromkeys(row.fact_id for row in rows))
    arrived = landed_at(connection, facts)
    known = [row for row in rows if arrived.get(row.fact_id, past.moment) <= past.moment]
    late = tied_later(connection, past, [row.fact_id for row in known])
    tied = [row for row in known if (row.fact_id, row.anchor) not in late]
    if past.is_same:
        return {row.fact_id for row in tied}
    anchors = read_anchors(connection, {row.anchor for row in tied})
    own = {row.fact_id for row in tied if is_own(past, row, anchors)}
    beside = {row.fact_id for row in tied if anchors.facts.get(row.anchor, set()) & own}
    return own | beside


def touches_then(viewer: Viewer, connection: Connection, past: Past) -> list[Touch]:
    """What counted of the 360 days before the moment and was known by then, the oldest first."""
    if not past.homes:
        return []
    since = text_of(datetime.fromisoformat(past.moment) - LOOKED_BACK)
    rows = connection.query(TIES.format(marks=marks(past.homes)), (*past.homes, since, past.moment))
    there = hung(connection, past, [Hung(*row) for row in rows])
    found: dict[str, Touch] = {}
    for home in past.homes:
        counted = touches_by_fact(viewer, connection, home, past.moment)
        found |= {fact_id: touch for fact_id, touch in counted.items() if fact_id in there}
    return sorted(found.values(), key=lambda touch: touch.at)


def is_own(past: Past, row: Hung, anchors: Anchors) -> bool:
    """Whether the anchor led to the organization then. What leads nowhere any more stays where it lies."""
    held = anchors.records.get(row.anchor)
    if held:
        return not held.isdisjoint(past.records)
    return row.anchor not in anchors.facts and row.organization_id == past.organization_id


def tied_later(connection: Connection, past: Past, fact_ids: Sequence[str]) -> set[Tie]:
    """Ties that came after the moment: the relation that states them arrived, or a person decided, only then."""
    stated: list[tuple[Tie, str]] = []
    late: set[Tie] = set()
    for some in portions(fact_ids):
        for fact_id, anchor, record in connection.query(STATED.format(marks=marks(some)), some):
            stated.append(((fact_id, anchor), record))
        for fact_id, anchor, at in connection.query(DECIDED.format(marks=marks(some)), some):
            late |= {(fact_id, anchor)} if at > past.moment else set()
    arrived = arrivals(connection, (record for _, record in stated))
    ties: dict[Tie, list[bool]] = {}
    for tie, record in stated:
        ties.setdefault(tie, []).append(arrived.get(record, past.moment) > past.moment)
    return late | {tie for tie, is_late in ties.items() if all(is_late)}


def read_anchors(connection: Connection, anchors: Iterable[str]) -> Anchors:
    """What anchors lead to. Writes a temporary table only."""
    found = Anchors()
    rows = [(anchor, *kind_and_value(anchor)) for anchor in sorted(anchors)]
    if not rows:
        return found
    bulk.load_keys(connection, "then_anchor", ("anchor", "kind", "value"), rows)
    for select in HOLDERS:
        for anchor, record in connection.query(select):
            found.records.setdefault(anchor, set()).add(record)
    for anchor, fact_id in connection.query(BEHIND):
        found.facts.setdefault(anchor, set()).add(fact_id)
    return found


def kind_and_value(anchor: str) -> tuple[str, str]:
    """`host:acme.example` taken apart; an id of a system keeps its scheme with the kind."""
    kind, _, value = anchor.partition(":")
    if kind != "crm_id":
        return kind, value
    scheme, _, number = value.partition(":")
    return f"{kind}:{scheme}", number


def landed_at(connection: Connection, fact_ids: Sequence[str]) -> dict[str, str]:
    """When the first copy of each fact arrived; what has no raw version is left out."""
    copies = [
        row for some in portions(fact_ids) for row in connection.query(COPIES.format(marks=marks(some)), some)
    ]
    arrived = arrivals(connection, (record for _, record in copies))
    found: dict[str, str] = {}
    for fact_id, record in copies:
        if record in arrived:
            found[fact_id] = min(arrived[record], found.get(fact_id, arrived[record]))
    return found


def arrivals(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """When the first version of each record landed; what has no raw version is left out."""
    keys = {record: raw_key(record) for record in records if record.count("/") > 1}
    arrived: dict[tuple[str, ...], str] = {}
    for some in portions(sorted(set(keys.values()))):
        statement = LANDED.format(rows=", ".join(["(?, ?, ?)"] * len(some)))
        for *place, at in connection.query(statement, [part for key in some for part in key]):
            arrived[tuple(place)] = at
    return {record: arrived[key] for record, key in keys.items() if key in arrived}


def portions(keys: Sequence[Any]) -> list[Sequence[Any]]:
    """Keys some at a time: statements have a limit of parameters."""
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]


def marks(keys: Sequence[Any]) -> str:
    """A placeholder for each."""
    return ", ".join("?" * len(keys))
