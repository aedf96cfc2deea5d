"""Free texts against known organizations: how many are attached, and how many of these rightly.

    python -m benchmarks.mentions FOLDER [--fit FILE] [--errors 20]

FOLDER holds `dev/records.csv`, `dev/truth.csv` (source, source_id, cluster_id) and `mentions_dev.csv` (text,
truth_ids). The organizations are the records by their truth; most texts mean an organization that is not among them.
Without `--fit` the shipped weights are measured; with it they are learned anew, measured out-of-fold and written.
Out-of-fold: texts are dealt into five parts by a hash of their truth id, and each part is judged by weights learned
from the other four.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

from partnerhub.identity.spotting.base import Base
from partnerhub.identity.spotting.card import Card, shipped_card
from partnerhub.identity.spotting.evidence import CITY, COUNTRY, PLAINLY
from partnerhub.identity.spotting.spot import Judged, answer_of, judged
from pipelines.resolve.regression import Columns, Floats, fitted
from pipelines.resolve.sheet_rows import staged_row
from pipelines.resolve.spotting import base_of

UNWEIGHED = frozenset({COUNTRY, CITY, PLAINLY})
"""Levels without weights: places are for explanations and weigh in `own words, place`; `plainly` decides by itself."""
PARTS = 5
PENALTY = 10.0
FEWEST = 5
"""Levels that fewer candidates show are worth nothing."""
GOAL = 0.963
"""The share of right attachments the threshold is set by; above what is asked for, since it varies between bases."""
CONSIDER = 0.2
STEPS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94)


class Mention(NamedTuple):
    """A text and the organization it means; known: whether that one is in the base."""

    text: str
    truth: str
    known: bool

    @property
    def part(self) -> int:
        """The part it is dealt into."""
        return int(hashlib.sha256(self.truth.encode()).hexdigest(), 16) % PARTS


class Measured(NamedTuple):
    """attached: texts that were attached; right: rightly; known: texts whose organization is in the base."""

    attached: int
    right: int
    known: int

    @property
    def precision(self) -> float:
        """The share of the attachments that are right."""
        return self.right / self.attached if self.attached else 1.0

    @property
    def recall(self) -> float:
        """The share of the texts that mean an organization of the base that are attached to it."""
        return self.right / self.known if self.known else 1.0

    def __str__(self) -> str:
        """One line of a table."""
        shares = f"precision {self.precision:.4f}, recall {self.recall:.4f}"
        return f"{self.attached:6} attached, {self.right:6} right: {shares}"


def read_base(folder: Path) -> Base:
    """The organizations of the records by their truth."""
    with (folder / "dev/truth.csv").open(newline="", encoding="utf-8") as file:
        truth = {(row["source"], row["source_id"]): row["cluster_id"] for row in csv.DictReader(file)}
    with (folder / "dev/records.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            staged_row(given, {}, ("sheet", str(n)), None) for n, given in enumerate(csv.DictReader(file), 1)
        ]
    known: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for row in filter(None, rows):
        organization = truth[row["source"], row["source_id"]]
        names, cities, countries = known.setdefault(organization, ([], [], []))
        names.extend([row["name"]] if row["named"] else [])
        cities.extend([row["city"]] if row["city"] else [])
        countries.extend([row["country"]] if row["country"] else [])
    return base_of(known)


def read_mentions(folder: Path, base: Base) -> list[Mention]:
    """The texts."""
    with (folder / "mentions_dev.csv").open(newline="", encoding="utf-8") as file:
        return [
            Mention(row["text"], row["truth_ids"], row["truth_ids"] in base.cities)
            for row in csv.DictReader(file)
        ]


def measure(
    mentions: Sequence[Mention], candidates: Sequence[Sequence[Judged]], cards: Sequence[Card]
) -> Measured:
    """Decide every text by its card."""
    attached = right = 0
    for mention, found, card in zip(mentions, candidates, cards, strict=True):
        chosen = answer_of(found, card).organization_id
        attached += chosen is not None
        right += chosen == mention.truth
    return Measured(attached, right, sum(mention.known for mention in mentions))


# ---------------------------------------------------------------- learning


class Design(NamedTuple):
    """Which column each (feature, level) has, from 1 on."""

    columns: dict[tuple[str, str], int]
    features: tuple[str, ...]

    def rows(self, found: Iterable[Judged]) -> Columns:
        """Candidates as column numbers, 0 for a level that says nothing."""
        return np.array(
            [[self.columns.get((name, each.levels[name]), 0) for name in self.features] for each in found],
            dtype=np.int64,
        )

    def card(self, weights: Floats, plain: float, about: dict[str, object]) -> Card:
        """Learned weights as a card that attaches nothing yet."""
        bits: dict[str, dict[str, float]] = {}
        for (feature, level), column in self.columns.items():
            if value := round(float(weights[column]) / math.log(2), 2):
                bits.setdefault(feature, {})[level] = value
        return Card(round(float(weights[0]) / math.log(2), 2), bits, plain, 1.0, CONSIDER, about)


def design_of(candidates: Iterable[Sequence[Judged]]) -> Design:
    """A column for every level that enough candidates show."""
    shown = Counter(pair for found in candidates for each in found for pair in each.levels.items())
    chosen = sorted(
        pair for pair, count in shown.items() if count >= FEWEST and pair[1] and pair[0] not in UNWEIGHED
    )
    columns = {pair: number for number, pair in enumerate(chosen, 1)}
    return Design(columns, tuple(dict.fromkeys(feature for feature, _ in chosen)))


def learned(
    mentions: Sequence[Mention],
    candidates: Sequence[Sequence[Judged]],
    plan: Design,
    about: dict[str, object],
    without: int | None = None,
) -> Card:
    """What all texts teach, or those that are not in one part."""
    taken = [
        (mention.truth, each)
        for mention, found in zip(mentions, candidates, strict=True)
        if mention.part != without
        for each in found
    ]
    meant = np.array([each.organization_id == truth for truth, each in taken], dtype=np.float64)
    plain = [each.organization_id == truth for truth, each in taken if each.levels[PLAINLY]]
    columns = plan.rows(each for _, each in taken)
    weights = fitted(columns, meant, np.ones(len(taken)), len(plan.columns) + 1, PENALTY)
    return plan.card(weights, round((sum(plain) + 1) / (len(plain) + 2), 3), about)


def threshold(best: Sequence[tuple[float, bool]]) -> float:
    """The lowest chance from which on the goal is met. best: of every text the likeliest, and whether it is meant."""
    right, met = 0, 1.0
    for count, (chance, is_right) in enumerate(sorted(best, reverse=True), 1):
        right += is_right
        if right >= GOAL * count:
            met = chance
    return round(met, 3)


def fit(mentions: list[Mention], candidates: list[list[Judged]]) -> tuple[Card, list[Card]]:
    """The card from all texts, and for every text the one that knows nothing of its part."""
    plan = design_of(candidates)
    about: dict[str, object] = {
        "command": "python -m benchmarks.mentions FOLDER --fit FILE",
        "texts": len(mentions),
        "candidates": sum(map(len, candidates)),
        "penalty": PENALTY,
        "goal": GOAL,
        "unit": "bits",
    }
    parts = [learned(mentions, candidates, plan, about, part) for part in range(PARTS)]
    best = [
        max(
            (parts[mention.part].chance(each.levels), each.organization_id == mention.truth) for each in found
        )
        for mention, found in zip(mentions, candidates, strict=True)
        if found
    ]
    attach = threshold(best)
    whole = replace(learned(mentions, candidates, plan, about), attach=attach)
    return whole, [replace(parts[mention.part], attach=attach) for mention in mentions]


# ---------------------------------------------------------------- command


def show(mentions: list[Mention], candidates: list[list[Judged]], cards: list[Card]) -> None:
    """A row per threshold, the one in use last."""
    for step in STEPS:
        changed = [replace(card, attach=step) for card in cards]
        print(f"{step:5.2f} {measure(mentions, candidates, changed)}")
    print(f"{cards[0].attach:5.3f} {measure(mentions, candidates, cards)}  <- in use")


def show_errors(
    mentions: list[Mention], candidates: list[list[Judged]], cards: list[Card], base: Base, most: int
) -> None:
    """Texts that were attached to another organization than they mean, the surest first."""
    wrong = []
    for mention, found, card in zip(mentions, candidates, cards, strict=True):
        answer = answer_of(found, card)
        if answer.organization_id not in (None, mention.truth):
            wrong.append((answer.candidates[0], mention))
    for first, mention in sorted(wrong, key=lambda pair: -pair[0].chance)[:most]:
        meant = base.shown.get(mention.truth, "not in the base")
        print(f"{first.chance:.2f} {mention.text}\n     -> {first.name}; meant: {mention.truth} {meant}")


def main() -> None:
    """Measure or learn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mentions", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", type=Path, help="learn the weights and write them here")
    parser.add_argument("--errors", type=int, default=0, help="show so many wrong attachments")
    given = parser.parse_args()
    base = read_base(given.folder)
    mentions = read_mentions(given.folder, base)
    began = monotonic()
    candidates = [list(judged(mention.text, base)) for mention in mentions]
    known = sum(mention.known for mention in mentions)
    print(f"{len(mentions)} texts in {monotonic() - began:.1f} s, {known} of known organizations")
    if given.fit:
        card, cards = fit(mentions, candidates)
        given.fit.write_text(card.as_text(), encoding="utf-8")
        print("out-of-fold:")
    else:
        cards = [shipped_card()] * len(mentions)
    show(mentions, candidates, cards)
    show_errors(mentions, candidates, cards, base, given.errors)


if __name__ == "__main__":
    main()
