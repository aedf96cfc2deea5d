"""An export that builds on a former one: what it holds, put over the former, is what a whole export says."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from tests.pipelines.golden_rig import DAY
from tests.warehouse.test_export import NOW, filled
from tests.warehouse.test_export_recipes import applied
from tests.web.partner_rig import ACME, LONE, SHEET
from warehouse.exports.export import Options, export
from warehouse.exports.former import NoBase


def tables_at(place) -> dict[str, list[dict]]:
    """Every table of a whole export, by name."""
    told = json.loads((place / "manifest.json").read_text())["tables"]
    return {
        table["name"]: sorted(
            pq.ParquetDataset([str(place / each["path"]) for each in table["files"]], partitioning=None)
            .read()
            .to_pylist(),
            key=repr,
        )
        for table in told
    }


def write(hub, folder, name: str, **options) -> dict:
    return export(hub.database, str(folder / name), Options(**options), NOW)


@pytest.fixture
def hub(sqlite_url):
    hub = filled(sqlite_url)
    hub.mail("mail/messages/1", "ann@acme.example", "us@hub.example", happened_at=DAY.format(3))
    hub.publish()
    return hub


def test_increments_over_the_first_make_what_a_whole_export_says_after_merge_split_and_deletion(
    hub, tmp_path
):
    write(hub, tmp_path, "whole")
    hub.groups[LONE] = ACME
    hub.stage("organization", LONE, name="Lone")
    hub.stage("touchpoint", "crm/calls/0", kind="call", happened_at=DAY.format(3), deleted_at=DAY.format(9))
    hub.publish()
    write(hub, tmp_path, "one", base=str(tmp_path / "whole"))
    del hub.groups[SHEET]
    hub.stage("organization", SHEET, name="Apart")
    hub.unstage("touchpoint", "crm/calls/1")
    hub.stage("touchpoint", "crm/calls/9", kind="call", happened_at=DAY.format(8))
    hub.publish()
    told = write(hub, tmp_path, "two", base=str(tmp_path / "one/manifest.json"))
    write(hub, tmp_path, "now")
    assert applied(tmp_path, ["whole", "one", "two"]) == tables_at(tmp_path / "now")
    by_name = {table["name"]: table for table in told["tables"]}
    assert by_name["fct_touchpoint"]["removed"]["rows"] == 1
    assert by_name["fct_touchpoint"]["rows"] == 1
    assert all(table["rows_then"] == len(applied(tmp_path, ["now"])[name]) for name, table in by_name.items())


def test_an_export_over_a_former_one_holds_nothing_where_nothing_changed(hub, tmp_path):
    few = "dim_partner", "fct_touchpoint", "stg_crm__calls"
    write(hub, tmp_path, "whole", only=few)
    told = write(hub, tmp_path, "again", base=str(tmp_path / "whole"), only=few)
    assert {(table["rows"], table["removed"]["rows"]) for table in told["tables"]} == {(0, 0)}
    assert told["base"]["place"] == "../whole"


def test_a_table_the_former_export_did_not_hold_goes_whole(hub, tmp_path):
    write(hub, tmp_path, "whole", only=("dim_owner",))
    told = write(hub, tmp_path, "more", base=str(tmp_path / "whole"), only=("dim_owner", "dim_partner"))
    assert {table["name"]: table["is_whole"] for table in told["tables"]} == {
        "dim_owner": False,
        "dim_partner": True,
    }


def test_what_cannot_be_built_on_is_refused_by_what_is_wrong_with_it(hub, tmp_path):
    few = {"only": ("dim_owner",)}
    write(hub, tmp_path, "whole", **few)
    write(hub, tmp_path, "one", base=str(tmp_path / "whole"), **few)
    write(hub, tmp_path, "since", since=NOW, **few)
    write(hub, tmp_path, "sheets", kind="csv", **few)
    for name, why in (("nowhere", "no manifest"), ("since", "since a moment"), ("sheets", "not Parquet")):
        with pytest.raises(NoBase, match=why):
            write(hub, tmp_path, "two", base=str(tmp_path / name))
    with pytest.raises(NoBase, match="take its place"):
        write(hub, tmp_path, "whole", base=str(tmp_path / "one"))
    write(hub, tmp_path, "whole", only=("dim_contact",))
    with pytest.raises(NoBase, match="what stood there before"):
        write(hub, tmp_path, "two", base=str(tmp_path / "one"))
