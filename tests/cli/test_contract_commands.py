"""`partnerhub contract` from a shell."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from partnerhub.cli.app import main
from warehouse.contracts.promised import RELEASED
from warehouse.marts import MARTS


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["contract", *arguments])
    return int(left.value.code or 0)


def test_a_contract_is_shown_as_yaml_and_all_of_them_as_a_list(configured, capsys):
    assert code("show", "dim_partner") == 0
    assert yaml.safe_load(capsys.readouterr().out)["name"] == "dim_partner"
    assert code("show", "--marts-only") == 0
    assert "fct_touchpoint" in capsys.readouterr().out
    assert code("show", "dim_nobody") != 0


def test_a_promise_that_would_break_fails_the_comparison(configured, capsys):
    shutil.copytree(RELEASED, configured / "before")
    assert code("diff", "--against", "before") == code("diff") == 0
    place = configured / "before/dim_owner.odcs.yaml"
    former = yaml.safe_load(place.read_text())
    former["schema"][0]["properties"].append({"name": "former", "logicalType": "string"})
    place.write_text(yaml.safe_dump(former))
    capsys.readouterr()
    assert code("diff", "--against", "before", "--marts-only", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["column"], found["weight"]) == ("former", "breaking")


def test_a_warehouse_is_tested_against_its_contracts(configured, capsys):
    assert code("test") == 0
    assert f"{len(MARTS)} contracts kept" in capsys.readouterr().out


def test_a_release_into_an_empty_folder_is_the_first_of_each_contract(configured):
    assert code("release", "--into", "mine") == 0
    written = yaml.safe_load((configured / "mine/dim_partner.odcs.yaml").read_text())
    released = yaml.safe_load((RELEASED / "dim_partner.odcs.yaml").read_text())
    assert written == released | {"version": "1.0.0"}
