"""What tests of faults share: a hub on each database, and every vendor in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import vendors
from tests.faults.hub import Hub
from tests.faults.vendors import VENDORS, Vendor, opened
from tests.faults.whole import WholeHub


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
