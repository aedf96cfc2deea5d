"""The small company and its matrices: killed while everything is new, and killed while changes arrive."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.crash.company import Company, company_in
from tests.crash.matrix import NUMBERS, Matrix, postgres_from, sqlite_from
from tests.crash.syncing import sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crash.matrix import Fresh
    from tests.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with company_in(tmp_path_factory.mktemp("company")) as company:
        yield company


def matrix_of(company: Company, fresh: Fresh) -> Iterator[Matrix]:
    with fresh(f"reference{next(NUMBERS)}") as reference:
        yield Matrix(company, fresh, reference)


@pytest.fixture(scope="module")
def on_sqlite(company: Company, migrated_sqlite: Path) -> Iterator[Matrix]:
    """Kills on an empty SQLite warehouse."""
    empty = company.folder / "empty.db"
    shutil.copyfile(migrated_sqlite, empty)
    yield from matrix_of(company, sqlite_from(empty))


@pytest.fixture(scope="module")
def on_postgres(company: Company, postgres: PostgresServer, migrated_postgres: str) -> Iterator[Matrix]:
    """Kills on an empty PostgreSQL warehouse."""
    yield from matrix_of(company, postgres_from(postgres, migrated_postgres))


@pytest.fixture(scope="module")
def changing_on_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Matrix]:
    """Kills on a SQLite warehouse that holds what the company was a little earlier."""
    with company_in(tmp_path_factory.mktemp("changing")) as company:
        synced = company.folder / "synced.db"
        shutil.copyfile(migrated_sqlite, synced)
        sync(company.config(f"sqlite:///{synced}", "synced"), "earlier")
        company.goes_on()
        yield from matrix_of(company, sqlite_from(synced))


@pytest.fixture(scope="module")
def changing_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated_postgres: str
) -> Iterator[Matrix]:
    """Kills on a PostgreSQL warehouse that holds what the company was a little earlier."""
    with company_in(tmp_path_factory.mktemp("changing")) as company:
        sync(company.config(postgres.create("synced", migrated_postgres), "synced"), "earlier")
        company.goes_on()
        yield from matrix_of(company, postgres_from(postgres, "synced"))
        postgres.drop("synced")
