"""Every commit has its failpoints, they act when armed, and no write happens outside a transaction."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash.registry import BARE, ELSEWHERE, PASSED_BY_A_SYNC
from tests.crash.sites import bare_commits, sites
from warehouse import failpoints
from warehouse.database import Connection, Database
from warehouse.tables import metadata

if TYPE_CHECKING:
    from tests.crash.company import Company

WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")
PROGRAM = """
import sys
from warehouse.database import Database
def commit_twice(url):
    with Database(url).session() as connection:
        for value in ("1", "2"):
            with connection.transaction():
                connection.execute("INSERT INTO hub_state VALUES (?, ?)", ("n" + value, value))
commit_twice(sys.argv[1])
"""


def test_every_commit_site_is_known() -> None:
    listed = {*PASSED_BY_A_SYNC, *ELSEWHERE}
    assert sites().keys() - listed == set(), "new transactions: name them in tests/crash/registry.py"
    assert listed - sites().keys() == set(), "no transaction is opened there any more"
    assert not set(PASSED_BY_A_SYNC) & ELSEWHERE.keys()


def test_nothing_commits_past_the_failpoints() -> None:
    unknown = {one for one in bare_commits() if not any(one.startswith(known) for known in BARE)}
    assert unknown == set(), (
        "commit through Connection.transaction, or say why not in tests/crash/registry.py"
    )


def run_armed(url: str, failpoint: str) -> int:
    environment = os.environ | {failpoints.VARIABLE: failpoint}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, url], env=environment, check=False, capture_output=True
    ).returncode


def stored(url: str) -> set[str]:
    with Database(url).session() as connection:
        return {row[0] for row in connection.query("SELECT name FROM hub_state WHERE name IN ('n1', 'n2')")}


@pytest.mark.parametrize(
    ("failpoint", "left"),
    [
        ("__main__.commit_twice.before_commit:1:sigkill", set()),
        ("__main__.commit_twice.after_commit:1:sigkill", {"n1"}),
        ("__main__.commit_twice.before_commit:2:sigkill", {"n1"}),
        ("*:4:sigkill", {"n1", "n2"}),
    ],
)
def test_armed_failpoint_kills_exactly_there(database_url: str, failpoint: str, left: set[str]) -> None:
    assert run_armed(database_url, failpoint) == -signal.SIGKILL
    assert stored(database_url) == left


def test_failpoint_that_was_not_named_does_nothing(sqlite_url: str) -> None:
    assert run_armed(sqlite_url, "pipelines.land.page.store_page.before_commit:1:sigkill") == 0
    assert stored(sqlite_url) == {"n1", "n2"}


def write_once(url: str) -> None:
    with Database(url).session() as connection, connection.transaction():
        connection.execute("INSERT INTO hub_state VALUES ('n1', '1')")


@pytest.mark.parametrize(("action", "number"), [("raise", None), ("enospc", errno.ENOSPC)])
def test_failure_before_the_commit_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, action: str, number: int | None
) -> None:
    here = f"{write_once.__module__}.{write_once.__qualname__}.before_commit"
    monkeypatch.setattr(failpoints, "ARMED", failpoints.armed_by(f"{here}:1:{action}"))
    with pytest.raises((failpoints.FailpointReached, OSError)) as raised:
        write_once(database_url)
    assert getattr(raised.value, "errno", None) == number
    assert stored(database_url) == set()


@pytest.mark.parametrize("said", ["no-colons", "name:first:sigkill", "name:1:explode"])
def test_unreadable_failpoint_is_refused(said: str) -> None:
    with pytest.raises(failpoints.BadFailpoint, match="name:nth:action"):
        failpoints.armed_by(said)


def test_without_the_variable_nothing_is_armed() -> None:
    assert failpoints.armed_by(None) is None
    assert failpoints.ARMED is None


@pytest.mark.slow
def test_no_write_of_a_sync_happens_outside_a_transaction(
    company: Company, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.crash.syncing import sync

    loose: list[str] = []
    spelled = Connection.spelled

    def watched(self: Any, statement: str) -> str:
        written = WRITE.match(statement)
        if written and written[1] in metadata.tables and not self.in_transaction:
            loose.append(statement)
        return spelled(self, statement)

    monkeypatch.setattr(Connection, "spelled", watched)
    assert sync(company.config(sqlite_url, "watched"), "watched") == "complete"
    assert loose == []
