"""How common values are, within a sheet and in the warehouse, and whose pairs a change weighs anew."""

from __future__ import annotations

from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.resolve.blocks import (
    is_reclassified,
    read_features,
    read_frequencies,
    reweighing_values,
    write_blocks,
)
from pipelines.resolve.feature_table import COMMON, GENERAL, RARE, UNUSUAL, feature_row, word_weight
from pipelines.resolve.frequency import BORDERS, Count, counted, frequencies_of, is_too_common
from pipelines.resolve.neighborhood import load_reached
from tests.pipelines.test_resolve import organization, stage
from warehouse.database import Database


def held(records, names=1, domains=0):
    return Count(records, names, domains)


def test_a_value_held_by_many_is_counted_no_further_and_leads_nowhere():
    small = Policy(largest_block=5, largest_blocks={})
    found = counted([Features(f"r{n}", (f"acme {n}",), words=("acme",)) for n in range(60)], small)
    assert found.of("word:acme").records > BORDERS[-1]
    assert "word:acme" in found.too_common


def test_a_single_word_leads_to_fewer_records_than_a_whole_name():
    assert is_too_common("word:acme", held(31), DEFAULT)
    assert not is_too_common("name:acme", held(31), DEFAULT)


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
        stage(connection, rows)
        with connection.transaction():
            records = [row["record"] for row in rows]
            features = read_features(connection, records)
            load_reached(connection, records)
            write_blocks(connection, features, dict.fromkeys(records, "crm"))
        found = read_frequencies(connection, features, DEFAULT)
    assert found == counted(features, DEFAULT)
    assert found.of("word:nordlicht") == Count(3, 2, 2)


def test_a_change_in_a_large_base_weighs_few_others_anew(sqlite_url):
    rows = [organization(f"crm/companies/{n}", name=f"Nordlicht Haus {n}", city="Ulm") for n in range(200)]
    with Database(sqlite_url).session() as connection:
        stage(connection, rows)
        with connection.transaction():
            records = [row["record"] for row in rows]
            load_reached(connection, records)
            features = read_features(connection, records)
            write_blocks(connection, features, dict.fromkeys(records, "crm"))
        anew = reweighing_values(connection, {records[0]}, DEFAULT)
    assert not any(value.startswith("word:nordlicht") for value in anew)
