"""What identity does not do by itself waits for a person: joins a guard held back, families, effects of retraining.

A row stands as long as its reason does; the reason of one that retraining left stands until somebody has decided.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from partnerhub.identity.grouping import Held, Must
from partnerhub.identity.people import Doubt
from pipelines.resolve.neighborhood import Names
from warehouse import bulk
from warehouse.database import Connection, RowTuple

RETRAINED = "retrained"
RELATED = frozenset({"family", "country"})
"""Reasons that speak for one family of two organizations rather than for one organization."""
BRANCH = "branch"
COLUMNS = (
    "left_record", "right_record", "reason", "entity", "proposal", "score", "settled_json", "run_id", "opened_at",
    "closed_at",
)  # fmt: skip
OPEN = """
SELECT v.left_record, v.right_record, v.reason, v.proposal, v.score, v.settled_json FROM reached
CROSS JOIN identity_review v WHERE v.left_record = reached.record AND v.closed_at IS NULL AND v.entity = ?
UNION ALL
SELECT v.left_record, v.right_record, v.reason, v.proposal, v.score, v.settled_json FROM reached
CROSS JOIN identity_review v WHERE v.right_record = reached.record AND v.closed_at IS NULL AND v.entity = ?
"""
APART = """
SELECT e.left_record, e.right_record FROM reached CROSS JOIN match_edge e CROSS JOIN {{links}} a CROSS JOIN {{links}} b
WHERE e.{side}_record = reached.record AND a.record = e.left_record AND a.ended_at IS NULL
AND b.record = e.right_record AND b.ended_at IS NULL AND e.band = 'veto' AND e.entity = ? AND a.{{id}} <> b.{{id}}
AND NOT EXISTS (SELECT 1 FROM staged_relation r WHERE r.kind IN ('parent_of', 'branch_of', 'family')
AND r.deleted_at IS NULL AND (r.from_record = e.left_record AND r.to_record = e.right_record
OR r.from_record = e.right_record AND r.to_record = e.left_record))
AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.left_record = e.left_record AND d.right_record = e.right_record
AND d.verdict IN ('same', 'different'))
"""
FAMILIES = f"{APART.format(side='left')} UNION {APART.format(side='right')}"
CLOSE = """
UPDATE identity_review SET closed_at = ? WHERE left_record = ? AND right_record = ? AND reason = ?
"""


class Review(NamedTuple):
    """One suggestion: left < right. proposal: join, part or related.

    settled: after retraining, the organizations of the two as lists of records, as JSON.
    """

    left: str
    right: str
    reason: str
    proposal: str
    score: float | None
    settled: str | None = None

    @property
    def organizations(self) -> list[frozenset[str]]:
        """The organizations it is about, as they stood when it was asked."""
        return [frozenset(records) for records in json.loads(self.settled or "[]")]


def open_reviews(connection: Connection, names: Names) -> set[Review]:
    """What waits of the records in the temporary table `reached`."""
    return {Review(*row) for row in connection.query(OPEN, (names.entity, names.entity))}


def suggested(held: Iterable[Held], place: Mapping[str, int]) -> set[Review]:
    """What guards held back, as suggestions; what was settled has its row from the retraining.

    place: record → number of its group. What grew too large by other means than scores may have to come apart.
    """
    return {
        Review(one.left, one.right, one.reason, proposal_of(one, place), one.score)
        for one in held
        if one.reason != "settled"
    }


def proposal_of(one: Held, place: Mapping[str, int]) -> str:
    """What a guard proposes instead of joining."""
    if place[one.left] == place[one.right]:
        return "part"
    return "related" if one.reason in RELATED else "join"


def doubted(doubts: Iterable[Doubt], place: Mapping[str, int]) -> set[Review]:
    """Persons who may be one and are not."""
    return {
        Review(one.left, one.right, one.reason, "join", None)
        for one in doubts
        if place[one.left] != place[one.right]
    }


def unmet(musts: Iterable[Must], place: Mapping[str, int]) -> set[Review]:
    """Records that share a number or an address and are two all the same: two numbers of an exclusive register."""
    return {
        Review(min(one.left, one.right), max(one.left, one.right), "registry", "join", None)
        for one in musts
        if one.method.startswith("key:") and place[one.left] != place[one.right]
    }


def families(connection: Connection, names: Names) -> set[Review]:
    """Pairs with a record in `reached` that look like head office and branch, and nobody has said what they are."""
    pairs = connection.query(names.spelled(FAMILIES), (names.entity, names.entity))
    return {Review(left, right, BRANCH, "related", None) for left, right in pairs}


def keep_reviews(
    connection: Connection,
    names: Names,
    wanted: set[Review],
    standing: Collection[Review],
    run_id: str,
    now: str,
) -> int:
    """Let exactly the wanted ones stand in place of the others; returns how many rows changed."""
    gone = {one[:3] for one in standing} - {one[:3] for one in wanted}
    connection.execute_many(CLOSE, [(now, *key) for key in sorted(gone)])
    rows: list[RowTuple] = [
        (*one[:3], names.entity, one.proposal, one.score, one.settled, run_id, now, None)
        for one in sorted(wanted - set(standing), key=lambda one: one[:3])
    ]
    bulk.upsert(connection, "identity_review", COLUMNS, rows)
    return len(gone) + len(rows)
