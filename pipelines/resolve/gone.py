"""Records that are gone: deleted at the source, or no longer staged. They hold nothing together and lend no weight.

Such a record stays with the founding record of its id; of the id that brought it along, where that was merged into the
present one, so that it goes with it when the merge is taken back. One that was gone before it ever had an id goes with
whom it is most alike. Whom it stays with is settled when it goes: read off each new grouping, where the gone are and
what a person said of them would turn on each other. Only a merge at the source keeps the evidence of a deleted record
alive: what the loser was known by is the winner's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from partnerhub.identity.assign import Standing
from partnerhub.identity.grouping import KEPT, Guarded, Must, Pair, Problem
from pipelines.resolve.neighborhood import Names
from warehouse import bulk
from warehouse.database import Connection

CAME_FROM: Final = """
SELECT mine.record, mine.{id}, r.from_id FROM reached CROSS JOIN {links} mine CROSS JOIN redirect r
CROSS JOIN {links} former
WHERE mine.record = reached.record AND mine.ended_at IS NULL
AND r.to_id = mine.{id} AND r.ended_at IS NULL AND r.started_at = mine.started_at
AND former.record = mine.record AND former.{id} = r.from_id
ORDER BY former.started_at, r.from_id
"""
"""Records whose id was merged into their present one and took them along: the present id and the one of before."""

STAYS: Final = """
SELECT s.record, s.with_record FROM reached CROSS JOIN stays_with s WHERE s.record = reached.record AND s.entity = ?
"""

Key: TypeAlias = tuple[str, Any]
"""What records share that are one: kind, and the number with its scheme, or whatever it is."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What is known where records are gone.

    guarded: those still staged. came_from: record → its id and the one that brought it there, of any record. nearest:
    record that is gone and has no id so far → whom it is most alike. stays: record → whom it has stayed with so far.
    """

    guarded: Mapping[str, Guarded] = field(default_factory=dict)
    came_from: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    nearest: Mapping[str, str] = field(default_factory=dict)
    stays: Mapping[str, str] = field(default_factory=dict)


NOBODY: Final = Gone()


def still_there(
    staged: Mapping[str, Guarded], deleted: Collection[str], merges: Iterable[tuple[str, str]]
) -> dict[str, Guarded]:
    """The staged records that count: alive, or merged at the source into one that is."""
    if not deleted:
        return dict(staged)
    winners = dict(merges)
    ends = {record: end_of(record, winners) if record in deleted else record for record in staged}
    return {r: known for r, known in staged.items() if ends[r] in staged and ends[r] not in deleted}


def end_of(record: str, winners: Mapping[str, str]) -> str:
    """Where merges at the source, or stays, lead from a record; a circle ends where it closes."""
    seen = {record}
    while (record in winners) and winners[record] not in seen:
        record = winners[record]
        seen.add(record)
    return record


def came_from(connection: Connection, names: Names) -> dict[str, tuple[str, str]]:
    """Record of the temporary table `reached` → its id, and the id that was merged into that and brought it along."""
    return {record: (now, before) for record, now, before in connection.query(names.spelled(CAME_FROM))}


def read_stays(connection: Connection, names: Names) -> dict[str, str]:
    """Record of the temporary table `reached` → whom it stays with since it is gone."""
    return dict(connection.query(STAYS, (names.entity,)))


def write_stays(
    connection: Connection,
    names: Names,
    before: Mapping[str, str],
    now: Mapping[str, str],
    run_id: str,
    at: str,
) -> None:
    """Keep whom each record that is gone stays with; what is there again stays with nobody."""
    connection.execute_many(
        "DELETE FROM stays_with WHERE entity = ? AND record = ?",
        [(names.entity, record) for record in sorted(before.keys() - now.keys())],
    )
    rows = [(names.entity, r, now[r], at, run_id) for r in sorted(now) if before.get(r) != now[r]]
    bulk.upsert(connection, "stays_with", ("entity", "record", "with_record", "since_at", "run_id"), rows)


def nearest(
    strays: Collection[str],
    present: Collection[str],
    keyed: Iterable[tuple[Key, str]],
    pairs: Iterable[Pair],
) -> dict[str, str]:
    """Stray → whom it goes with: somebody present before somebody gone, a shared number before the best score.

    keyed: (number, record). pairs: alike enough to join by themselves.
    """
    if not strays:
        return {}
    offers: dict[str, list[tuple[bool, bool, float, str]]] = {}
    holders: dict[Key, list[str]] = {}
    for key, record in keyed:
        holders.setdefault(key, []).append(record)
    for records in holders.values():
        for stray in set(records).intersection(strays):
            offers.setdefault(stray, []).extend(
                (r not in present, False, 0.0, r) for r in records if r != stray
            )
    for left, right, score in pairs:
        for stray, other in ((left, right), (right, left)):
            if stray in strays:
                offers.setdefault(stray, []).append((other not in present, True, -score, other))
    return {stray: min(offered)[-1] for stray, offered in offers.items() if offered}


def stay_with(problem: Problem, standing: Standing, gone: Gone = NOBODY) -> dict[str, str]:
    """Each record that is gone → whom it stays with: as it was settled when it went, else as it stands now.

    Never with one that a person said it is not.
    """
    known, here = set(problem.records), problem.guarded.keys()
    found = dict(gone.nearest)
    for entity_id, parts in parts_of(problem.records, standing, gone).items():
        everybody = anchor_of([r for part in parts.values() for r in part], here, entity_id, standing)
        for origin, linked in parts.items():
            anchor = everybody if here.isdisjoint(linked) else anchor_of(linked, here, origin, standing)
            found |= {r: anchor for r in linked if r not in here and r != anchor}
    found |= {r: other for r, other in gone.stays.items() if r not in here and other in known}
    return {r: other for r, other in found.items() if not told_apart(problem, r, other)}


def told_apart(problem: Problem, one: str, other: str) -> bool:
    """Whether a person said that two records are not one."""
    return (min(one, other), max(one, other)) in problem.cannot


def parts_of(records: Iterable[str], standing: Standing, gone: Gone) -> dict[str, dict[str, list[str]]]:
    """The linked records by their id, and by the id that brought them along, where a merge did."""
    members: dict[str, dict[str, list[str]]] = {}
    for record in records:
        if entity_id := standing.links.get(record):
            now, before = gone.came_from.get(record, ("", ""))
            origin = before if now == entity_id else entity_id
            members.setdefault(entity_id, {}).setdefault(origin, []).append(record)
    return members


def kept(stays: Mapping[str, str]) -> list[Must]:
    """The same as links for grouping: who stays with somebody who is gone, too, stays with whom that one stays with."""
    ends = {record: end_of(record, stays) for record in stays}
    return [Must(end, record, KEPT) for record, end in sorted(ends.items()) if end != record]


def anchor_of(linked: Collection[str], here: Collection[str], entity_id: str, standing: Standing) -> str:
    """The founding record of an id, if it is still there; else the smallest record that is."""
    living = [record for record in linked if record in here]
    minted = standing.minted.get(entity_id)
    return minted.record if minted and minted.record in living else min(living or linked)
