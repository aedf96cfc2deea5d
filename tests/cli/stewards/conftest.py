"""A hub of five partners of one list, anew for each example."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.conftest import subprocess_command
from warehouse.database import Database

PARTNERS = """\
Company,Website,City,Country,Tier
Acme GmbH,acme.example,Berlin,DE,Gold
ACME Gesellschaft mbH,https://www.acme.example/,Berlin,Germany,Silver
Bellago S.r.l.,bellago.example,Milano,IT,Silver
Corvina Kft.,corvina.example,Budapest,HU,
Dorado Ltd,dorado.example,London,GB,
"""


@pytest.fixture(scope="session")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stewards")
    subprocess_command(folder, "init")
    (folder / "partners.csv").write_text(PARTNERS, encoding="utf-8")
    assert subprocess_command(folder, "import", "partners.csv", "--partners", "--key", "Company").code == 0
    return folder


@pytest.fixture
def folder(imported, tmp_path):
    return shutil.copytree(imported, tmp_path / "hub")


@pytest.fixture
def database(folder):
    return Database(f"sqlite:///{folder / 'warehouse.db'}")


@pytest.fixture
def ask(run, folder, monkeypatch):
    monkeypatch.setenv("PARTNERHUB_CONFIG", str(folder / "partnerhub.yaml"))
    return run


@pytest.fixture
def keys(database):
    """Name as written → record key."""
    with database.session() as connection:
        return dict(connection.query("SELECT name, record FROM staged_organization"))
