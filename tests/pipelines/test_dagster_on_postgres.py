"""Dagster's history on PostgreSQL: a sync is recorded there when the address names its driver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from partnerhub.config import load_config
from pipelines.sync import run_sync
from tests.conftest import REPOSITORY
from warehouse.database import Database

if TYPE_CHECKING:
    from partnerhub.config import HubConfig

pytest.importorskip("dagster_postgres", reason="the extra dagster-postgres is not installed")
pytestmark = pytest.mark.postgres

CONFIG = """
warehouse: sqlite:///warehouse.db
sources:
  partners: {connector: sheets, path: partners.csv}
"""


@pytest.fixture
def history(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of a hub by the dagster.yaml of deploy/; returns the address of its history, without a driver."""
    settings = (REPOSITORY / "deploy" / "compose" / "dagster.yaml").read_text()
    (tmp_path / "dagster.yaml").write_text(settings)
    (tmp_path / "partnerhub.yaml").write_text(CONFIG)
    (tmp_path / "partners.csv").write_text("Company,Website\nKestrel,kestrel.example\n")
    monkeypatch.chdir(tmp_path)
    driven = postgres_url.replace("postgresql://", "postgresql+psycopg2://")
    monkeypatch.setenv("DAGSTER_PG_URL", driven)
    return postgres_url


def config(folder: Path) -> HubConfig:
    return load_config(folder / "partnerhub.yaml")


def test_a_sync_is_recorded_with_its_events(history: str, tmp_path: Path) -> None:
    report = run_sync(config(tmp_path))
    assert (report.state, report.broken_steps) == ("complete", [])
    with Database(history).session() as connection:
        ((status,),) = connection.query("SELECT status FROM public.runs WHERE run_id = ?", (report.run_id,))
        ((events,),) = connection.query(
            "SELECT count(*) FROM public.event_logs WHERE run_id = ?", (report.run_id,)
        )
    assert status == "SUCCESS"
    assert events > 50


def test_the_files_of_deploy_hold_no_secret_and_name_the_driver() -> None:
    texts = [path.read_text() for path in sorted((REPOSITORY / "deploy").rglob("*")) if path.is_file()]
    assert any("postgresql+psycopg2://" in text for text in texts)
    assert not any("postgresql+psycopg2://hub:hub" in text for text in texts)
