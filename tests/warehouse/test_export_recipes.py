"""What docs/warehouse/exports.md says to copy: it runs, over files an export made."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from connectors.errors import FixSetup
from pipelines.resolve.spark_session import SparkSettings, require_spark, spark_session
from tests.conftest import REPOSITORY, SKIPPED_FOR
from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import partner_hub
from warehouse.exports.export import Options, export

PAGE = REPOSITORY / "docs/warehouse/exports.md"
FENCE = re.compile(r"^```(?:python|sql) (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def recipe(name: str) -> str:
    return dict(FENCE.findall(PAGE.read_text(encoding="utf-8")))[name]


def applied(folder: Path, names: Sequence[str]) -> dict[str, list[dict]]:
    """What `apply` of the page makes of exports put over each other, by table."""
    found: dict = {}
    exec(recipe("apply").partition("\n\n\nhub =")[0], found)
    hub = duckdb.connect()
    hub.execute("SET TimeZone = 'UTC'")
    for name in names:
        found["put_over"](hub, folder / name)
    tables = [name for (name,) in hub.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    return {name: sorted(hub.sql(f"FROM {name}").to_arrow_table().to_pylist(), key=repr) for name in tables}


@pytest.fixture
def beside_an_export(sqlite_url, tmp_path, monkeypatch):
    hub = partner_hub(sqlite_url)
    hub.mail(
        "mail/messages/1", "ann@acme.example", "us@hub.example", happened_at=DAY.format(3), direction="in"
    )
    hub.publish()
    export(hub.database, str(tmp_path / "export"), Options(), DAY.format(5))
    monkeypatch.chdir(tmp_path)


def ran(name: str) -> dict:
    found: dict = {}
    exec(recipe(name), found)
    return found


def test_duckdb_answers_what_the_page_asks(beside_an_export):
    assert duckdb.sql(recipe("duckdb")).fetchall() == [("Acme", 1)]


def test_pandas_answers_what_the_page_asks(beside_an_export):
    assert ran("pandas")["by_partner"].to_dict() == {"Acme": 1}


def test_polars_answers_what_the_page_asks(beside_an_export):
    if importlib.util.find_spec("polars") is None:
        pytest.skip("polars is not installed: it is no dependency of the hub")
    assert ran("polars")["by_partner"].rows() == [("Acme", 1)]


def test_a_package_by_hsds_answers_what_the_page_asks(sqlite_url, tmp_path, monkeypatch):
    hub = partner_hub(sqlite_url)
    hub.stage("organization", "crm/companies/7", name="Careful", services="Care, Training")
    hub.publish()
    export(hub.database, str(tmp_path / "directory"), Options("hsds"), DAY.format(5))
    monkeypatch.chdir(tmp_path)
    assert ran("hsds")["offered_by"] == {"Care": ["Careful"], "Training": ["Careful"]}


def test_files_are_what_the_manifest_says(beside_an_export):
    ran("check")


@pytest.mark.spark
@pytest.mark.slow
def test_spark_answers_what_the_page_asks(beside_an_export, tmp_path):
    try:
        require_spark()
    except FixSetup as missing:
        pytest.skip(f"{SKIPPED_FOR['Spark']}{missing.happened} Run `make spark`.")
    with spark_session(SparkSettings("local[2]", "1g"), tmp_path, 100) as spark:
        found = {"spark": spark}
        exec(recipe("spark"), found)
        assert [tuple(row) for row in found["by_partner"].collect()] == [("Acme", 1)]
