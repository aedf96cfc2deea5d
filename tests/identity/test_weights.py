"""The scorecard and the weights that are shipped for it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.explain import START, reasons_of
from partnerhub.identity.features import Features
from partnerhub.identity.scorecard import CLASSES
from partnerhub.identity.weights import level_words, read_weights, weights_from


def test_every_level_of_a_comparison_is_called_differently():
    twice = {
        comparison.name: [w for w, n in Counter(filter(None, level_words(comparison))).items() if n > 1]
        for comparison in SCORECARD
    }
    assert {name: words for name, words in twice.items() if words} == {}


def test_every_class_and_comparison_ends_with_what_is_left():
    ends = [levels[-1].when for levels in CLASSES.values()]
    ends += [comparison.levels[-1].when for comparison in SCORECARD if hasattr(comparison, "levels")]
    assert set(ends) == {"ELSE"}


def test_the_shipped_weights_say_where_they_come_from():
    weights = read_weights()
    assert weights.about["command"] == "make weights"
    assert weights.prior < 0
    assert weights_from(weights.as_text()) == weights


def test_weights_of_levels_nobody_knows_are_refused():
    text = json.dumps({"about": {}, "prior": -3, "bits": {"name": {"same shoe size": 4.0}}})
    with pytest.raises(ValueError, match="same shoe size"):
        weights_from(text)


def test_a_level_without_a_weight_counts_for_nothing():
    weights = weights_from(json.dumps({"about": {}, "prior": -3, "bits": {"name": {"same name": 4.0}}}))
    assert sum(weights.of(SCORECARD[0])) == 4.0
    assert set(weights.of(SCORECARD[1])) == {0.0}


def levels_of(**shown):
    ends = {name: len(levels) - 1 for name, levels in CLASSES.items()}
    silent = {c.name: level_words(c).index(None) if None in level_words(c) else 0 for c in SCORECARD}
    return ends | silent | shown


def test_reasons_add_up_to_the_weight_of_the_pair():
    bits = {"name": {"same name": 6.125}, "site": {"sites called the same": -1.5}}
    weights = weights_from(json.dumps({"about": {}, "prior": -3.5, "bits": bits}))
    levels = levels_of(
        name=1,
        site=level_words(next(c for c in SCORECARD if c.name == "site")).index("sites called the same"),
    )
    reasons = reasons_of(levels, Features("a", ("acme",)), Features("b", ("acme",)), weights=weights)
    assert sum(reason.weight for reason in reasons) == pytest.approx(6.125 - 1.5 - 3.5, abs=0.02)
    assert [reason.what for reason in reasons] == ["name", "site", START]


def test_head_office_and_branch_are_told_first_although_they_weigh_nothing():
    reasons = reasons_of(levels_of(), Features("a", ()), Features("b", ()), branch=True)
    assert (reasons[0].words, reasons[0].weight) == ("looks like head office and branch", 0.0)
