"""All that is stored about two records being one: verdicts, merges at the source, identifiers, the scored pair."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

STRONG: Final = ("registry", "crm_id", "email", "phone", "host", "domain")
"""Kinds of identifiers that are worth naming when two records share them."""

LOAD: Final = ("asked_left", "asked_right")
EDGES: Final = (
    "SELECT e.left_record, e.right_record, e.score, e.band, e.why_json, e.rules, e.recorded_at FROM {one} a"
    " CROSS JOIN match_edge e CROSS JOIN {other} b WHERE e.left_record = a.record AND b.record = e.right_record"
    " AND e.band <> 'no'"
)
VERDICTS: Final = (
    "SELECT d.left_record, d.right_record, d.verdict, d.actor, d.decided_at, d.reason FROM {one} a"
    " CROSS JOIN decision d CROSS JOIN {other} b WHERE d.left_record = a.record AND b.record = d.right_record"
)
RELATED: Final = (
    "SELECT r.from_record, r.to_record, r.kind FROM {one} a CROSS JOIN staged_relation r"
    " CROSS JOIN {other} b WHERE r.from_record = a.record AND b.record = r.to_record"
    " AND r.kind IN ('merged_into', 'parent_of', 'branch_of', 'family')"
    " AND r.deleted_at IS NULL"
)
SHARED: Final = (
    "SELECT mine.record, other.record, mine.kind, mine.scheme, mine.original FROM asked_left a"
    " CROSS JOIN key mine CROSS JOIN asked_right b CROSS JOIN key other WHERE mine.record = a.record"
    " AND other.record = b.record AND other.kind = mine.kind AND other.normalized = mine.normalized"
    " AND other.scheme = mine.scheme AND mine.kind IN ({kinds})"
)
NUMBERS: Final = (
    "SELECT k.scheme, k.record, k.original FROM {one} a JOIN key k ON k.record = a.record WHERE k.kind = 'registry'"
    " ORDER BY 1, 2, 3"
)


class Edge(NamedTuple):
    """A scored pair. score: bits. why: reasons as stored (what, left, right, weight, words). at: when it was scored."""

    left: str
    right: str
    score: float
    band: str
    why: list[dict[str, Any]]
    rules: str
    at: str


class Word(NamedTuple):
    """A person's last word on a pair."""

    left: str
    right: str
    verdict: str
    actor: str
    at: str
    reason: str | None


class Tie(NamedTuple):
    """Two records that share an identifier or are related (kind: merged_into, parent_of, branch_of, family)."""

    left: str
    right: str
    kind: str
    scheme: str = ""
    value: str = ""


class Number(NamedTuple):
    """A registry number a record states."""

    scheme: str
    record: str
    value: str


@dataclass(frozen=True, slots=True)
class Between:
    """What is stored between two sets of records. edges: the strongest first. words: the last one per pair.

    numbers: of both sides, for telling which registries name them differently.
    """

    edges: list[Edge]
    words: list[Word]
    relations: list[Tie]
    shared: list[Tie]
    numbers: tuple[list[Number], list[Number]]


def between(connection: Connection, lefts: Iterable[str], rights: Iterable[str]) -> Between:
    """Everything across two sets of records; among the records of one when both sets are the same."""
    for name, records in zip(LOAD, (lefts, rights), strict=True):
        bulk.load_keys(connection, name, ("record",), ((record,) for record in set(records)))
    edges = {
        (row[0], row[1]): Edge(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6])
        for row in both_ways(connection, EDGES)
    }
    said = sorted((Word(*row) for row in both_ways(connection, VERDICTS)), key=lambda word: word.at)
    words = {(word.left, word.right): word for word in said}
    kinds = ", ".join(f"'{kind}'" for kind in STRONG)
    shared = {
        Tie(min(left, right), max(left, right), kind, scheme, value)
        for left, right, kind, scheme, value in connection.query(SHARED.format(kinds=kinds))
        if left != right
    }
    return Between(
        edges=sorted(edges.values(), key=lambda edge: (-edge.score, edge.left, edge.right)),
        words=[words[pair] for pair in sorted(words)],
        relations=sorted({Tie(*row) for row in both_ways(connection, RELATED)}),
        shared=sorted(shared, key=lambda tie: (STRONG.index(tie.kind), tie)),
        numbers=(numbers_of(connection, LOAD[0]), numbers_of(connection, LOAD[1])),
    )


def both_ways(connection: Connection, select: str) -> list[tuple[Any, ...]]:
    """The rows whose first record is on either side."""
    one, other = LOAD
    rows = connection.query(select.format(one=one, other=other))
    return rows + connection.query(select.format(one=other, other=one))


def numbers_of(connection: Connection, name: str) -> list[Number]:
    """The registry numbers of one side."""
    return [Number(*row) for row in connection.query(NUMBERS.format(one=name))]


def path_between(edges: Iterable[Edge], left: str, right: str) -> list[Edge]:
    """The chain of pairs from one record to the other whose weakest pair is strongest; empty where there is none."""
    by_record: dict[str, list[Edge]] = {}
    for edge in edges:
        by_record.setdefault(edge.left, []).append(edge)
        by_record.setdefault(edge.right, []).append(edge)
    best: dict[str, tuple[float, list[Edge]]] = {left: (float("inf"), [])}
    waiting = [left]
    while waiting:
        record = waiting.pop()
        weakest, chain = best[record]
        for edge in by_record.get(record, ()):
            other = edge.right if edge.left == record else edge.left
            reached = min(weakest, edge.score)
            if other not in best or reached > best[other][0]:
                best[other] = (reached, [*chain, edge])
                waiting.append(other)
    return best.get(right, (0.0, []))[1]
