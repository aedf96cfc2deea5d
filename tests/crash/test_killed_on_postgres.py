"""SIGKILL before and after every commit of a sync, on PostgreSQL: the next sync mends all, as if nothing had been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash.matrix import HOURS_OF_THE_HUB, Matrix, sqlite_from
from tests.crash.registry import OF_CHANGES, PASSED_BY_A_SYNC
from tests.oracles import same_on_both
from warehouse.database import Database

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.fault("F67")]


@pytest.mark.parametrize("site", PASSED_BY_A_SYNC)
@pytest.mark.fault("F67")
def test_killed_at_a_commit_of_the_first_sync(on_postgres: Matrix, site: str) -> None:
    assert on_postgres.wrong_after_kills_at(site) == []


@pytest.mark.parametrize("site", OF_CHANGES)
@pytest.mark.fault("F67")
def test_killed_at_a_commit_while_changes_arrive(changing_on_postgres: Matrix, site: str) -> None:
    assert changing_on_postgres.wrong_after_kills_at(site) == []


def test_both_databases_say_the_same(on_postgres: Matrix, migrated_sqlite: Path) -> None:
    with sqlite_from(migrated_sqlite)("compared") as url:
        Matrix(on_postgres.company, sqlite_from(migrated_sqlite), url)
        with Database(url).session() as one, Database(on_postgres.reference).session() as other:
            assert same_on_both(one, other, HOURS_OF_THE_HUB) == []
