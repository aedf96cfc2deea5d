"""The report of random kills: it can be gone on with after a stop."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crash.random_kills import Soak, Tally, read_report, report

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
