"""The regression gate of matching: floors for precision, recall and over-merges that no change may fall below.

Generated companies by seed, always; real organizations where ../shared is. The real floors lie a little under what the
shipped weights reach, the figures out-of-fold stand in docs/develop/identity-figures.md.
"""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from typing import NamedTuple

import pytest

from benchmarks.labelled_worlds import write_world
from partnerhub.identity.policy import DEFAULT
from pipelines.resolve.quality import quality_of
from pipelines.resolve.sheet import resolve_sheet

SEEDS = (61, 62, 63)
SECONDS = 120


class Floors(NamedTuple):
    """The least precision and recall of joined pairs, and how many groups at most hold several organizations."""

    precision: float
    recall: float
    over_merges: int


WORLD = Floors(0.97, 0.98, 3)
REAL = {"dev": Floors(0.96, 0.85, 250), "chicago": Floors(0.97, 0.935, 45)}


def over_merged(truth, groups):
    """How many groups hold records of several organizations."""
    held = {}
    for record, organization in truth.items():
        held.setdefault(groups[record], set()).add(organization)
    return sum(len(organizations) > 1 for organizations in held.values())


def broken(folder, floors, policy=DEFAULT):
    """Which floors the groups of a labelled table fall below."""
    with (folder / "records.csv").open(newline="", encoding="utf-8") as file:
        rows = resolve_sheet(csv.DictReader(file), policy=policy)
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        truth = {f"{row['source']}/{row['source_id']}": row["cluster_id"] for row in csv.DictReader(file)}
    groups = {f"{row.source}/{row.source_id}": row.partner_id for row in rows}
    truth = {record: cluster for record, cluster in truth.items() if record in groups}
    found = quality_of(truth, groups)
    several = over_merged(truth, groups)
    print(found, "groups of several organizations:", several)  # noqa: T201 - the figures of a red run
    checks = {
        "precision": found.precision >= floors.precision,
        "recall": found.recall >= floors.recall,
        "over-merges": several <= floors.over_merges,
    }
    return {name for name, holds in checks.items() if not holds}


def test_a_group_of_two_organizations_is_an_over_merge_however_many_records_it_has():
    truth = {"a": "x", "b": "x", "c": "y", "d": "z"}
    assert over_merged(truth, dict.fromkeys("abc", "1") | {"d": "2"}) == 1
    assert over_merged(truth, {"a": "1", "b": "1", "c": "2", "d": "3"}) == 0


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds")
    for seed in SEEDS:
        write_world(seed, folder / str(seed))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_companies_are_matched_no_worse_than_before(worlds, seed):
    assert broken(worlds / str(seed), WORLD) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bug", "red"),
    [
        ({"auto": -30.0, "review": -40.0, "unscored": 0.0}, {"precision", "over-merges"}),
        ({"auto": 12.0, "mention": 12.0}, {"recall"}),
    ],
    ids=["everything that was compared joins", "hardly anything joins"],
)
def test_a_bug_on_purpose_turns_the_gate_red(worlds, bug, red):
    assert broken(worlds / str(SEEDS[0]), WORLD, replace(DEFAULT, **bug)) >= red


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_organizations_are_matched_no_worse_than_before(shared, name):
    started = time.monotonic()
    assert broken(shared / "corpora" / "er" / name, REAL[name]) == set()
    assert time.monotonic() - started < SECONDS
