"""Weights of a hub's own: what its stewards decided, learned on top of the shipped weights.

Every "same" and "different" is a pair whose levels are known. The shipped weights are where the search begins and what
it is held to: each bit away from them costs, so thirty verdicts move little and three thousand much. Whether the new
weights are any better is judged on verdicts that were left out; pairs that share a record are left out together.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.policy import MATCH_RULES, Policy
from partnerhub.identity.weights import Weights, level_words, read_weights
from pipelines.resolve.blocks import read_features, read_frequencies
from pipelines.resolve.compared import NODES, PAIRS, levels_query
from pipelines.resolve.evaluation import read_labels
from pipelines.resolve.feature_table import feature_table
from pipelines.resolve.learn import Design
from pipelines.resolve.regression import Columns, Floats, fitted, totals
from pipelines.resolve.scores import opened
from warehouse.database import Database

HELD_BY = 300.0
"""What the square of a step away from the shipped weights costs, as if that many verdicts were known before."""
FOLDS = 5
FEWEST = 20
"""With fewer verdicts than this, or none of one kind, nothing is learned."""
SHOWN = 2
"""Decimals of a weight."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Verdicts:
    """Pairs people decided, compared. levels: pairs by comparisons; same: 1 where they said so; apart: its fold."""

    levels: Columns
    same: Floats
    folds: Columns


class Moved(NamedTuple):
    """A level whose weight changed, in bits."""

    comparison: str
    level: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What verdicts taught. surprise: bits a verdict takes to tell on average, by weights that never saw it."""

    weights: Weights
    same: int
    different: int
    surprise_before: float
    surprise_after: float
    moved: tuple[Moved, ...]

    @property
    def better(self) -> bool:
        """Whether the new weights tell verdicts better that they did not see."""
        return self.surprise_after < self.surprise_before


def learn_from_verdicts(database: Database, policy: Policy) -> Learned | None:
    """Weights learned from every verdict on two organizations; None when there are too few. Writes nothing."""
    with database.session() as connection, connection.transaction():
        labels = {pair: verdict == "same" for pair, (verdict, _) in read_labels(connection).items()}
        if not enough(labels.values()):
            return None
        records = {record for pair in labels for record in pair}
        features = read_features(connection, records)
        frequencies = read_frequencies(connection, features, records, policy)
    with opened() as compared:
        compared.register("given", feature_table(features, None, frequencies, policy))
        compared.execute(f"CREATE TEMP TABLE {NODES} AS FROM given").fetchall()
        compared.execute(f"CREATE TEMP TABLE {PAIRS} (left_record VARCHAR, right_record VARCHAR)").fetchall()
        compared.executemany(f"INSERT INTO {PAIRS} VALUES (?, ?)", sorted(labels))
        found = compared.execute(f"{levels_query()} ORDER BY left_record, right_record").fetchnumpy()
    pairs = list(zip(found["left_record"], found["right_record"], strict=True))
    levels = np.stack(
        [np.asarray(found[f"level_{n}"], dtype=np.int64) for n in range(len(SCORECARD))], axis=1
    )
    same = np.array([labels[pair] for pair in pairs], dtype=np.float64)
    return learned(Verdicts(levels, same, folds_of(pairs)), read_weights())


def enough(verdicts: Collection[bool]) -> bool:
    """Whether there is something to learn: verdicts of both kinds."""
    return len(verdicts) >= FEWEST and len(set(verdicts)) > 1


def folds_of(pairs: list[Pair]) -> Columns:
    """The part each pair is left out with: pairs that share a record, directly or by others, are in one."""
    leader: dict[str, str] = {}

    def lead(record: str) -> str:
        while leader.setdefault(record, record) != record:
            record = leader[record]
        return record

    for left, right in pairs:
        one, other = sorted((lead(left), lead(right)))
        leader[other] = one
    parts = [hashlib.sha256(lead(left).encode()).digest()[0] % FOLDS for left, _ in pairs]
    return np.array(parts, dtype=np.int64)


def learned(verdicts: Verdicts, known: Weights) -> Learned:
    """Learn from all verdicts, and judge by leaving out a fold at a time."""
    plan, before = design(known)
    columns = plan.columns(verdicts.levels)
    left_out = np.zeros(len(verdicts.same))
    for part in range(FOLDS):
        kept, asked = verdicts.folds != part, verdicts.folds == part
        if asked.any():
            left_out[asked] = totals(columns[asked].T, moved_by(columns[kept], verdicts.same[kept], before))
    after = moved_by(columns, verdicts.same, before)
    bits = after / math.log(2)
    return Learned(
        weights=as_weights(bits, plan, known, verdicts),
        same=int(verdicts.same.sum()),
        different=int((1 - verdicts.same).sum()),
        surprise_before=surprise(totals(columns.T, before), verdicts.same),
        surprise_after=surprise(left_out, verdicts.same),
        moved=largest_moves(before / math.log(2), bits, plan),
    )


def design(known: Weights) -> tuple[Design, Floats]:
    """A column for every level that says something, and what each is worth, in natural logarithms."""
    numbers, labels, bits = [], [("", "")], [known.prior]
    for comparison in SCORECARD:
        columns = []
        for words, worth in zip(level_words(comparison), known.of(comparison), strict=True):
            columns.append(len(labels) if words else 0)
            if words:
                labels.append((comparison.name, words))
                bits.append(worth)
        numbers.append(np.array(columns, dtype=np.int64))
    return Design(numbers, labels), np.array(bits) * math.log(2)


def moved_by(columns: Columns, same: Floats, before: Floats) -> Floats:
    """The weights that verdicts make of the ones before."""
    return fitted(columns, same, np.ones(len(same)), len(before), HELD_BY, toward=before)


def surprise(total: Floats, same: Floats) -> float:
    """Bits a verdict takes to tell, on average: 0 for scores that know it, 1 for even odds."""
    return float((np.logaddexp(0, total) - same * total).mean() / math.log(2))


def as_weights(bits: Floats, plan: Design, known: Weights, verdicts: Verdicts) -> Weights:
    """The file's content: every level, as the shipped one has it where no verdict was about it."""
    found: dict[str, dict[str, float]] = {}
    for (name, words), value in zip(plan.labels[1:], bits[1:], strict=True):
        if round(float(value), SHOWN):
            found.setdefault(name, {})[words] = round(float(value), SHOWN)
    about: Mapping[str, object] = {
        "command": "partnerhub learn",
        "rules": MATCH_RULES,
        "learned from": {
            "verdicts": {
                "same": int(verdicts.same.sum()),
                "different": int((1 - verdicts.same).sum()),
            }
        },
        "on top of": known.about,
        "penalty": HELD_BY,
        "unit": "bits",
    }
    return Weights(round(float(bits[0]), SHOWN), found, about)


def largest_moves(before: Floats, after: Floats, plan: Design) -> tuple[Moved, ...]:
    """The levels whose weights changed, largest change first."""
    named = [("before anything is compared", "prior"), *plan.labels[1:]]
    moves = [
        Moved(*label, round(float(was), SHOWN), round(float(now), SHOWN))
        for label, was, now in zip(named, before, after, strict=True)
    ]
    changed = (move for move in moves if move.before != move.after)
    return tuple(sorted(changed, key=lambda m: (-abs(m.after - m.before), m.comparison, m.level)))
