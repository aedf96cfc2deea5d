"""Learn the weights of the scorecard from labelled tables: `python -m pipelines.resolve.learn --help`.

A labelled table is a folder with `records.csv`, as `partnerhub resolve` takes it, and `truth.csv`: source, source_id,
cluster_id. Records without a truth are compared, but teach nothing. The outcome depends on the tables alone.

Every table is judged out-of-fold: its organizations are dealt into FOLDS parts by a hash of their truth id; a pair
with a record of a part is scored by weights learned without any pair that has one.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.grouping import group
from partnerhub.identity.policy import DEFAULT, MATCH_RULES, Policy
from partnerhub.identity.weights import Weights, level_words
from pipelines.resolve.compared import levels_query
from pipelines.resolve.frequency import counted
from pipelines.resolve.quality import Calibration, Quality, calibration_of, quality_of
from pipelines.resolve.regression import Columns, Floats, fitted, totals
from pipelines.resolve.scores import Scored, candidates
from pipelines.resolve.sheet import sheet_problem
from pipelines.resolve.sheet_rows import sheet_features, staged_row

SIDES = ("left", "right")
FOLDS = 5
PENALTY = 5.0
FEWEST = 20
"""Levels that fewer training pairs show are worth nothing: a weight for them would be learned by heart."""
SHOWN = 2
"""Decimals of a weight."""
WIDER = {"label": 60, "word": 30, "initials": 100, "start": 100, "end": 100}
TAUGHT_BY = replace(DEFAULT, largest_blocks={**DEFAULT.largest_blocks, **WIDER})
"""More is learned from than syncs compare: what is different looks like that, too. Only what they compare is judged."""


@dataclass(frozen=True)
class Table:
    """A labelled table, compared. left, right: places in `features`; levels: pairs by comparisons; times: its share.

    found: which of the pairs a sync finds and compares.
    """

    name: str
    times: float
    features: Sequence[Features]
    truth: Sequence[str | None]
    left: Columns
    right: Columns
    branch: Columns
    levels: Columns
    found: Columns

    @cached_property
    def records(self) -> list[str]:
        """The records, by place."""
        return [f.record for f in self.features]

    @property
    def known(self) -> Columns:
        """Which pairs have a truth on both sides."""
        has = np.array([truth is not None for truth in self.truth], dtype=bool)
        both: Columns = has[self.left] & has[self.right]
        return both

    @property
    def same(self) -> Floats:
        """1 where both records of a pair are one organization."""
        numbers = {truth: n for n, truth in enumerate(dict.fromkeys(self.truth))}
        truth = np.array([numbers[t] for t in self.truth])
        same: Floats = (truth[self.left] == truth[self.right]).astype(np.float64)
        return same

    def folds(self) -> Columns:
        """The part each record is dealt into."""
        return np.array([part_of(f"{self.name}/{truth}") for truth in self.truth])


def part_of(text: str) -> int:
    """The part an organization belongs to."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS


def read_table(name: str, folder: Path, times: float, policy: Policy) -> Table:
    """Read and compare a labelled table."""
    with (folder / "records.csv").open(newline="", encoding="utf-8") as file:
        given = list(csv.DictReader(file))
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        truth = {(row["source"], row["source_id"]): row["cluster_id"] for row in csv.DictReader(file)}
    staged = {
        row["record"]: row
        for n, g in enumerate(given, 1)
        if (row := staged_row(g, {}, ("sheet", str(n)), None))
    }
    features = [sheet_features(row) for row in staged.values()]
    place = {record: n for n, record in enumerate(staged)}
    with candidates(features, None, counted(features, policy), policy) as connection:
        found = connection.execute(f"{levels_query()} ORDER BY left_record, right_record").fetchnumpy()
    left, right = (np.array([place[r] for r in found[f"{side}_record"]], dtype=np.int64) for side in SIDES)
    return Table(
        name,
        times,
        features,
        [truth.get((row["source"], row["source_id"])) for row in staged.values()],
        left,
        right,
        np.asarray(found["branch"], dtype=np.int64),
        np.stack([np.asarray(found[f"level_{n}"], dtype=np.int64) for n in range(len(SCORECARD))], axis=1),
        found_by_syncs(features, left, right),
    )


def found_by_syncs(features: Sequence[Features], left: Columns, right: Columns) -> Columns:
    """Which pairs share a value by which a sync finds them."""
    common = counted(features, DEFAULT).too_common
    leading = [f.blocking_values - common for f in features]
    return np.array(
        [not leading[a].isdisjoint(leading[b]) for a, b in zip(left, right, strict=True)], dtype=bool
    )


@dataclass(frozen=True)
class Design:
    """Which column a level has: per comparison the column of each level, 0 for those that teach nothing."""

    numbers: Sequence[Columns]
    labels: Sequence[tuple[str, str]]

    def columns(self, levels: Columns) -> Columns:
        """Levels as column numbers."""
        return np.stack([self.numbers[n][levels[:, n]] for n in range(len(self.numbers))], axis=1)


def design(tables: Iterable[Table]) -> Design:
    """A column for every level that enough pairs show."""
    shown = [np.zeros(len(level_words(c))) for c in SCORECARD]
    for table in tables:
        for n, counts in enumerate(shown):
            np.add(counts, np.bincount(table.levels[table.known, n], minlength=len(counts)), out=counts)
    numbers, labels = [], [("", "")]
    for comparison, counts in zip(SCORECARD, shown, strict=True):
        columns = np.zeros(len(counts), dtype=np.int64)
        for level, words in enumerate(level_words(comparison)):
            if words and counts[level] >= FEWEST:
                columns[level] = len(labels)
                labels.append((comparison.name, words))
        numbers.append(columns)
    return Design(numbers, labels)


def learned(
    tables: Sequence[Table], plan: Design, *, without: int | None = None, start: Floats | None = None
) -> Floats:
    """Weights in bits from all pairs, or from those that have no record of one part."""
    rows, same, counts = [], [], []
    for table in tables:
        chosen = table.known
        if without is not None:
            folds = table.folds()
            chosen = chosen & (folds[table.left] != without) & (folds[table.right] != without)
        rows.append(plan.columns(table.levels[chosen]))
        same.append(table.same[chosen])
        counts.append(np.full(int(chosen.sum()), table.times))
    found = fitted(
        np.concatenate(rows),
        np.concatenate(same),
        np.concatenate(counts),
        len(plan.labels),
        PENALTY,
        None if start is None else start * math.log(2),
    )
    return found / math.log(2)


def out_of_fold(tables: Sequence[Table], plan: Design, start: Floats) -> list[Floats]:
    """The score of every pair by weights that know none of its organizations.

    start: the weights learned from all pairs; where the search begins does not change where it ends.
    """
    scores = [np.zeros(len(table.left)) for table in tables]
    for part in range(FOLDS):
        weights = learned(tables, plan, without=part, start=start)
        for table, found in zip(tables, scores, strict=True):
            folds = table.folds()
            asked = (folds[table.left] == part) | (folds[table.right] == part)
            found[asked] = totals(plan.columns(table.levels[asked]).T, weights)
    return scores


def grouped(table: Table, scores: Floats, policy: Policy) -> dict[str, str]:
    """The groups that follow from scores, made as those of a spreadsheet are: record → its group's smallest record."""
    records = table.records
    pairs = [
        Scored(records[a], records[b], float(score), {}, bool(branch))
        for a, b, score, branch, found in zip(
            table.left, table.right, scores, table.branch, table.found, strict=True
        )
        if found and (score >= policy.review or branch)
    ]
    groups = group(sheet_problem(list(table.features), pairs), policy)
    return {record: min(g.records) for g in groups for record in g.records}


def judged(table: Table, scores: Floats, policy: Policy) -> Quality:
    """The quality of the groups that follow from scores."""
    truth = {r: t for r, t in zip(table.records, table.truth, strict=True) if t is not None}
    return quality_of(truth, grouped(table, scores, policy))


def calibration(table: Table, scores: Floats) -> Calibration:
    """How right the scores of the pairs are that have a truth."""
    return calibration_of(scores[table.known], table.same[table.known])


def as_weights(bits: Floats, plan: Design, tables: Sequence[Table], stretch: tuple[float, float]) -> Weights:
    """The file's content. stretch: factor and bits by which scores become calibrated."""
    factor, shift = stretch
    found: dict[str, dict[str, float]] = {}
    for (name, words), value in zip(plan.labels[1:], bits[1:] * factor, strict=True):
        if round(float(value), SHOWN):
            found.setdefault(name, {})[words] = round(float(value), SHOWN)
    about: dict[str, object] = {
        "command": "make weights",
        "rules": MATCH_RULES,
        "learned from": {
            t.name: {
                "records": len(t.records),
                "pairs": int(t.known.sum()),
                "same": int(t.same[t.known].sum()),
                "times": t.times,
            }
            for t in tables
        },
        "penalty": PENALTY,
        "unit": "bits",
    }
    return Weights(round(float(bits[0] * factor + shift), SHOWN), found, about)


def stretched(tables: Sequence[Table], scores: Sequence[Floats]) -> tuple[float, float]:
    """Factor and bits that bring out-of-fold scores nearest to the truth (Platt's way)."""
    total = np.concatenate(list(scores)) * math.log(2)
    same = np.concatenate([t.same for t in tables])
    counts = np.concatenate([np.where(t.known, t.times, 0.0) for t in tables])
    factor, shift = 1.0, 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(factor * total + shift)))
        slope = np.array([(counts * (chance - same) * total).sum(), (counts * (chance - same)).sum()])
        spread = counts * chance * (1 - chance)
        cross = (spread * total).sum()
        curve = np.array([[(spread * total**2).sum(), cross], [cross, spread.sum()]])
        step = np.linalg.solve(curve, slope)
        factor, shift = factor - step[0], shift - step[1]
        if np.abs(step).max() < 1e-10:  # noqa: PLR2004
            break
    return float(factor), float(shift / math.log(2))


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.resolve.learn", description=__doc__)
    parser.add_argument(
        "tables", nargs="+", metavar="NAME=FOLDER[*TIMES]", help="a labelled table, and how much it counts"
    )
    parser.add_argument("--out", type=Path, help="write the weights to this file")
    parser.add_argument(
        "--no-judging", action="store_true", help="skip the out-of-fold quality (five sixths of the time)"
    )
    asked = parser.parse_args(arguments)
    tables = [read_table(*named(text), TAUGHT_BY) for text in asked.tables]
    plan = design(tables)
    bits, stretch = learned(tables, plan), (1.0, 0.0)
    if not asked.no_judging:
        scores = out_of_fold(tables, plan, bits)
        stretch = stretched(tables, scores)
        for table, found in zip(tables, scores, strict=True):
            calibrated = found * stretch[0] + stretch[1]
            print(table.name, len(found), "pairs", judged(table, calibrated, DEFAULT))  # noqa: T201
            print(f"  {calibration(table, calibrated)}; stretched by {stretch[0]:.3f} {stretch[1]:+.3f}")  # noqa: T201
    weights = as_weights(bits, plan, tables, stretch)
    if asked.out:
        asked.out.write_text(weights.as_text(), encoding="utf-8")


def named(text: str) -> tuple[str, Path, float]:
    """`dev=../shared/corpora/er/dev*2` taken apart."""
    name, _, rest = text.partition("=")
    folder, _, times = rest.partition("*")
    return name, Path(folder), float(times or 1)


if __name__ == "__main__":
    main()
