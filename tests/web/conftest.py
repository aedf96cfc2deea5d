"""A hub with questions, copied anew for each example; and one of partners, with the page of one of them."""

from __future__ import annotations

import pytest

from tests.web.partner_rig import ACME, Page, browsing, partner_hub
from tests.web.stewards_hub import Hub, imported


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def hub(hub_template, tmp_path):
    return Hub(hub_template, tmp_path / "hub")


@pytest.fixture
def partners(database_url):
    return partner_hub(database_url)


@pytest.fixture
def page(partners, database_url):
    """On both engines: for what depends on SQL."""
    with browsing(database_url, partners) as client:
        yield Page(client, partners.id_of(ACME))


@pytest.fixture
def small(sqlite_url):
    """On SQLite only: the hub and its address."""
    return partner_hub(sqlite_url), sqlite_url
