"""Dagster's record of a run through kept connections: the same files, fewer of everything else."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines.event_store import kept_connections

KEY = dg.AssetKey(["staged", "organization"])


@pytest.fixture
def instance(tmp_path: Path) -> dg.DagsterInstance:
    """An instance that keeps its files in a folder of its own."""
    (tmp_path / "dagster.yaml").write_text(f"storage:\n  sqlite:\n    base_dir: {tmp_path}/kept\n")
    return dg.DagsterInstance.from_config(str(tmp_path))


def connection_of(instance: dg.DagsterInstance) -> object:
    """The driver's connection that the store of events answers with."""
    assert isinstance(instance.event_log_storage, SqliteEventLogStorage)
    with instance.event_log_storage.index_connection() as connection:
        return connection.connection.dbapi_connection


def test_inside_the_block_a_file_is_opened_once(instance: dg.DagsterInstance) -> None:
    with kept_connections(instance):
        assert connection_of(instance) is connection_of(instance)


def test_after_the_block_the_store_opens_its_files_by_itself(instance: dg.DagsterInstance) -> None:
    with kept_connections(instance):
        kept = connection_of(instance)
    assert connection_of(instance) is not kept


def test_event_recorded_inside_the_block_is_read_by_another_instance(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with kept_connections(instance):
        instance.report_runless_asset_event(dg.AssetMaterialization(KEY))
        with dg.DagsterInstance.from_config(str(tmp_path)) as reader:
            assert reader.get_latest_materialization_event(KEY) is not None


def half_written(instance: dg.DagsterInstance) -> None:
    """Write a row and fail before its transaction ends."""
    assert isinstance(instance.event_log_storage, SqliteEventLogStorage)
    with instance.event_log_storage.index_connection() as connection:
        connection.exec_driver_sql("INSERT INTO asset_keys (asset_key) VALUES ('[\"half\"]')")
        raise ValueError("half")


def test_failed_write_leaves_nothing_and_the_next_one_stands(instance: dg.DagsterInstance) -> None:
    with kept_connections(instance):
        with pytest.raises(ValueError, match="half"):
            half_written(instance)
        instance.report_runless_asset_event(dg.AssetMaterialization(KEY))
        assert instance.all_asset_keys() == [KEY]


def test_store_that_keeps_no_files_is_left_as_it_is() -> None:
    with dg.DagsterInstance.ephemeral() as instance, kept_connections(instance):
        instance.report_runless_asset_event(dg.AssetMaterialization(KEY))
        assert instance.all_asset_keys() == [KEY]
