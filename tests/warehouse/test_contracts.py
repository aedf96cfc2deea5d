"""Contracts: by their standard, released on purpose, and kept by the warehouse."""

from __future__ import annotations

import copy
import dataclasses
import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from tests.web.partner_rig import partner_hub
from warehouse.contracts import promised
from warehouse.contracts.compare import Weight, compared, raised
from warehouse.contracts.kept import broken
from warehouse.contracts.odcs import contract_of
from warehouse.contracts.promised import BreaksPromises, contracts_in, of_marts, of_streams, release
from warehouse.marts import MARTS, mart
from warehouse.marts.streams import Declared, Further, declare, stream_marts
from warehouse.marts.views import make_views

STANDARD = json.loads((Path(__file__).parent / "odcs/odcs-json-schema-v3.1.0.json").read_text())
FIRST_DAY, SECOND_DAY = "2026-10-01T08:00:00.000000Z", "2026-10-02T08:00:00.000000Z"
OWNER = mart("dim_owner")


@pytest.fixture
def hub(database_url):
    return partner_hub(database_url)


def test_every_contract_is_what_its_standard_asks_for():
    check = jsonschema.Draft201909Validator(STANDARD)
    for contract in of_marts().values():
        assert [error.message for error in check.iter_errors(contract)] == [], contract["name"]
    assert not check.is_valid(of_marts()["dim_date"] | {"kind": "Promise"})


def test_what_was_released_is_what_the_program_publishes():
    """Red? `partnerhub contract release`; what breaks a promise wants `--breaking`, better words `--wording`."""
    assert contracts_in(promised.RELEASED) == of_marts()
    assert list(of_marts()) == [each.name for each in MARTS]


def changed(**parts):
    """What changes where one column of dim_owner is another one."""
    columns = tuple(
        dataclasses.replace(each, **parts) if each.name == "team" else each for each in OWNER.columns
    )
    return between(dataclasses.replace(OWNER, columns=columns))


def between(now):
    return compared({"dim_owner": contract_of(OWNER)}, {"dim_owner": contract_of(now)})


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"name": "squad"}, "is no more, or is called otherwise"),
        ({"type": "integer"}, "has another type"),
        ({"says": "their squad"}, "is described otherwise"),
        ({"of": "colleague.name"}, "comes from elsewhere"),
    ],
)
def test_a_column_that_is_not_what_it_was_breaks_a_promise(parts, what):
    found = changed(**parts)
    assert any(what in each.what and each.weight is Weight.BREAKING for each in found), found
    assert raised("1.4.2", found) == "2.0.0"


def test_another_key_or_order_other_files_or_no_table_at_all_break_a_promise():
    for now in (
        dataclasses.replace(OWNER, key=("email",)),
        dataclasses.replace(OWNER, columns=OWNER.columns[::-1]),
        dataclasses.replace(OWNER, by_month="name"),
        dataclasses.replace(OWNER, over_time="Who left has a row."),
    ):
        assert Weight.BREAKING in {each.weight for each in between(now)}
    assert [each.weight for each in compared({"dim_owner": contract_of(OWNER)}, {})] == [Weight.BREAKING]


def test_what_is_added_is_a_minor_version_and_nothing_is_none():
    added = dataclasses.replace(OWNER.columns[-1], name="count_teams")
    found = between(dataclasses.replace(OWNER, columns=(*OWNER.columns, added)))
    assert [(each.column, each.weight) for each in found] == [("count_teams", Weight.ADDITIVE)]
    assert raised("1.4.2", found) == "1.5.0"
    assert raised("1.4.2", between(OWNER)) == "1.4.2"


@pytest.fixture
def released(tmp_path, monkeypatch):
    """A folder of what was promised, and a program that describes a column otherwise."""
    shutil.copytree(promised.RELEASED, tmp_path / "released")
    columns = tuple(
        dataclasses.replace(each, says="their squad") if each.name == "team" else each
        for each in OWNER.columns
    )
    marts = [
        dataclasses.replace(each, columns=columns) if each.name == "dim_owner" else each for each in MARTS
    ]
    monkeypatch.setattr(promised, "MARTS", tuple(marts))
    return tmp_path / "released"


def test_a_release_that_breaks_a_promise_writes_nothing_until_somebody_says_so(released):
    before = contracts_in(released)
    with pytest.raises(BreaksPromises, match=r"dim_owner\.team"):
        release(released)
    assert contracts_in(released) == before
    release(released, breaking=True)
    assert contracts_in(released)["dim_owner"]["version"] == "2.0.0"
    assert contracts_in(released)["dim_partner"] == before["dim_partner"]


def test_better_words_are_a_patch(released):
    (major, minor, patch) = contracts_in(released)["dim_owner"]["version"].split(".")
    release(released, wording=True)
    assert contracts_in(released)["dim_owner"]["version"] == f"{major}.{minor}.{int(patch) + 1}"
    assert release(released) == []


def test_people_are_tagged_and_what_is_not_about_them_is_not():
    (schema,) = of_marts()["dim_contact"]["schema"]
    tags = {each["name"]: each.get("tags", []) for each in schema["properties"]}
    assert tags["email"] == tags["name"] == ["pii"]
    assert tags["contact_id"] == []


def test_the_warehouse_keeps_every_contract_and_one_it_does_not_keep_is_told(hub):
    with hub.database.session() as connection:
        for contract in of_marts().values():
            assert list(broken(connection, contract)) == []
        wrong = copy.deepcopy(of_marts()["dim_partner"])
        columns = {each["name"]: each for each in wrong["schema"][0]["properties"]}
        columns["tier"]["required"] = columns["partner_id"]["primaryKey"] = True
        columns["country"]["primaryKey"], columns["country"]["primaryKeyPosition"] = True, 1
        columns["partner_key"]["primaryKey"] = columns["partner_id"]["primaryKey"] = False
        columns["city"]["name"] = "town"
        assert {(each.column, each.what[:14]) for each in broken(connection, wrong)} >= {
            ("town", "is not there")
        }
        columns["city"]["name"] = "city"
        found = {each.column: each.what for each in broken(connection, wrong)}
        assert found["tier"].startswith("is required, and null")
        assert found["country"].startswith("is no key")


def test_a_type_that_is_not_the_promised_one_is_told(postgres_url):
    wrong = copy.deepcopy(of_marts()["dim_owner"])
    wrong["schema"][0]["properties"][0]["physicalType"] = "bigint"
    with partner_hub(postgres_url).database.session() as connection:
        assert [each.what for each in broken(connection, wrong)] == ["is text and not bigint"]


def test_a_view_of_a_stream_has_a_contract_whose_version_rises_with_its_columns(hub):
    def contract(custom, now):
        with hub.database.session() as connection:
            with connection.transaction():
                declare(connection, [Declared("crm", "companies", "organization", True, custom, {})], now)
            make_views(connection)
            (found,) = of_streams(connection, stream_marts(connection)).values()
            assert list(broken(connection, found)) == []
            return found

    first, second = contract((), FIRST_DAY), contract((Further("Segment"),), SECOND_DAY)
    assert (first["version"], second["version"]) == ("1.0.0", "1.1.0")
    name = first["name"]
    assert [each.column for each in compared({name: first}, {name: second})] == ["custom_segment"]
    assert jsonschema.Draft201909Validator(STANDARD).is_valid(second)
