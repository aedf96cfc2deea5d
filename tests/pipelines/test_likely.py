"""Candidates for one name: weighed without an engine, and exactly as the engine of large runs weighs them."""

from __future__ import annotations

import random

from partnerhub.identity.pairwise import jaro_winkler, one_slip, weight_of
from partnerhub.identity.policy import DEFAULT
from pipelines.resolve.feature_table import feature_row
from pipelines.resolve.frequency import counted
from pipelines.resolve.scores import opened, score_pairs
from pipelines.resolve.sheet_rows import sheet_features, staged_row

WORDS = (
    "nord", "hafen", "licht", "bau", "institut", "für", "technik", "acme", "gmbh", "ag", "städtische", "werke",
    "verlag", "müller", "東京", "ltd",
)  # fmt: skip
CITIES = ("Berlin", "Ulm", "Neu-Ulm", "London", "", "東京")
SITES = ("acme.example", "www.acme.example", "nordlicht.example", "shop.nordlicht.example", "")


def rows(count):
    dice = random.Random(7)  # examples, no secret
    for number in range(count):
        name = " ".join(dice.sample(WORDS, dice.randint(1, 4))).title()
        if dice.random() < 0.2:
            name = name[:2] + name[3:]
        yield staged_row(
            {
                "name": name, "website": dice.choice(SITES), "city": dice.choice(CITIES),
                "country": dice.choice(("DE", "GB", "")), "phone": dice.choice(("+49 30 1234567", "", "")),
                "street": dice.choice(("Hauptstraße 1", "Ring 2", "")),
            },
            {}, ("sheet", str(number)), "DE",
        )  # fmt: skip


def test_a_pair_weighs_as_much_as_in_a_run_over_millions():
    features = [sheet_features(row) for row in rows(90)]
    frequencies = counted(features, DEFAULT)
    by_record = {each.record: feature_row(each, frequencies, DEFAULT) for each in features}
    scored = score_pairs(features, fresh=None, frequencies=frequencies, at_least=-1000, policy=DEFAULT)
    assert len(scored) > 500
    for pair in scored:
        here = weight_of(by_record[pair.left], by_record[pair.right], DEFAULT.scorecard)
        assert abs(here - pair.weight) < 0.002, (pair, here)


def test_spellings_are_compared_as_the_engine_does():
    dice = random.Random(3)  # examples, no secret
    pairs = [tuple("".join(dice.choices("abcü", k=dice.randint(1, 9))) for _ in range(2)) for _ in range(300)]
    with opened() as engine:
        for one, other in pairs:
            spelled, slips = engine.execute(
                "SELECT jaro_winkler_similarity(?, ?), damerau_levenshtein(?, ?)", (one, other, one, other)
            ).fetchone()
            assert abs(jaro_winkler(one, other) - spelled) < 1e-9, (one, other)
            assert one_slip(one, other) is (slips == 1), (one, other)
