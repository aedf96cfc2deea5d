"""A spreadsheet resolved column by column: what row by row says, whatever the number of processes."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.partner_rows import COLUMNS, rows
from mappings.keys import domains_among, hosts_among, organization_keys
from partnerhub.identity.policy import DEFAULT, Policy
from pipelines.resolve import many_rows
from pipelines.resolve.common_values import common_values
from pipelines.resolve.feature_table import feature_row
from pipelines.resolve.frequency import counted
from pipelines.resolve.many_rows import resolve_rows
from pipelines.resolve.node_columns import node_columns
from pipelines.resolve.scores import opened
from pipelines.resolve.sheet import resolve_sheet
from pipelines.resolve.sheet_columns import Portion, columns_of
from pipelines.resolve.sheet_rows import CELLS, sheet_features, staged_cells, web_keys

CROWDED = replace(DEFAULT, generic_names=3, largest_block=40, largest_blocks={"word": 12, "pair": 5})
"""So narrow that a few thousand rows cross every border."""


def given(number: int, seed: int = 7) -> list[dict[str, str]]:
    """Made-up rows, some of them twice, and some with the odd cell."""
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows(number, seed)]
    odd = [
        found[3] | {"name": "Ümlaut & Söhne gGmbH (München)", "phone": "12"},
        {"name": "", "website": "nur-host.example"},
        {"name": "", "source_id": "nothing"},
        {"name": "A" * 700, "email_domain": "long.example"},
    ]
    return [*found, *odd]


def cells(found: list[dict[str, str]]) -> list[tuple[str | None, ...]]:
    return [tuple(row.get(name) for name in CELLS) for row in found]


def told(found: list[dict[str, str]], policy: Policy = DEFAULT, processes: int = 1):
    """What is said of each row, column by column."""
    done = resolve_rows(cells(found), policy=policy, processes=processes)
    places = range(len(done.entities))
    sources = [done.rows[name].to_pylist() for name in ("source", "source_id")]
    ids, weights = done.entities.to_pylist(), done.weights().to_pylist()
    return list(zip(*sources, ids, weights, done.reasons(places), strict=True))


def row_by_row(found: list[dict[str, str]], policy: Policy = DEFAULT):
    return [
        (row.source, row.source_id, row.partner_id, row.match_weight, row.reasons)
        for row in resolve_sheet(found, policy=policy)
    ]


def test_columns_say_of_made_up_rows_what_row_by_row_says():
    found = given(1_500)
    assert told(found) == row_by_row(found)


def test_columns_say_the_same_where_every_border_is_crossed():
    found = given(1_500)
    assert told(found, CROWDED) == row_by_row(found, CROWDED)


def test_the_number_of_processes_changes_nothing(monkeypatch):
    monkeypatch.setattr(many_rows, "PORTION", 100)
    monkeypatch.setattr(many_rows, "ALONE_UP_TO", 100)
    found = given(700)
    assert told(found, processes=2) == told(found, processes=1)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", ["dev", "chicago"])
def test_columns_say_of_real_rows_what_row_by_row_says(shared, name):
    with (shared / "corpora" / "er" / name / "records.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert told(found) == row_by_row(found)


def test_one_row_and_no_row_are_fine():
    assert told([]) == []
    assert [row[:2] for row in told([{"name": "Acme"}])] == [("sheet", "1")]


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("acme.example", "acme.example"),
        ("shop.acme.example", "mail.acme.example"),
        ("gmail.com", None),
        (None, "x.de"),
    ],
)
def test_a_row_has_the_sites_that_its_keys_have(website, domain):
    row = staged_cells(("Acme", website, domain, *(None,) * 7), ("s", "1"), None)
    keys = [key[1:4] for key in organization_keys(row)]
    assert web_keys(row) == (hosts_among(keys), domains_among(keys))


@pytest.fixture(scope="module")
def both():
    """The table of features of made-up rows, made both ways."""
    staged = [staged_cells(row, ("s", str(n)), None) for n, row in enumerate(cells(given(1_500)), 1)]
    features = [sheet_features(row) for row in staged if row]
    frequencies = counted(features, CROWDED)
    table = pa.Table.from_batches([columns_of(Portion(1, cells(given(1_500)), "s", None))])
    with opened() as connection:
        common = common_values(connection, table["values"], CROWDED)
    nodes = node_columns(table, np.arange(len(table)), common, CROWDED)
    return [feature_row(f, frequencies, CROWDED) for f in features], nodes


@pytest.mark.parametrize(
    "name",
    """
    names words acronyms initials labels own rare kinds numbers weight spelled_weight compact host mail_host domain
    phone street city country said_country latin_name latin_city only_a_name site_names domain_names name_domains
    name_records short_names label_domains phone_names street_names
    """.split(),  # noqa: SIM905
)
def test_a_column_of_features_is_what_each_record_says(both, name):
    one_by_one, nodes = both
    column = nodes[name].to_pylist()
    assert [sorted(v) if name in {"own", "rare"} else v for v in column] == [
        sorted(row[name])
        if name in {"own", "rare"}
        else list(row[name])
        if isinstance(row[name], tuple)
        else row[name]
        for row in one_by_one
    ]


@pytest.mark.parametrize("name", ["weighed", "weighed_spelled", "trigrams"])
def test_what_is_numbered_is_as_many_and_weighs_as_much(both, name):
    def weights(column):
        return [(len(row), sorted(one % 10 for one in row) if name != "trigrams" else []) for row in column]

    one_by_one, nodes = both
    assert weights(nodes[name].to_pylist()) == weights(row[name] for row in one_by_one)
