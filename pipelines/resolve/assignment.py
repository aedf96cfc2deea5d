"""Recompute groups for what a batch touched and write the ids that follow, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from partnerhub.identity.assign import Changes, Standing, assign
from partnerhub.identity.grouping import Guarded, Must, Pair, Partition, Problem, partition
from partnerhub.identity.people import Doubt
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.waiting import placed
from pipelines.resolve.gone import (
    NOBODY,
    Gone,
    Key,
    came_from,
    kept,
    nearest,
    read_stays,
    stay_with,
    still_there,
    write_stays,
)
from pipelines.resolve.ledger import Assigned, read_standing, summary, write_changes
from pipelines.resolve.namesakes import with_names
from pipelines.resolve.neighborhood import Names, closed_neighborhood, load_reached
from pipelines.resolve.owners import with_owners
from pipelines.resolve.persons import POLICY, read_persons
from pipelines.resolve.reviews import (
    RETRAINED,
    Review,
    doubted,
    families,
    keep_reviews,
    open_reviews,
    suggested,
    unmet,
)
from warehouse.database import Connection

STAGED_ORGANIZATIONS = """
SELECT s.record, s.host, s.domain, s.email, s.phone, s.street, s.city, s.postcode, s.country
FROM reached CROSS JOIN staged_organization s WHERE s.record = reached.record
"""
DELETED = """
SELECT s.record FROM reached CROSS JOIN {staged} s
WHERE s.record = reached.record AND s.deleted_at IS NOT NULL
"""
KEYS = """
SELECT k.kind, k.scheme, k.normalized, k.record FROM reached CROSS JOIN key k
WHERE k.record = reached.record AND k.entity = ? AND k.kind IN ({kinds})
ORDER BY k.kind, k.scheme, k.normalized, k.record
"""
PAIRS = """
SELECT e.left_record, e.right_record, e.score, e.band FROM reached CROSS JOIN match_edge e
WHERE e.left_record = reached.record AND e.entity = ? AND e.band <> 'no'
"""
PARENTS = """
SELECT from_record, to_record FROM reached CROSS JOIN staged_relation r
WHERE r.from_record = reached.record AND r.kind IN ('parent_of', 'branch_of') AND r.deleted_at IS NULL
"""
DECISIONS = """
SELECT d.left_record, d.right_record, d.verdict FROM reached CROSS JOIN decision d
WHERE d.left_record = reached.record AND d.entity = ? ORDER BY d.decided_at, d.left_record, d.right_record
"""
MERGES = """
SELECT from_record, to_record FROM reached CROSS JOIN staged_relation r
WHERE r.from_record = reached.record AND r.kind = 'merged_into' ORDER BY from_record, to_record
"""

Ends = tuple[str, str]
"""The two records of a pair, the smaller one first."""
FINAL = frozenset({"same", "different"})


def assign_organizations(
    connection: Connection, records: set[str], run_id: str, now: str, settings: Policy = DEFAULT
) -> Assigned:
    """Give the organizations around the given records their ids. Safe to call twice: the second writes nothing.

    Expects an open transaction and pairs already scored by `propose`. `now` must not lie before earlier calls.
    """
    return assign_entity(connection, Names("organization"), records, run_id, now, settings)


def assign_persons(connection: Connection, records: set[str], run_id: str, now: str) -> Assigned:
    """Give the persons around the given records their ids. Safe to call twice: the second writes nothing."""
    return assign_entity(connection, Names("person"), records, run_id, now, POLICY)


def assign_entity(
    connection: Connection, names: Names, records: set[str], run_id: str, now: str, policy: Policy
) -> Assigned:
    """Group the closed neighborhood, derive what changes, write it."""
    near = closed_neighborhood(connection, names.entity, records, policy)
    if not near:
        return Assigned()
    load_reached(connection, near)
    standing = read_standing(connection, names, near)
    evidence = read_evidence(connection, names, sorted(near), standing.links)
    waiting = open_reviews(connection, names)
    solved, unsettled, changes, stays = decide(names, evidence, standing, waiting, policy)
    write_changes(connection, names, changes, run_id, now)
    write_stays(connection, names, evidence.gone.stays, stays, run_id, now)
    place = places(solved)
    wanted = unsettled | suggested(solved.held, place) | families(connection, names)
    wanted |= doubted(evidence.doubts, place) | unmet(evidence.problem.musts, place)
    keep_reviews(connection, names, wanted, waiting, run_id, now)
    new = {link.record: link.entity_id for link in changes.links}
    asked = {new.get(r) or standing.links.get(r) for r in records & near}
    return summary(changes, {each for each in asked if each})


class Decided(NamedTuple):
    """What follows for a neighborhood. stays: record that is gone → whom it stays with."""

    solved: Partition
    unsettled: set[Review]
    changes: Changes
    stays: dict[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a neighborhood.

    decided: the last verdict on each pair that has one. gone: the rest. doubts: persons who may be one.
    """

    problem: Problem
    decided: Mapping[Ends, str]
    gone: Gone = NOBODY
    doubts: Collection[Doubt] = ()


def decide(
    names: Names, evidence: Evidence, standing: Standing, waiting: Collection[Review], policy: Policy
) -> Decided:
    """Group and give ids."""
    whole, stays = with_the_gone(evidence, standing)
    solved, unsettled = settle(whole, standing, waiting, policy)
    groups = placed(solved.groups, {**evidence.gone.guarded, **evidence.problem.guarded}, standing)
    changes = assign(names.entity, groups, standing)
    linked = standing.links.keys() | {link.record for link in changes.links}
    return Decided(solved, unsettled, changes, {r: other for r, other in stays.items() if r in linked})


def with_the_gone(evidence: Evidence, standing: Standing) -> tuple[Evidence, dict[str, str]]:
    """Evidence that says with whom each record that is gone stays; and the same by itself."""
    problem = evidence.problem
    stays = stay_with(problem, standing, evidence.gone)
    musts = [*problem.musts, *kept(stays)]
    return replace(evidence, problem=replace(problem, musts=musts)), stays


def settle(
    evidence: Evidence, standing: Standing, waiting: Collection[Review], policy: Policy
) -> tuple[Partition, set[Review]]:
    """Group with everything standing in which retraining left a question; also the questions that are still open.

    Whatever answers a question (a person, the source, a number) frees its organizations at once.
    """
    questions = {one for one in waiting if one.reason == RETRAINED and unanswered(one, evidence, standing)}
    kept = {
        records.intersection(evidence.problem.guarded) for one in questions for records in one.organizations
    }
    while True:
        solved = partition(settled(evidence.problem, kept), policy)
        questions -= answered_by(solved, questions)
        asked = {record for one in questions for record in (one.left, one.right)}
        # What came off for another reason is settled only as far as a question is about it.
        still = {
            part for records in kept for group in solved.groups if (part := records & group.records) & asked
        }
        if still == kept:
            return solved, questions
        kept = still


def unanswered(one: Review, evidence: Evidence, standing: Standing) -> bool:
    """Whether nobody has decided a question and both records are still there."""
    there = {one.left, one.right} <= evidence.problem.guarded.keys() & standing.links.keys()
    return there and evidence.decided.get((one.left, one.right)) not in FINAL


def answered_by(solved: Partition, questions: Collection[Review]) -> set[Review]:
    """The questions whose join or split has come about."""
    if not questions:
        return set()
    place = places(solved)
    return {one for one in questions if (place[one.left] == place[one.right]) == (one.proposal == "join")}


def places(solved: Partition) -> dict[str, int]:
    """Record → number of its group."""
    return {record: number for number, group in enumerate(solved.groups) for record in group.records}


def settled(problem: Problem, kept: Collection[frozenset[str]]) -> Problem:
    """The same with these sets of records kept together, and no score to join one of them with another."""
    guarded, musts = dict(problem.guarded), list(problem.musts)
    for records in sorted(sorted(each) for each in kept):
        musts += [Must(records[0], record, "standing") for record in records[1:]]
        guarded |= {record: replace(guarded[record], settled=True) for record in records}
    return replace(problem, guarded=guarded, musts=musts)


def read_evidence(
    connection: Connection, names: Names, records: list[str], linked: Mapping[str, str] | None = None
) -> Evidence:
    """What grouping may know about the records in the temporary table `reached`. linked: who has an id; None: all."""
    decided = connection.query(DECISIONS, (names.entity,))
    verdicts = {(min(left, right), max(left, right)): verdict for left, right, verdict in decided}
    scored = read_pairs(connection, names, verdicts.keys())
    deleted = {row[0] for row in connection.query(names.spelled(DELETED))}
    doubts: list[Doubt] = []
    if names.entity == "organization":
        staged, keyed = read_organizations(connection, names)
        merges = read_merges(connection, staged)
        guarded = still_there(staged, deleted, merges)
        guarded = with_names(connection, guarded, scored.among(guarded))
        guarded = with_owners(connection, guarded, linked or {})
        musts = sharing((key, record) for key, record in keyed if record in guarded)
    else:
        persons = read_persons(connection, names)
        staged, (keyed, _) = persons.guarded(), persons.shared(persons.names)
        merges = read_merges(connection, staged)
        guarded = still_there(staged, deleted, merges)
        shared, at_one_address = persons.shared(guarded)
        by_name, of_one_name = persons.by_name(guarded)
        musts, doubts = sharing(shared) + by_name, at_one_address + of_one_name
    has_id = staged if linked is None else linked
    strays = {record for record in staged if record not in guarded and record not in has_id}
    near = nearest(strays, guarded, keyed, scored.likely)
    gone = Gone({r: known for r, known in staged.items() if r not in guarded}, nearest=near)
    gone = replace(gone, stays=read_stays(connection, names))
    if len(guarded) < len(records):
        gone = replace(gone, came_from=came_from(connection, names))
    said = [Must(left, right, "decision") for (left, right), v in verdicts.items() if v == "same"]
    said += [Must(loser, winner, "merged_into") for loser, winner in merges]
    cannot = frozenset(pair for pair, verdict in verdicts.items() if verdict == "different")
    family = scored.family(guarded) | {(min(ends), max(ends)) for ends in connection.query(PARENTS)}
    problem = Problem(records, scored.among(guarded), said + musts, cannot, family, guarded)
    return Evidence(problem, verdicts, gone, doubts)


def read_merges(connection: Connection, staged: Collection[str]) -> list[Ends]:
    """Loser and winner of each merge at a source, of the records in the temporary table `reached`.

    Both must be staged: of one that is not, a hub that starts now knows nothing.
    """
    return [
        (loser, winner) for loser, winner in connection.query(MERGES) if loser in staged and winner in staged
    ]


class ScoredPairs(NamedTuple):
    """Pairs that nobody has decided; those of them that may join by themselves, and that look like two of a family."""

    alike: list[Pair]
    likely: list[Pair]
    branches: list[Ends]

    def among(self, present: Collection[str]) -> list[Pair]:
        """Pairs of which both records count."""
        return [pair for pair in self.alike if pair.left in present and pair.right in present]

    def family(self, present: Collection[str]) -> frozenset[Ends]:
        """Two of a family, both of whom count."""
        return frozenset(pair for pair in self.branches if pair[0] in present and pair[1] in present)


def read_pairs(connection: Connection, names: Names, decided: Collection[Ends]) -> ScoredPairs:
    """The scored pairs of the records in the temporary table `reached`."""
    found = ScoredPairs([], [], [])
    for left, right, score, band in connection.query(PAIRS, (names.entity,)):
        if (left, right) in decided:
            continue
        if band == "veto":
            found.branches.append((left, right))
            continue
        pair = Pair(left, right, score)
        found.alike.append(pair)
        if band == "auto":
            found.likely.append(pair)
    return found


def read_organizations(
    connection: Connection, names: Names
) -> tuple[dict[str, Guarded], list[tuple[Key, str]]]:
    """Guards of the staged organizations, and their strong identifiers."""
    keyed = [
        ((kind, (scheme, value)), record)
        for kind, scheme, value, record in connection.query(names.spelled(KEYS), (names.entity,))
    ]
    numbers: dict[str, set[tuple[str, str]]] = {}
    for (kind, number), record in keyed:
        if kind == "registry":
            numbers.setdefault(record, set()).add(number)
    guarded = {
        record: Guarded(
            frozenset(numbers.get(record, ())),
            mention=not any(values) and record not in numbers,
            country=values[-1],
        )
        for record, *values in connection.query(STAGED_ORGANIZATIONS)
    }
    return guarded, keyed


def sharing(keyed: Iterable[tuple[Key, str]]) -> list[Must]:
    """One must-link from the smallest record of a key to each other one."""
    holders: dict[Key, list[str]] = {}
    for key, record in keyed:
        holders.setdefault(key, []).append(record)
    return [
        Must(min(records), record, f"key:{kind}")
        for (kind, _), records in sorted(holders.items())
        for record in sorted(set(records))
        if record != min(records)
    ]
