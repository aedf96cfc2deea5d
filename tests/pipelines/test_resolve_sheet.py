"""Deduplicating a spreadsheet without a warehouse."""

from __future__ import annotations

import csv
import random
import time
from collections import Counter

import pytest

from pipelines.resolve.sheet import resolve_sheet

ROWS = [
    {"name": "Nordlicht Akademie GmbH", "website": "https://www.nordlicht.example/", "city": "München"},
    {"name": "NORDLICHT AKADEMIE", "email_domain": "nordlicht.example", "city": "MUNICH"},
    {"name": "Nordlicht Akademei", "city": "Munich", "anything": "else"},
    {"name": "Südwind Verlag", "website": "suedwind.example", "city": "Kassel"},
    {"name": ""},
]


def ids(rows, **options):
    return {(row.source, row.source_id): row.partner_id for row in resolve_sheet(rows, **options)}


def test_rows_of_one_organization_share_an_id_and_say_why():
    first, second, third, other = resolve_sheet(ROWS, default_source="list.csv")
    assert first.partner_id == second.partner_id == third.partner_id != other.partner_id
    assert (first.source, first.source_id) == ("list.csv", "1")
    assert any(reason.startswith("same name") for reason in second.reasons)
    assert (other.match_weight, other.reasons) == (None, ())


def test_the_order_of_rows_changes_nothing():
    numbered = [row | {"source": "s", "source_id": str(n)} for n, row in enumerate(ROWS)]
    shuffled = random.Random(4).sample(numbered, len(numbered))
    assert ids(shuffled) == ids(numbered)


def test_columns_may_be_called_otherwise():
    found = resolve_sheet([{"Company": "Acme", "Town": "Kassel"}], {"name": "Company", "city": "Town"})
    assert [row.source_id for row in found] == ["1"]


def test_a_bare_name_joins_neither_of_two_organizations_of_that_name():
    rows = [
        {"name": "Alpha Institute", "website": "alpha.example", "city": "Leeds"},
        {"name": "Alpha Institute", "website": "alpha-oslo.example", "city": "Oslo"},
        {"name": "Alpha Institute"},
    ]
    assert len(set(ids(rows).values())) == 3
    assert len(set(ids([rows[0], rows[2]]).values())) == 1


def test_a_name_that_says_its_country_joins_the_organization_of_that_name_there():
    rows = [
        {"name": "Alpha Institute", "website": "alpha.example", "city": "Leeds", "country": "GB"},
        {"name": "Alpha Institute", "website": "alpha-oslo.example", "city": "Oslo", "country": "NO"},
        {"name": "Alpha Institute (Norway)"},
    ]
    leeds, oslo, said = ids(rows).values()
    assert said == oslo != leeds


def test_one_row_and_no_row_are_fine():
    assert resolve_sheet([]) == []
    assert len(resolve_sheet([{"name": "Acme"}])) == 1


def pair_quality(folder):
    with (folder / "records.csv").open(newline="", encoding="utf8") as file:
        found = ids(csv.DictReader(file))
    with (folder / "truth.csv").open(newline="", encoding="utf8") as file:
        truth = {(row["source"], row["source_id"]): row["cluster_id"] for row in csv.DictReader(file)}
    both = pair_count((found[key], cluster) for key, cluster in truth.items() if key in found)
    return both / pair_count(found.values()), both / pair_count(truth.values())


def pair_count(groups):
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(("name", "least"), [("dev", 0.89), ("chicago", 0.94)])
def test_real_records_are_matched_better_than_by_exact_site_or_name(shared, name, least):
    started = time.monotonic()
    precision, recall = pair_quality(shared / "corpora" / "er" / name)
    assert 2 * precision * recall / (precision + recall) >= least
    assert time.monotonic() - started < 60


def test_rows_with_nothing_but_one_name_are_one():
    rows = resolve_sheet([{"name": "University Hospital"}, {"name": "University Hospital"}, {"name": "Acme"}])
    assert [row.partner_id == rows[0].partner_id for row in rows] == [True, True, False]
