"""SIGKILL before and after every commit of a sync, on SQLite: the next sync mends all, as if nothing had been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash.registry import OF_CHANGES, PASSED_BY_A_SYNC
from tests.oracles import wrong_with
from warehouse.database import Database

if TYPE_CHECKING:
    from tests.crash.matrix import Matrix

pytestmark = [pytest.mark.slow, pytest.mark.fault("F67")]


@pytest.mark.parametrize("site", PASSED_BY_A_SYNC)
@pytest.mark.fault("F67")
def test_killed_at_a_commit_of_the_first_sync(on_sqlite: Matrix, site: str) -> None:
    assert on_sqlite.wrong_after_kills_at(site) == []


@pytest.mark.parametrize("site", OF_CHANGES)
@pytest.mark.fault("F67")
def test_killed_at_a_commit_while_changes_arrive(changing_on_sqlite: Matrix, site: str) -> None:
    assert changing_on_sqlite.wrong_after_kills_at(site) == []


def test_streams_of_the_company_take_three_pages(on_sqlite: Matrix) -> None:
    with Database(on_sqlite.reference).session() as connection:
        pages: dict[str, int] = dict(
            connection.query("SELECT source || '/' || stream, pages FROM stream_run")
        )
        assert wrong_with(connection, on_sqlite.company.served, exit_code=0) == []
    assert pages["hubspot/companies"] >= 3
    assert all(pages[f"{name}/messages"] >= 3 for name in on_sqlite.company.mailboxes)
