"""Why records are one organization, or are not, in words for people."""

from __future__ import annotations

import json
from dataclasses import dataclass

from warehouse.database import Connection

DECISION = """
SELECT verdict, actor, decided_at, reason FROM decision
WHERE (left_record = ? AND right_record = ?) OR (left_record = ? AND right_record = ?) ORDER BY decided_at DESC
"""
MERGED = """
SELECT 1 FROM staged_relation WHERE kind = 'merged_into'
AND ((from_record = ? AND to_record = ?) OR (from_record = ? AND to_record = ?))
"""
SHARED = """
SELECT mine.kind, mine.scheme, mine.original FROM key mine JOIN key other ON other.kind = mine.kind
AND other.scheme = mine.scheme AND other.normalized = mine.normalized
WHERE mine.record = ? AND other.record = ? AND mine.kind IN ('registry', 'crm_id', 'email') ORDER BY 1, 2, 3
"""
EDGE = "SELECT score, band, why_json FROM match_edge WHERE left_record = ? AND right_record = ?"
MEMBERS = """
SELECT record, method, score, started_at FROM organization_link WHERE organization_id = ? AND ended_at IS NULL
ORDER BY record
"""
BANDS = {
    "auto": "enough to join by itself",
    "review": "not enough to join by itself; a person may decide",
    "veto": "kept apart whatever else agrees",
    "no": "nothing in common any more",
}
METHODS = {
    "founding": "first record of the organization",
    "decision": "a person said so",
    "merged_into": "merged in the source system",
    "kept": "no longer in the source; stays where it was",
    "standing": "stood there when new weights came; a person has not decided yet",
    "score": "alike enough",
}


@dataclass(frozen=True, slots=True)
class Membership:
    """Why one record belongs to its organization. reasons: its strongest pair inside, in words."""

    record: str
    method: str
    words: str
    score: float | None
    since: str
    nearest: str | None
    reasons: tuple[str, ...]


def explain_pair(connection: Connection, left: str, right: str) -> list[str]:
    """What is known about two records being the same, most binding first. Empty when they were never compared."""
    left, right = min(left, right), max(left, right)
    both = (left, right, right, left)
    lines = [
        f"{actor} decided on {at[:10]}: {verdict}" + (f" ({reason})" if reason else "")
        for verdict, actor, at, reason in connection.query(DECISION, both)
    ]
    if connection.query(MERGED, both):
        lines.append("One was merged into the other in the source system.")
    lines += [
        f"Same {kind}{f' ({scheme})' if scheme else ''}: {original}"
        for kind, scheme, original in connection.query(SHARED, (left, right))
    ]
    for score, band, why in connection.query(EDGE, (left, right)):
        lines.append(f"Evidence weighs {score:+.1f} bits: {BANDS[band]}.")
        lines += [reason_line(reason) for reason in json.loads(why)]
    return lines


def reason_line(reason: dict[str, str | float | None]) -> str:
    """One stored reason as a line."""
    values = sorted({str(reason[side]) for side in ("left", "right") if reason[side]})
    quoted = f" ({' / '.join(values)})" if values else ""
    return f"{reason['weight']:+.0f}  {reason['words']}{quoted}"


def explain_organization(connection: Connection, organization_id: str) -> list[Membership]:
    """Why each record belongs to the organization, in order of records."""
    members = connection.query(MEMBERS, (organization_id,))
    records = [row[0] for row in members]
    memberships = []
    for record, method, score, since in members:
        ranked = sorted(
            ((found[0][0], other) for other in records if (found := edge_between(connection, record, other))),
            reverse=True,
        )
        nearest = ranked[0][1] if ranked else None
        reasons = tuple(explain_pair(connection, record, nearest)) if nearest else ()
        words = METHODS.get(method, f"same {method.partition(':')[2] or method}")
        memberships.append(Membership(record, method, words, score, since, nearest, reasons))
    return memberships


def edge_between(connection: Connection, one: str, other: str) -> list[tuple[float]]:
    """The stored score of two records, if any."""
    if one == other:
        return []
    return [(row[0],) for row in connection.query(EDGE, (min(one, other), max(one, other)))]
