"""Bugs that show only when a process dies, stands still or is told to stop: each turns a test of tests/crash red."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

CRASH: Final = "tests/crash/"
TWO: Final = CRASH + "test_two_at_once.py::"
STOP: Final = CRASH + "test_told_to_stop.py::"
SQLITE: Final = "[sqlite]"

BUGS_OF_CRASHES: Final = (
    Bug(
        "f67-gone-after-its-page",
        3,
        "pipelines/land/writer.py",
        "store_page(connection, place, page, moment(), take_back)))\n",
        "store_page(connection, place, page, moment())))\n"
        "        with connection.transaction():\n            take_back()\n",
        CRASH
        + "test_killed_on_sqlite.py::test_killed_at_a_commit_while_changes_arrive[pipelines.land.page.store_page]",
    ),
    Bug(
        "f67-commit-unseen",
        3,
        "warehouse/database.py",
        '                failpoints.reach(f"{site}.{failpoints.BEFORE}")\n',
        "                pass\n",
        CRASH + "test_failpoints.py::test_armed_failpoint_kills_exactly_there",
    ),
    Bug(
        "f68-books-left-open",
        6,
        "pipelines/stopping.py",
        "        close_books(Database(warehouse_url), utc_text(now))",
        "        pass",
        STOP + "test_in_the_middle_of_a_page_that_does_not_come" + SQLITE,
    ),
    Bug(
        "f77-lease-for-all",
        2,
        "pipelines/leases.py",
        "    return fresh or (alive is True and is_awake(found.holder))",
        "    return False",
        TWO + "test_second_sync_says_who_runs_since_when_and_exits_75" + SQLITE,
    ),
    Bug(
        "f78-late-writer-let-in",
        2,
        "pipelines/leases.py",
        " WHERE name = ? AND token = ? AND holder <> ''\",\n        lease,",
        ' WHERE name = ? AND token >= ?",\n        lease,',
        TWO + "test_paused_sync_that_lost_its_lease_commits_nothing_more" + SQLITE,
    ),
    Bug(
        "f84-silence-is-life",
        6,
        "pipelines/leases.py",
        "STALE_AFTER = timedelta(seconds=110)",
        "STALE_AFTER = timedelta(days=1_000)",
        TWO + "test_run_that_is_paused_or_killed_is_marked_abandoned_by_whoever_looks" + SQLITE,
    ),
)
