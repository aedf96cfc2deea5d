"""The dbt package: what contracts promise is what it tests."""

from __future__ import annotations

import pytest
import yaml

from warehouse.contracts.dbt import NAME, NotAPackage, write_package
from warehouse.contracts.promised import of_marts


@pytest.fixture
def package(tmp_path):
    write_package(tmp_path / "dbt", of_marts().values(), "0.1.0")
    return tmp_path / "dbt"


def tables(package) -> dict:
    (source,) = yaml.safe_load((package / "models/sources.yml").read_text())["sources"]
    return {each["name"]: each for each in source["tables"]}


def test_every_contract_is_a_source_with_its_columns_types_and_version(package):
    found = tables(package)
    assert list(found) == list(of_marts())
    for name, contract in of_marts().items():
        promised = [(each["name"], each["physicalType"]) for each in contract["schema"][0]["properties"]]
        assert [(each["name"], each["data_type"]) for each in found[name]["columns"]] == promised
        assert found[name]["config"]["meta"]["contract_version"] == contract["version"]


def test_keys_are_tested_for_being_unique_and_what_is_required_for_being_there(package):
    owner, link = tables(package)["dim_owner"], tables(package)["bridge_deal_partner"]
    tests = {each["name"]: each.get("data_tests", []) for each in owner["columns"]}
    assert tests["owner_id"] == ["unique", "not_null"]
    assert tests["team"] == []
    refers = {
        each["name"]: each["data_tests"][-1]["relationships"]["arguments"] for each in link["columns"][:2]
    }
    assert refers["deal_id"] == {"to": f"source('{NAME}', 'fct_deal')", "field": "deal_id"}
    (key,) = link["data_tests"]
    assert key["partner_hub_unique_key"]["arguments"]["columns"] == ["deal_id", "partner_id"]
    assert (
        "test partner_hub_unique_key(model, columns)" in next(package.glob("tests/generic/*.sql")).read_text()
    )


def test_people_are_marked_and_the_exposure_names_sources_there_are(package):
    columns = {each["name"]: each for each in tables(package)["dim_contact"]["columns"]}
    assert columns["email"]["config"] == {"tags": ["pii"], "meta": {"classification": "personal"}}
    (exposure,) = yaml.safe_load((package / "models/exposures.yml").read_text())["exposures"]
    assert set(exposure["depends_on"]) == {f"source('{NAME}', '{name}')" for name in tables(package)}


def test_a_package_is_written_again_and_files_of_others_are_left_alone(package, tmp_path):
    write_package(package, list(of_marts().values())[:1], "0.2.0")
    assert list(tables(package)) == ["dim_partner"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/dbt_project.yml").write_text("name: mine\n")
    with pytest.raises(NotAPackage):
        write_package(tmp_path / "mine", of_marts().values(), "0.1.0")
