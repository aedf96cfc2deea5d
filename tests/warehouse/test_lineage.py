"""Lineage: a table that leads from a published column to the field of each source, and Dagster's own form of it."""

from __future__ import annotations

import pytest

from partnerhub.config.load import load_config
from pipelines.defs.build import build_definitions
from pipelines.defs.derived import STAGED
from pipelines.defs.sources import raw_key
from tests.pipelines.golden_rig import Hub
from warehouse.database import Database
from warehouse.marts.lineage import KIND_OF
from warehouse.marts.streams import KINDS, Declared, Further, declare
from warehouse.marts.views import make_views
from warehouse.tables import metadata

NOW = "2026-10-01T08:00:00.000000Z"


@pytest.fixture
def hub(database_url) -> Hub:
    found = Hub(Database(database_url))
    companies = Declared(
        "crm",
        "companies",
        "organization",
        True,
        (Further("Seg", path="seg"),),
        {"tier": ("properties.tier", "line")},
    )
    sheet = Declared("list", "rows", "organization", True, (), {"tier": ("Level", "text")})
    with found.database.session() as connection:
        with connection.transaction():
            declare(connection, [companies, sheet], NOW)
        make_views(connection)
    return found


def rows(hub, where):
    with hub.database.session() as connection:
        return connection.query(
            "SELECT from_table, from_column, source, source_path, cleaner FROM lineage_column"
            f" WHERE {where} ORDER BY source"
        )


def test_a_column_of_a_mart_leads_to_the_field_of_every_source(hub):
    assert rows(hub, "table_name = 'dim_partner' AND column_name = 'tier'") == [
        ("organization_version", "tier", "crm", "properties.tier", "line"),
        ("organization_version", "tier", "list", "Level", "text"),
    ]


def test_a_column_no_source_is_read_for_has_one_row_and_one_of_a_stream_its_own(hub):
    assert rows(hub, "table_name = 'dim_partner' AND column_name = '_hub_run_id'") == [
        ("organization_version", "run_id", None, None, None)
    ]
    assert rows(hub, "column_name = 'custom_seg'") == [
        ("staged_organization", "custom_json", "crm", "seg", None)
    ]


def test_golden_tables_have_the_fields_of_the_kinds_they_are_chosen_from():
    for table, kind in KIND_OF.items():
        shared = set(metadata.tables[table].columns.keys()) & set(KINDS[kind].model_fields)
        assert len(shared) >= 3, table


def test_dagster_knows_the_columns_of_staged_records_and_the_fields_they_are_read_from(tmp_path):
    (tmp_path / "list.csv").write_text("Company\nAcme\n")
    (tmp_path / "partnerhub.yaml").write_text(
        "sources:\n  list:\n    connector: sheets\n    path: list.csv\n    fields: {tier: Level}\n"
    )
    found = build_definitions(load_config(tmp_path / "partnerhub.yaml"))
    (spec,) = [each for each in found.resolve_asset_graph().asset_nodes if each.key == STAGED["organization"]]
    columns = {each.name: each.type for each in spec.metadata["dagster/column_schema"].columns}
    assert columns["employees"] == "integer"
    lineage = spec.metadata["dagster/column_lineage"].deps_by_column
    assert [(dep.asset_key, dep.column_name) for dep in lineage["tier"]] == [
        (raw_key("list", "rows"), "Level")
    ]
