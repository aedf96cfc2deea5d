"""Kill a hub at one commit after the other, sync once more, and ask every oracle."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from tests.crash.syncing import die_at, passages, sync
from tests.oracles import at_rest, same_on_both, wrong_with
from warehouse.database import Database
from warehouse.failpoints import AFTER, BEFORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.crash.company import Company
    from tests.postgres_server import PostgresServer

    Fresh = Callable[[str], AbstractContextManager[str]]

KILLED = -9
NUMBERS = count(1)
HOURS_OF_THE_HUB = "2026-10-02"
"""The company's clock stands before it, the hub's own runs after it."""


class Matrix:
    """One company, one kind of database to begin with, and the hub that was never killed for comparison."""

    def __init__(self, company: Company, fresh: Fresh, reference: str) -> None:
        """fresh: a database to begin with, by name, as long as the context lasts. reference: one synced in peace."""
        self.company, self.fresh, self.reference = company, fresh, reference
        company.config(reference, "reference")
        self.passages = passages(company.folder / "reference.yaml", "in-peace").counts

    def occurrences(self, failpoint: str) -> list[int]:
        """The first, the second and the last passage, as far as there are so many."""
        most = self.passages.get(failpoint, 0)
        return sorted({1, min(2, most), most}) if most else []

    def wrong_after_kills_at(self, site: str) -> list[str]:
        """Everything wrong after any of the kills at one commit site."""
        wrong = []
        for failpoint in (f"{site}.{BEFORE}", f"{site}.{AFTER}"):
            if not self.passages.get(failpoint):
                wrong.append(f"{failpoint} is never passed")
            for nth in self.occurrences(failpoint):
                words = self.wrong_after(f"{failpoint}:{nth}:sigkill")
                wrong += [f"{failpoint}, time {nth}: {one}" for one in words]
        return wrong

    def wrong_after(self, failpoint: str) -> list[str]:
        """Kill there, judge what is left, sync once more, judge again, and see that nothing is written any more."""
        name = f"killed{next(NUMBERS)}"
        with self.fresh(name) as url:
            config = self.company.config(url, name)
            code = die_at(self.company.folder / f"{name}.yaml", "killed", failpoint)
            if code != KILLED:
                return [f"the process ended with {code} and was not killed"]
            return [*self.left_behind(url), *self.mended(url, lambda run_id: sync(config, run_id))]

    def left_behind(self, url: str) -> list[str]:
        """What is wrong right after the kill: only what must hold at any instant is asked."""
        with Database(url).session() as connection:
            return [
                f"left behind: {one}" for one in wrong_with(connection, self.company.served, settled=False)
            ]

    def mended(self, url: str, sync_as: Callable[[str], str]) -> list[str]:
        """What is wrong after one more sync, and whether the one after that has anything to write."""
        state, served = sync_as("next"), self.company.served
        with Database(url).session() as connection, Database(self.reference).session() as peace:
            wrong = [] if state == "complete" else [f"the next sync is {state}"]
            wrong += wrong_with(connection, served, exit_code=0)
            left = connection.query(
                "SELECT run_id, state FROM sync_run WHERE run_id = 'killed' AND state = 'running'"
            )
            wrong += [f"run {run_id} still counts as {state}" for run_id, state in left]
            wrong += [
                f"other than without the kill: {one}"
                for one in same_on_both(connection, peace, HOURS_OF_THE_HUB)
            ]
        return wrong + at_rest(Database(url), lambda: sync_as("rest"), times=1)


def sqlite_from(template: Path) -> Fresh:
    """Copies of a SQLite file."""

    @contextmanager
    def fresh(name: str) -> Iterator[str]:
        path = template.with_name(f"{name}.db")
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()

    return fresh


def postgres_from(server: PostgresServer, template: str) -> Fresh:
    """Copies of a PostgreSQL database."""

    @contextmanager
    def fresh(name: str) -> Iterator[str]:
        yield server.create(name, template)
        server.drop(name)

    return fresh
