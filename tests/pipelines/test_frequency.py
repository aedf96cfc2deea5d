"""How common values are, within a sheet and in the warehouse, and whose pairs a change weighs anew."""

from __future__ import annotations

import re

import pytest

from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.scorecard import CLASSES, Comparison
from pipelines.resolve.blocks import (
    WEIGHING,
    Known,
    is_reclassified,
    read_features,
    read_frequencies,
    reweighing_values,
    write_blocks,
)
from pipelines.resolve.feature_table import COMMON, GENERAL, RARE, UNUSUAL, feature_row, word_weight
from pipelines.resolve.frequency import BORDERS, Count, counted, frequencies_of, is_too_common
from pipelines.resolve.neighborhood import load_reached
from pipelines.resolve.scores import score_pairs
from tests.pipelines.test_resolve import organization, stage
from warehouse.database import Database

BORDERS_OF_COUNTS = {
    "name_records": ("name", "records"), "name_domains": ("name", "domains"), "site_names": ("host", "names"),
    "domain_names": ("domain", "names"), "label_domains": ("label", "domains"), "bearers": ("initials", "names"),
    "phone_names": ("phone", "names"), "street_names": ("street", "names"),
}  # fmt: skip
"""Fact of the scorecard → the kind of value and what is counted of it."""


def held(records, names=1, domains=0):
    return Count(records, names, domains)


def blocked(connection, rows):
    """The features of these rows, once they are staged and their blocking values stored."""
    stage(connection, rows)
    records = [row["record"] for row in rows]
    with connection.transaction():
        features = read_features(connection, records)
        load_reached(connection, records)
        write_blocks(connection, features, dict.fromkeys(records, "crm"))
    return features


def test_a_value_held_by_many_is_counted_no_further_and_leads_nowhere():
    small = Policy(largest_block=5, largest_blocks={})
    found = counted([Features(f"r{n}", (f"acme {n}",), words=("acme",)) for n in range(60)], small)
    assert found.of("word:acme").records > BORDERS[-1]
    assert "word:acme" in found.too_common


def test_a_single_word_leads_to_fewer_records_than_a_whole_name():
    assert is_too_common("word:acme", held(21), DEFAULT)
    assert not is_too_common("name:acme", held(21), DEFAULT)


def test_a_site_under_many_names_is_generic_and_compared_by_nobody():
    row = Features("r", ("acme",), host="portal.example", domain="portal.example")
    common = frequencies_of({"host:portal.example": held(30, names=26)}, DEFAULT)
    told = feature_row(row, common, DEFAULT)
    assert (told["host"], told["domain"]) == (None, None)


def test_a_word_weighs_less_the_more_names_hold_it_and_a_word_of_the_table_never_much():
    def weight(word, count):
        return word_weight(word, frequencies_of({f"word:{word}": count}, DEFAULT))

    counts = [held(1), held(9, names=9), held(30, names=30), held(40, names=40)]
    assert [weight("nordlicht", count) for count in counts] == [RARE, UNUSUAL, COMMON, GENERAL]
    assert weight("university", held(1)) == GENERAL


def test_one_bearer_more_weighs_anew_at_a_border_only():
    assert is_reclassified("name:acme", held(3, names=3), 1, DEFAULT)
    assert not is_reclassified("name:acme", held(6, names=6), 1, DEFAULT)
    assert not is_reclassified("words:acme", held(3, names=3), 1, DEFAULT)
    assert is_reclassified("words:acme", held(101), 1, DEFAULT)


def test_the_warehouse_counts_as_a_sheet_does(database_url):
    rows = [
        organization(f"crm/companies/{n}", name=f"Nordlicht {word}", website=site, phone="+49301234567")
        for n, (word, site) in enumerate(
            [("Akademie", "a.example"), ("Verlag", "b.example"), ("Verlag", None)]
        )
    ]
    with Database(database_url).session() as connection:
        features = blocked(connection, rows)
        found = read_frequencies(connection, features, {f.record for f in features}, DEFAULT)
    sheet = counted(features, DEFAULT)
    assert (found.counts.keys(), found.too_common) == (sheet.counts.keys(), sheet.too_common)
    rows = [[feature_row(f, common, DEFAULT) for f in features] for common in (found, sheet)]
    assert rows[0] == rows[1]
    assert found.of("word:nordlicht") == Count(3, 2, 0)


def test_what_a_batch_counts_no_further_weighs_as_what_is_counted_to_its_end(database_url):
    rows = [
        organization(f"crm/companies/{n}", name=f"Nordlicht {word} {'Haus' * (n % 2)}", phone="+49301234567")
        for n, word in enumerate(f"{one}{other}o" for one in "bdfgkl" for other in "aeiouy")
    ]
    rows += [organization(f"crm/companies/alone{n}", name=f"Polar Verlag {n}", city="Ulm") for n in range(2)]
    with Database(database_url).session() as connection:
        features = blocked(connection, rows)
        found = read_frequencies(connection, features, {f.record for f in features}, DEFAULT, Known())
    sheet = counted(features, DEFAULT)
    assert found.too_common == sheet.too_common
    assert found.of("phone:+49301234567").names < sheet.of("phone:+49301234567").names
    for value, count in sheet.counts.items():
        if borders := WEIGHING.get(value.partition(":")[0]):
            assert borders.classes(found.of(value)) == borders.classes(count), value


def test_counts_are_told_apart_wherever_the_scorecard_tells_them_apart():
    said = {name: set() for name in BORDERS_OF_COUNTS}
    levels = [level for c in SCORECARD if isinstance(c, Comparison) for level in c.levels]
    for level in [*levels, *(level for levels in CLASSES.values() for level in levels)]:
        for name, sign, border in re.findall(r"(\w+) (<=|=|>=|<|>) (\d+)", level.when):
            if name in said:
                said[name].add(int(border) - (sign in {">=", "<"}))
    assert all(said.values())
    for name, (kind, what) in BORDERS_OF_COUNTS.items():
        assert set(getattr(WEIGHING[kind], what)) >= said[name], name


def test_a_change_in_a_large_base_weighs_few_others_anew(sqlite_url):
    rows = [organization(f"crm/companies/{n}", name=f"Nordlicht Haus {n}", city="Ulm") for n in range(200)]
    with Database(sqlite_url).session() as connection:
        features = blocked(connection, rows)
        anew = reweighing_values(connection, [features[0].blocking_values], DEFAULT)
    assert not any(value.startswith("word:nordlicht") for value in anew)


@pytest.mark.parametrize(
    ("fresh", "other", "names", "sites"),
    [
        pytest.param(
            {"name": "Werft Nord Haus"}, {"name": "Nord Haus Werft"},
            ["Nord Haus Werft"] * 6, [f"{n}werft.example" for n in range(6)], id="a name alike, borne by many",
        ),
        pytest.param(
            {"name": "Nordlicht Adler"}, {"name": "Nordlicht Adler Kiesel"},
            [f"Kiesel {one}{other}" for one in "BDFGK" for other in ("amo", "elo", "iro", "ono")], [None] * 20,
            id="a word of the other only",
        ),
        pytest.param(
            {"name": "Kiesel Werft"}, {"name": "Haus Ulm", "website": "kiesel.de"},
            ["Abo", "Zeta"], ["kiesel.org", "kiesel.com"], id="a site called by a word, as others are",
        ),
        pytest.param(
            {"name": "NHWF"}, {"name": "Nord Haus Werft Fisch GmbH"},
            [f"{one} Haus Wald Forst Garten" for one in ("Nina", "Nils", "Nora", "Nelly")], [None] * 4,
            id="other initials of the other, borne by many",
        ),
    ],
)  # fmt: skip
def test_counting_only_what_can_weigh_beside_a_change_scores_as_counting_everything(
    sqlite_url, fresh, other, names, sites
):
    told = [fresh, other, *({"name": n, "website": s} for n, s in zip(names, sites, strict=True))]
    rows = [organization(f"crm/companies/{n:02}", **said, phone="+4930123456") for n, said in enumerate(told)]
    with Database(sqlite_url).session() as connection:
        features = blocked(connection, rows)
        found, sheet = (
            read_frequencies(connection, features, {rows[0]["record"]}, DEFAULT),
            counted(features, DEFAULT),
        )
    few, everything = (
        score_pairs(features, fresh={rows[0]["record"]}, frequencies=common, at_least=-99)
        for common in (found, sheet)
    )
    assert len(found.counts) < len(sheet.counts)
    assert few == everything
