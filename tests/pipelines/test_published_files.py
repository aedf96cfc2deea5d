"""The published files as an asset with a schedule of its own."""

from __future__ import annotations

import json

import dagster as dg

from partnerhub.config.load import load_config
from pipelines.defs.build import SYNC_ALL, build_definitions
from warehouse.database import Database
from warehouse.queries.audit import latest
from warehouse.schema import migrate

HUB = "sources:\n  list:\n    connector: sheets\n    path: list.csv\n"


def configured(folder, more=""):
    (folder / "list.csv").write_text("Company\nAcme\n")
    (folder / "partnerhub.yaml").write_text(HUB + more)
    return load_config(folder / "partnerhub.yaml")


def test_the_job_publishes_into_the_folder_of_the_configuration_and_no_sync_does(tmp_path):
    config = configured(tmp_path, 'export:\n  to: files\n  schedule: "0 5 * * *"\n')
    migrate(config.warehouse_url)
    found = build_definitions(config)
    assert [each.cron_schedule for each in found.schedules] == ["0 5 * * *"]
    assert "exported" not in {node.name for node in found.resolve_job_def(SYNC_ALL).graph.nodes}
    with dg.DagsterInstance.ephemeral() as instance:
        assert found.resolve_job_def("publish_files").execute_in_process(instance=instance).success
    told = json.loads((tmp_path / "files/manifest.json").read_text())
    assert {table["name"] for table in told["tables"]} >= {"dim_partner", "fct_touchpoint"}
    with Database(config.warehouse_url).session() as connection:
        assert [(each.actor, each.verb) for each in latest(connection)] == [
            ("hub:publish_files", "tables.export")
        ]


def test_the_job_publishes_a_package_by_hsds_where_the_configuration_says_so(tmp_path):
    config = configured(tmp_path, "export: {to: files, format: hsds}\n")
    migrate(config.warehouse_url)
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_definitions(config).resolve_job_def("publish_files")
        assert job.execute_in_process(instance=instance).success
    assert json.loads((tmp_path / "files/manifest.json").read_text())["hsds"] == "3.1"


def test_without_a_place_nothing_is_published(tmp_path):
    found = build_definitions(configured(tmp_path))
    assert "publish_files" not in {job.name for job in found.jobs}
    assert list(found.schedules) == []
