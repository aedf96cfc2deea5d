"""A hub with questions, copied anew for each example."""

from __future__ import annotations

import pytest

from tests.web.stewards_hub import Hub, imported


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def hub(hub_template, tmp_path):
    return Hub(hub_template, tmp_path / "hub")
