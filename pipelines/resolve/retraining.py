"""Other weights change nothing by themselves: every pair is scored anew, and what would come out otherwise is asked.

An organization that the new weights would join with another, or split, is settled: it stands as it is until somebody
has decided the questions about it, in `identity_review` with the reason `retrained`. Whatever is not in question
follows the new weights from then on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, cast

from partnerhub.identity.assign import Standing
from partnerhub.identity.grouping import Pair, Partition, Problem, partition
from partnerhub.identity.policy import DEFAULT, MATCH_RULES, Policy
from pipelines.resolve.assignment import Evidence, read_evidence, settled, with_the_gone
from pipelines.resolve.evaluation import Tried, TriedDatabase
from pipelines.resolve.ledger import read_standing
from pipelines.resolve.neighborhood import Names, load_reached
from pipelines.resolve.proposal import propose
from pipelines.resolve.reviews import RETRAINED, Review, keep_reviews, open_reviews
from warehouse.database import Connection, Database

RULES: Final = "match_rules"
"""The name under which the hub remembers by which rules its pairs were last scored, all of them."""
LINKED: Final = "SELECT record FROM organization_link WHERE ended_at IS NULL"
WAITING: Final = "SELECT record FROM pending WHERE kind = 'organization'"
EVERYBODY: Final = (
    "INSERT INTO pending (record, kind) SELECT record, 'organization' FROM staged_organization WHERE true"
    " ON CONFLICT (record, kind) DO NOTHING"
)
REMEMBER: Final = (
    "INSERT INTO hub_state (name, value) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


@dataclass(frozen=True, slots=True)
class Rescored:
    """What scoring everything anew found: pairs that changed; and what the new weights would do, had they a say."""

    pairs: int
    joins: int
    splits: int


def rules_now(policy: Policy = DEFAULT) -> str:
    """The version of the rules with a digest of the weights in force."""
    weights = policy.scorecard
    said = json.dumps([weights.prior, weights.bits], sort_keys=True)
    return f"{MATCH_RULES} {blake2b(said.encode(), digest_size=6).hexdigest()}"


def rescore_if_rules_moved(
    database: Database, run_id: str, now: str, policy: Policy = DEFAULT
) -> Rescored | None:
    """Rescore when the pairs were last scored by other rules; None when they were not, or nothing is linked yet."""
    with database.session() as connection:
        known = connection.one("SELECT value FROM hub_state WHERE name = ?", (RULES,))
        if known is not None and known[0] == rules_now(policy):
            return None
        if connection.one(f"{LINKED} LIMIT 1") is None:
            with connection.transaction():
                connection.execute(REMEMBER, (RULES, rules_now(policy)))
            return None
    return rescore(database, run_id, now, policy)


def rescore(database: Database, run_id: str, now: str, policy: Policy = DEFAULT) -> Rescored:
    """Score every pair anew and ask about every difference, in one transaction. Moves no id; safe to repeat."""
    with database.session() as connection, connection.transaction():
        waiting = {row[0] for row in connection.query(WAITING)}
        connection.execute(EVERYBODY)
        within = cast("Any", TriedDatabase(Tried(connection.raw, connection.dialect)))
        counts = propose(within, run_id, now, policy)
        added = sorted({row[0] for row in connection.query(WAITING)} - waiting)
        connection.execute_many(
            "DELETE FROM pending WHERE record = ? AND kind = 'organization'", [(record,) for record in added]
        )
        found = ask_about_differences(connection, run_id, now, policy)
        connection.execute(REMEMBER, (RULES, rules_now(policy)))
    proposals = [one.proposal for one in found]
    return Rescored(counts.written, proposals.count("join"), proposals.count("part"))


def ask_about_differences(connection: Connection, run_id: str, now: str, policy: Policy) -> set[Review]:
    """Compare what stands with what the stored pairs would make of it; the questions that follow replace the former.

    Expects an open transaction. Records without an id yet are left out: they are news, not retraining.
    """
    names = Names("organization")
    records = sorted(row[0] for row in connection.query(LINKED))
    load_reached(connection, records)
    standing = read_standing(connection, names, records)
    evidence, _ = with_the_gone(read_evidence(connection, names, records, standing.links), standing)
    waiting = open_reviews(connection, names)
    asked = differences(evidence, standing, policy)
    others = {one for one in waiting if one.reason != RETRAINED}
    keep_reviews(connection, names, asked | others, waiting, run_id, now)
    return asked


def differences(evidence: Evidence, standing: Standing, policy: Policy) -> set[Review]:
    """Questions about every organization that would not stay as it is.

    Settling some may let the scores of others add up otherwise, so this is repeated until all that is left stands.
    """
    standing_together: dict[str, list[str]] = {}
    for record in sorted(evidence.problem.guarded):
        standing_together.setdefault(standing.links[record], []).append(record)
    asked: set[Review] = set()
    ids: set[str] = set()
    while True:
        kept = {frozenset(standing_together[each]) for each in ids}
        solved = partition(settled(evidence.problem, kept), policy)
        found = set(questions(solved, evidence.problem, standing.links))
        more = {standing.links[record] for one in found for record in (one.left, one.right)}
        asked |= found
        if more <= ids:
            return {about(one, standing, standing_together) for one in asked}
        ids |= more


def about(one: Review, standing: Standing, standing_together: Mapping[str, list[str]]) -> Review:
    """The question with the records of the organizations it is about."""
    ids = {standing.links[one.left], standing.links[one.right]}
    return one._replace(settled=json.dumps(sorted(standing_together[each] for each in ids)))


def questions(solved: Partition, problem: Problem, links: Mapping[str, str]) -> Iterator[Review]:
    """One question for every two organizations that would be one, and for every part that would come off."""
    place = {record: number for number, group in enumerate(solved.groups) for record in group.records}
    yield from joins(solved, problem, place, links)
    parts: dict[str, dict[int, str]] = defaultdict(dict)
    for record in sorted(problem.guarded):
        parts[links[record]].setdefault(place[record], record)
    for first, *others in (list(found.values()) for found in parts.values()):
        yield from (Review(first, other, RETRAINED, "part", None) for other in others)


def joins(
    solved: Partition, problem: Problem, place: Mapping[str, int], links: Mapping[str, str]
) -> Iterator[Review]:
    """Every two organizations that come together, by their strongest pair; who has none, by its smallest record."""
    best: dict[tuple[str, str], Review] = {}
    for left, right, score in cast("Iterable[Pair]", problem.pairs):  # as `read_evidence` has them
        one, other = sorted((links[left], links[right]))
        if one != other and place[left] == place[right]:
            review = Review(min(left, right), max(left, right), RETRAINED, "join", score)
            best[one, other] = max(best.get((one, other), review), review, key=strength)
    yield from best.values()
    named = {entity_id for ids in best for entity_id in ids}
    for group in solved.groups:
        first: dict[str, str] = {}
        for record in sorted(group.records & problem.guarded.keys()):
            first.setdefault(links[record], record)
        start, *others = first.values() if first else ("",)
        for other in others:
            if links[other] not in named or links[start] not in named:
                yield Review(start, other, RETRAINED, "join", None)


def strength(review: Review) -> tuple[float, str, str]:
    """The order of suggestions of the same two organizations."""
    return (review.score or 0.0, review.left, review.right)
