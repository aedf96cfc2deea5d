"""SIGKILL before and after the commits of a comparison with the sources: comparing again finds and mends the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipelines.reconcile.compare import reconcile
from tests.crash.company import Company, company_in
from tests.crash.matrix import KILLED, sqlite_from
from tests.crash.syncing import die_at, sync
from tests.oracles import wrong_with
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.fault("F67")]

SITES = (
    "pipelines.land.comparison.write_comparison",
    "pipelines.land.page.store_page",
    "pipelines.reconcile.compare.uncounted",
)


@pytest.fixture(scope="module")
def deceived(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Company]:
    """A company of which the hub knows all, whose CRM then lost two contacts without a word."""
    with company_in(tmp_path_factory.mktemp("deceived")) as company:
        synced = company.folder / "synced.db"
        shutil.copyfile(migrated_sqlite, synced)
        sync(company.config(f"sqlite:///{synced}", "synced"), "earlier")
        store = company.hubspot.store
        for found in store.listed("contacts", archived=False)[:2]:
            del store.objects["contacts"][found.id]
        store.generation += 1
        yield company


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("point", ["before_commit:1", "after_commit:1", "after_commit:2"])
def test_comparison_that_was_killed_is_made_again(deceived: Company, site: str, point: str) -> None:
    name = f"{site.rpartition('.')[2]}-{point.replace(':', '-')}"
    with sqlite_from(deceived.folder / "synced.db")(name) as url:
        config = deceived.config(url, name)
        failpoint = f"{site}.{point}:sigkill"
        assert die_at(deceived.folder / f"{name}.yaml", "reconcile", failpoint) == KILLED
        report = reconcile(config, list(config.sources))
        assert report.state == "complete"
        with Database(url).session() as connection:
            assert wrong_with(connection, deceived.served) == []
