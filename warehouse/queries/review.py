"""What waits for a steward: pairs of organizations that may be one, what is worth most and likeliest first.

A pair of organizations is asked about once, by its strongest pair of records. It is not asked about when somebody said
of any two of their records that they are different (on no path can they become one), nor again after "unsure".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from partnerhub.identity.bands import probability_of
from warehouse import bulk
from warehouse.queries.sides import holdings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

APART: Final = (
    "SELECT e.left_record, e.right_record, e.score, e.band,"
    " coalesce(a.organization_id, e.left_record), coalesce(b.organization_id, e.right_record)"
    " FROM match_edge e LEFT JOIN organization_link a ON a.record = e.left_record AND a.ended_at IS NULL"
    " LEFT JOIN organization_link b ON b.record = e.right_record AND b.ended_at IS NULL"
    " WHERE e.entity = 'organization' AND e.band NOT IN ('no', 'veto')"
    " AND (a.organization_id IS NULL OR b.organization_id IS NULL OR a.organization_id <> b.organization_id)"
)
SUGGESTED: Final = (
    "SELECT v.left_record, v.right_record, coalesce(v.score, e.score), v.reason, v.proposal,"
    " coalesce(a.organization_id, v.left_record), coalesce(b.organization_id, v.right_record) FROM identity_review v"
    " LEFT JOIN match_edge e ON e.left_record = v.left_record AND e.right_record = v.right_record"
    " LEFT JOIN organization_link a ON a.record = v.left_record AND a.ended_at IS NULL"
    " LEFT JOIN organization_link b ON b.record = v.right_record AND b.ended_at IS NULL"
    " WHERE v.entity = 'organization' AND v.closed_at IS NULL ORDER BY 1, 2, 4"
)
"""What the rules suggest and do not do by themselves: a guard held it back, a family, an effect of retraining."""

PART: Final = "part"
DECIDED: Final = (
    "SELECT coalesce(a.organization_id, d.left_record), coalesce(b.organization_id, d.right_record), d.verdict,"
    " d.left_record, d.right_record FROM decision d"
    " LEFT JOIN organization_link a ON a.record = d.left_record AND a.ended_at IS NULL"
    " LEFT JOIN organization_link b ON b.record = d.right_record AND b.ended_at IS NULL"
    " WHERE d.entity = 'organization' ORDER BY d.decided_at"
)
NAMED: Final = (
    "SELECT k.id, o.name, o.city, o.country, o.domain, o.annual_value_minor, EXISTS (SELECT 1 FROM partnership p"
    " WHERE p.organization_id = o.organization_id) FROM asked_id k JOIN organization o ON o.organization_id = k.id"
    " WHERE o.deleted_at IS NULL"
)
WAITING: Final = (
    "SELECT k.id, s.name, s.city, s.country, s.domain, NULL, 1 = 0 FROM asked_id k JOIN staged_organization s"
    " ON s.record = k.id WHERE s.deleted_at IS NULL"
)
COMPUTED: Final = frozenset({"owner"})
"""Golden fields no staged record has as such."""

PARTNER_WEIGHT: Final = 2.0
DEAL_WEIGHT: Final = 5
"""A deal says as much about what an organization is worth as so many facts."""
MAJOR: Final = 100
DIGITS: Final = 3
"""Bytes of a question's id: 16 million of them, against some thousand questions at a time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the two organizations of a question, and what hangs on it. id: the record's key where it has none yet."""

    id: str
    name: str
    city: str | None
    country: str | None
    domain: str | None
    partner: bool
    records: int
    people: int
    facts: int
    deals: int
    annual_value_minor: int | None

    @property
    def worth(self) -> float:
        """What hangs on it, in orders of magnitude: facts, deals and yearly money; a partner counts twice."""
        hanging = math.log2(2 + self.facts + self.people + DEAL_WEIGHT * self.deals)
        money = math.log10(1 + (self.annual_value_minor or 0) / MAJOR)
        return (hanging + money) * (PARTNER_WEIGHT if self.partner else 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """Are these two one organization? pair: its strongest two records. bits: their score. value: what both are worth.

    unsure: whether somebody could not tell already. pairs: how many pairs of records speak for it. proposal: join, part
    (they are one, and should perhaps not be) or related (one family, two organizations). reason: what made it a
    question: score, a guard (registry, country, size, bridge), family, branch or retrained.
    """

    id: str
    left: Asked
    right: Asked
    pair: tuple[str, str]
    bits: float
    band: str
    pairs: int
    unsure: bool = False
    proposal: str = "join"
    reason: str = "score"

    @property
    def probability(self) -> float:
        """How probable it is that they are one."""
        return probability_of(self.bits)

    @property
    def value(self) -> float:
        """What the two are worth together."""
        return round(self.left.worth + self.right.worth, 1)

    @property
    def rank(self) -> float:
        """Value times confidence: what comes first."""
        return self.value * self.probability


@dataclass(slots=True)
class Strongest:
    """The strongest pair of records between two organizations so far. ids: theirs, in the order of the pair."""

    bits: float
    band: str
    pair: tuple[str, str]
    ids: tuple[str, str]
    pairs: int = 1
    proposal: str = "join"
    reason: str = "score"


def questions(connection: Connection, *, unsure: bool = False) -> list[Question]:
    """Everything that waits for a steward, the highest value times probability first.

    unsure: also what somebody could not tell; those come last.
    """
    between = strongest_pairs(connection)
    parts = add_suggested(connection, between)
    verdicts, said = verdicts_by_organizations(connection)
    waiting = [(ids, found, verdicts.get(ids, set()) - {"same"}) for ids, found in between.items()] + [
        (ids, found, {said[found.pair]} if found.pair in said else set()) for ids, found in parts
    ]
    allowed = {"unsure"} if unsure else set()
    open_pairs = [(ids, found, words) for ids, found, words in waiting if words <= allowed]
    asked = asked_about(connection, {each for ids, _, _ in open_pairs for each in ids})
    found = [
        Question(
            question_id(strongest.pair),
            asked[strongest.ids[0]],
            asked[strongest.ids[1]],
            strongest.pair,
            strongest.bits,
            strongest.band,
            strongest.pairs,
            "unsure" in words,
            strongest.proposal,
            strongest.reason,
        )
        for (one, other), strongest, words in open_pairs
        if one in asked and other in asked
    ]
    return sorted(found, key=lambda each: (each.unsure, -each.rank, each.pair))


def strongest_pairs(connection: Connection) -> dict[tuple[str, str], Strongest]:
    """The strongest scored pair between any two organizations, by their ids in order."""
    found: dict[tuple[str, str], Strongest] = {}
    for left, right, bits, band, one, other in connection.query(APART):
        key = (min(one, other), max(one, other))
        known = found.get(key)
        if known is None:
            found[key] = Strongest(bits, band, (left, right), (one, other))
        else:
            known.pairs += 1
            if (bits, (right, left)) > (known.bits, known.pair[::-1]):
                known.bits, known.band, known.pair, known.ids = bits, band, (left, right), (one, other)
    return found


def add_suggested(
    connection: Connection, between: dict[tuple[str, str], Strongest]
) -> list[tuple[tuple[str, str], Strongest]]:
    """Add what the rules suggest of two organizations; returns what they suggest to part, by the one organization."""
    parts = []
    for left, right, bits, reason, proposal, one, other in connection.query(SUGGESTED):
        pair, sides = ((left, right), (one, other)) if left < right else ((right, left), (other, one))
        ids = (min(one, other), max(one, other))
        if one == other:
            if proposal == PART:
                parts.append((ids, Strongest(bits or 0.0, "", pair, sides, 1, proposal, reason)))
        elif ids in between:
            between[ids].proposal, between[ids].reason = proposal, reason
        else:
            between[ids] = Strongest(bits or 0.0, "", pair, sides, 1, proposal, reason)
    return parts


def verdicts_by_organizations(
    connection: Connection,
) -> tuple[dict[tuple[str, str], set[str]], dict[tuple[str, str], str]]:
    """Which last words stand between any two organizations, by their ids in order; and the last word per pair."""
    last = {
        (left, right): (one, other, verdict) for one, other, verdict, left, right in connection.query(DECIDED)
    }
    found: dict[tuple[str, str], set[str]] = {}
    for one, other, verdict in last.values():
        found.setdefault((min(one, other), max(one, other)), set()).add(verdict)
    return found, {pair: verdict for pair, (_, _, verdict) in last.items()}


def asked_about(connection: Connection, ids: Iterable[str]) -> dict[str, Asked]:
    """Organizations and waiting records by id, with what hangs on them."""
    held = holdings(connection, ids)  # leaves the ids in `asked_id`
    nothing = {"records": 1, "people": 0, "facts": 0, "deals": 0}
    rows: list[tuple[Any, ...]] = connection.query(NAMED) + connection.query(WAITING)
    return {
        row[0]: Asked(
            id=row[0],
            name=row[1],
            city=row[2],
            country=row[3],
            domain=row[4],
            partner=bool(row[6]),
            annual_value_minor=row[5],
            **(held[row[0]] if held[row[0]]["records"] else nothing),
        )
        for row in rows
    }


def question_id(pair: tuple[str, str]) -> str:
    """Six hexadecimal digits by which a question can be named."""
    return blake2b("\n".join(pair).encode(errors="backslashreplace"), digest_size=DIGITS).hexdigest()


def question_named(connection: Connection, wanted: str) -> Question | None:
    """The open question of that id, also one somebody was unsure about."""
    return next((each for each in questions(connection, unsure=True) if each.id == wanted), None)


def fields_of(connection: Connection, ids: Iterable[str], fields: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Golden values of organizations, or of records that wait, by id: what is put side by side."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    wanted = list(fields)
    golden = ", ".join(f"x.{name}" for name in wanted)
    waiting = ", ".join(f"NULL AS {name}" if name in COMPUTED else f"x.{name}" for name in wanted)
    rows = connection.records(
        f"SELECT k.id, {golden} FROM asked_id k JOIN organization x ON x.organization_id = k.id"
    ) + connection.records(
        f"SELECT k.id, {waiting} FROM asked_id k JOIN staged_organization x ON x.record = k.id"
    )
    return {row.pop("id"): row for row in rows}
