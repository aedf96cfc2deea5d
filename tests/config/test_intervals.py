"""By when a schedule must have brought something."""

from __future__ import annotations

from datetime import UTC, datetime

from partnerhub.config.intervals import due_since

MONDAY = datetime(2026, 10, 5, 9, 5, tzinfo=UTC)


def test_quarter_of_an_hour_is_late_after_two_intervals_and_the_grace() -> None:
    assert due_since("*/15 * * * *", MONDAY) == datetime(2026, 10, 5, 8, 30, tzinfo=UTC)


def test_schedule_of_working_days_is_not_late_on_monday_morning() -> None:
    assert due_since("0 8-18 * * 1-5", MONDAY) == datetime(2026, 10, 2, 18, 0, tzinfo=UTC)
