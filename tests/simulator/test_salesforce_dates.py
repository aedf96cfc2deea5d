"""SOQL's date literals mean spans of days; what they mean on Tuesday 1 September 2026."""

from __future__ import annotations

from datetime import date

import pytest

from partnerhub.simulator.salesforce.dates import span_of

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("word", "first", "end"),
    [
        ("YESTERDAY", "2026-08-31", "2026-09-01"),
        ("TODAY", "2026-09-01", "2026-09-02"),
        ("TOMORROW", "2026-09-02", "2026-09-03"),
        ("LAST_WEEK", "2026-08-23", "2026-08-30"),
        ("THIS_WEEK", "2026-08-30", "2026-09-06"),
        ("NEXT_WEEK", "2026-09-06", "2026-09-13"),
        ("LAST_MONTH", "2026-08-01", "2026-09-01"),
        ("THIS_MONTH", "2026-09-01", "2026-10-01"),
        ("NEXT_MONTH", "2026-10-01", "2026-11-01"),
        ("LAST_90_DAYS", "2026-06-03", "2026-09-02"),
        ("NEXT_90_DAYS", "2026-09-02", "2026-12-01"),
        ("LAST_N_DAYS:7", "2026-08-25", "2026-09-02"),
        ("NEXT_N_DAYS:7", "2026-09-02", "2026-09-09"),
        ("N_DAYS_AGO:7", "2026-08-25", "2026-08-26"),
        ("LAST_N_WEEKS:2", "2026-08-16", "2026-08-30"),
        ("NEXT_N_MONTHS:2", "2026-10-01", "2026-12-01"),
        ("N_MONTHS_AGO:9", "2025-12-01", "2026-01-01"),
        ("THIS_QUARTER", "2026-07-01", "2026-10-01"),
        ("LAST_N_QUARTERS:3", "2025-10-01", "2026-07-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("next_year", "2027-01-01", "2028-01-01"),
    ],
)
def test_a_literal_is_a_span_of_days(word: str, first: str, end: str) -> None:
    assert span_of(word, TODAY) == (date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize("word", ["LAST_DAY", "LAST_N_DAYS", "LAST_N_DAYS:x", "SOMEDAY", "N_DAYS_AGO"])
def test_other_words_are_none(word: str) -> None:
    assert span_of(word, TODAY) is None


@pytest.mark.parametrize("sign", ["=", "!=", "<", "<=", ">", ">="])
def test_a_day_stands_before_in_or_behind_a_span(sign: str) -> None:
    span = span_of("THIS_WEEK", TODAY)
    assert span is not None
    found = [
        span.compared(date(2026, 8, 29), sign),
        span.compared(TODAY, sign),
        span.compared(date(2026, 9, 6), sign),
    ]
    expected = {
        "=": [False, True, False], "!=": [True, False, True], "<": [True, False, False],
        "<=": [True, True, False], ">": [False, False, True], ">=": [False, True, True],
    }  # fmt: skip
    assert found == expected[sign]
