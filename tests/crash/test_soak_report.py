"""Random kills: where they fall, and that their report can be gone on with after a stop."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crash.random_kills import Soak, Tally, moment_of, read_report, report

SOAK = Soak(
    611227,
    3,
    2.0,
    {
        "SQLite": Tally(fell=Counter({"while records landed": 2})),
        "PostgreSQL": Tally(
            fell=Counter({"before the first page": 1}), wrong=["killed after 1.2 s: lost: 3"]
        ),
    },
)


def test_a_report_is_read_back_as_the_kills_it_tells_of() -> None:
    again = read_report(report(SOAK))
    assert (again.seed, again.kills, again.minutes) == (611227, 3, 2.0)
    assert {name: +tally.fell for name, tally in again.tallies.items()} == {
        "SQLite": Counter({"while records landed": 2}),
        "PostgreSQL": Counter({"before the first page": 1}),
    }
    assert again.tallies["PostgreSQL"].wrong == ["killed after 1.2 s: lost: 3"]


def test_another_page_is_no_report() -> None:
    with pytest.raises(ValueError, match="no report"):
        read_report("# Killed at random")


def test_a_kill_falls_before_each_commit_as_often_however_long_the_work_before_it() -> None:
    moments = [1.0, 1.1, 9.1]
    assert [round(moment_of(at, moments), 3) for at in (0.0, 1 / 6, 0.5, 5 / 6)] == [0.0, 0.5, 1.05, 5.1]
