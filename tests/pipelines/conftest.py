"""A hub that read a made-up HubSpot once: what later syncs and comparisons are shown with."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.sync import run_sync
from tests.pipelines.rebuilding import Hub, hub_with_history
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
warehouse: sqlite:///warehouse.db
own_domains: [{own}]
clock: 2026-10-01T00:00:00Z
sources:
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {url}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    tries: 2
    streams: [companies, contacts]
"""


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """A hub on SQLite after syncs with changes, merges, splits, pins and deletions; to be copied, never written to."""
    folder = tmp_path_factory.mktemp("lived")
    url = f"sqlite:///{folder / 'hub.db'}"
    migrate(url)
    with hub_with_history(folder, url) as hub:
        return hub


@pytest.fixture
def hub(lived: Hub, tmp_path: Path) -> Hub:
    """A copy of it."""
    shutil.copyfile(lived.database.path, tmp_path / "hub.db")
    return lived.at(f"sqlite:///{tmp_path / 'hub.db'}")


LONG_AGO = datetime(2025, 3, 4, tzinfo=UTC)


@pytest.fixture
def hubspot() -> Iterator[HubSpotSimulator]:
    with HubSpotSimulator(generate_world(5, 12, datetime(2026, 10, 1, tzinfo=UTC))) as simulator:
        yield simulator


@pytest.fixture
def config(hubspot: HubSpotSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubConfig:
    monkeypatch.chdir(tmp_path)
    text = CONFIG.format(own=hubspot.world.own_domain, token=hubspot.token, url=hubspot.url)
    (tmp_path / "partnerhub.yaml").write_text(text)
    found = load_config(tmp_path / "partnerhub.yaml")
    assert run_sync(found).state == "complete"
    return found


def query(config: HubConfig, statement: str) -> list[tuple[Any, ...]]:
    with Database(config.warehouse_url).session() as connection:
        return connection.query(statement)


def appear_late(hubspot: HubSpotSimulator, number: int = 9001) -> None:
    """A company with a stamp from long ago, which no read from a cursor on can see."""
    stamps = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
    hubspot.store.put("companies", number, {"name": "Latecomer Ltd", "domain": "latecomer.example"}, **stamps)
