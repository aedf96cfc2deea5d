"""Which programs an organization took part in at a moment, and how it stood to others, as the hub knew it then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.hung_then import marks, portions
from warehouse.queries.naming import ENTERED
from warehouse.queries.relations import WORDS, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.queries.held_then import Recollection
    from warehouse.queries.hung_then import Past
    from warehouse.viewer import Viewer

PROGRAM: Final = "partnership."
FAMILY: Final = frozenset(kind for kind, _ in WORDS)
LOGGED: Final = (
    "SELECT field, after, recorded_at FROM change_log WHERE organization_id = ? AND recorded_at <= ?"
    " AND field LIKE 'partnership.%' ORDER BY change_id"
)
STATED: Final = (
    "SELECT record FROM staged_relation WHERE from_record IN ({marks})"
    " AND kind IN ('parent_of', 'branch_of', 'family', 'related')"
    " UNION SELECT record FROM staged_relation WHERE to_record IN ({marks})"
    " AND kind IN ('parent_of', 'branch_of', 'family', 'related')"
)
HOMES: Final = (
    "SELECT l.record, l.organization_id, coalesce(v.name, o.name) FROM organization_link l"
    " LEFT JOIN organization o ON o.organization_id = l.organization_id"
    " LEFT JOIN organization_version v ON v.organization_id = l.organization_id AND v.recorded_from_at <= ?"
    " AND (v.recorded_to_at IS NULL OR v.recorded_to_at > ?)"
    " WHERE l.record IN ({marks}) AND l.started_at <= ? AND (l.ended_at IS NULL OR l.ended_at > ?)"
)


def programs_then(
    viewer: Viewer, connection: Connection, organization_id: str, moment: str
) -> list[dict[str, Any]]:
    """The programs it took part in at a moment (UTC text): program, rule, and since when the hub had it on the list."""
    stands: dict[str, dict[str, Any]] = {}
    for field, rule, at in connection.query(LOGGED, (viewer.only(organization_id), moment)):
        program = field.removeprefix(PROGRAM)
        before = stands.pop(program, None)
        if rule is not None:
            stands[program] = {
                "program": program,
                "rule": rule,
                "since_at": before["since_at"] if before else at,
            }
    return [stands[program] for program in sorted(stands)]


def relations_then(
    viewer: Viewer, connection: Connection, past: Past, recall: Recollection
) -> list[Relation]:
    """Every organization it was related to, as its own records and those of others stated it then.

    What another record states no more since, and never did of what is staged now, is missing: only one's own records
    are read back without a trace of them.
    """
    own = sorted(past.records)
    stated = {
        row[0]
        for some in portions(own)
        for row in connection.query(STATED.format(marks=marks(some)), [*some, *some])
    }
    said = recall.said(connection, [*own, *stated], past.moment)
    rows = {
        record: row
        for record, (entity, row) in said.items()
        if entity == "relation" and row["kind"] in FAMILY and row["deleted_at"] is None
    }
    ends = [
        (record, row, way, row[far])
        for record, row in sorted(rows.items())
        for way, near, far in (("out", "from_record", "to_record"), ("in", "to_record", "from_record"))
        if row[near] in past.records
    ]
    homes = homes_then(connection, (other for *_, other in ends), past.moment)
    found: dict[tuple[str, str], Relation] = {}
    for record, row, way, other in ends:
        organization_id, name = homes.get(other, ("", ""))
        if (
            not organization_id
            or organization_id == past.organization_id
            or not viewer.may_see(organization_id)
        ):
            continue
        words, by_hand = WORDS[row["kind"], way], record.startswith(f"{ENTERED}/")
        relation = Relation(words, organization_id, name, row["since"], row["until"], (record,), by_hand)
        found.setdefault((words, organization_id), relation)
    order = list(dict.fromkeys(WORDS.values()))
    return sorted(found.values(), key=lambda each: (order.index(each.words), each.name.casefold()))


def homes_then(connection: Connection, records: Iterable[str], moment: str) -> dict[str, tuple[str, str]]:
    """Record → whose it was at a moment, and what that organization was called then."""
    wanted = sorted(set(records))
    return {
        row[0]: (str(row[1]), str(row[2] or row[1]))
        for some in portions(wanted)
        for row in connection.query(HOMES.format(marks=marks(some)), [moment, moment, *some, moment, moment])
    }
