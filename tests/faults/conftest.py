"""What tests of faults share: a hub on each database, and every vendor in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import vendors
from tests.faults.hub import Hub
from tests.faults.vendors import VENDORS, Vendor, opened
from tests.faults.whole import WholeHub

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL one vendor stands for all: who sends a page makes no difference to a database."""
    spared = [item for item in items if is_told_already(item)]
    config.hook.pytest_deselected(items=spared)
    items[:] = [item for item in items if item not in spared]


def is_told_already(item: pytest.Item) -> bool:
    """Whether this is a further vendor on PostgreSQL."""
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    further = given.get("vendor", VENDORS[0]) != VENDORS[0]
    return item.path.parent == HERE and given.get("database_url") == "postgresql" and further


@pytest.fixture
def hub(database_url: str) -> Hub:
    """A hub, once per database."""
    return Hub(database_url)


@pytest.fixture
def small_hub(sqlite_url: str) -> Hub:
    """A hub on SQLite, for what happens before anything is stored."""
    return Hub(sqlite_url)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vendor]:
    """Every vendor served over HTTP."""
    with opened(request.param, tmp_path) as running:
        yield running


@pytest.fixture
def hubspot() -> Iterator[Vendor]:
    """HubSpot with seven companies."""
    with vendors.hubspot() as running:
        yield running


@pytest.fixture
def salesforce(tmp_path: Path) -> Iterator[Vendor]:
    """Salesforce with seven accounts."""
    with vendors.salesforce(tmp_path / "org") as running:
        yield running


@pytest.fixture
def jira() -> Iterator[Vendor]:
    """Jira with seven issues."""
    with vendors.jira() as running:
        yield running


@pytest.fixture
def asana() -> Iterator[Vendor]:
    """Asana with seven tasks."""
    with vendors.asana() as running:
        yield running


@pytest.fixture
def whole(database_url: str) -> WholeHub:
    """A hub that derives, once per database."""
    return WholeHub(database_url)
