"""Moments as UTC text, dates as dates, sentinels as nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.canonical import DATE, TIME
from mappings.clean.times import clean_date, clean_time
from mappings.clean.unreadable import Unreadable

MOMENTS = [
    ("2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000000Z"),
    ("2024-05-01T12:00:00.250+0000", "2024-05-01T12:00:00.250000Z"),
    ("2024-05-01T12:00:00.123+0200", "2024-05-01T10:00:00.123000Z"),
    ("2024-W18-3T12:00:00.250Z", "2024-05-01T12:00:00.250000Z"),
    ("2024-05-01 12:00", "2024-05-01T12:00:00.000000Z"),
    ("2024-05-01", "2024-05-01T00:00:00.000000Z"),
    ("1714564800000", "2024-05-01T12:00:00.000000Z"),
    (1714564800000, "2024-05-01T12:00:00.000000Z"),
    (1714564800, "2024-05-01T12:00:00.000000Z"),
    ("01.05.2024", "2024-05-01T00:00:00.000000Z"),
    (date(2024, 5, 1), "2024-05-01T00:00:00.000000Z"),
]
NO_MOMENTS = ["may", "01/02/2024", "2024-13-01", "soon", "12", True, "2024-05-01T25:00:00Z"]
SENTINELS = ["0001-01-01T00:00:00Z", "9999-12-31", datetime(1, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize(("written", "moment"), MOMENTS)
def test_moment_as_utc_text(written, moment):
    assert clean_time(written) == moment


@pytest.mark.parametrize("written", NO_MOMENTS)
@pytest.mark.fault("F40")
def test_what_would_have_to_be_guessed_is_unreadable(written):
    with pytest.raises(Unreadable, match="unreadable_time"):
        clean_time(written)


@pytest.mark.parametrize("written", SENTINELS)
@pytest.mark.fault("F42")
def test_never_and_for_ever_are_no_times(written):
    with pytest.raises(Unreadable, match="sentinel_time"):
        clean_time(written)


def test_time_without_offset_is_read_in_the_declared_zone():
    assert clean_time("2024-07-01T12:00:00", "Europe/Berlin") == "2024-07-01T10:00:00.000000Z"
    assert clean_time("2024-07-01T12:00:00Z", "Europe/Berlin") == "2024-07-01T12:00:00.000000Z"


@pytest.mark.fault("F41")
def test_date_of_a_moment_is_the_one_on_the_wall():
    assert clean_date("2024-05-01T23:30:00Z", "Europe/Berlin") == "2024-05-02"
    assert [clean_date(text) for text in ("2024-05-01", "20240501", "1.5.2024")] == ["2024-05-01"] * 3


@given(st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30)), st.integers(-12, 14))  # noqa: DTZ001
def test_every_moment_has_one_text(moment, hours):
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    text = clean_time(aware.isoformat())
    assert text is not None
    assert re.match(TIME, text)
    assert clean_time(text) == text
    assert datetime.fromisoformat(text) == aware


@given(st.text(max_size=30) | st.integers() | st.floats())
def test_anything_is_a_time_or_unreadable(written):
    try:
        found = clean_time(written), clean_date(written)
    except Unreadable:
        return
    assert found == (None, None) or (re.match(TIME, found[0] or "") and re.match(DATE, found[1] or ""))


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.year < 9999))
def test_short_way_to_a_moment_agrees_with_the_long_one(moment):
    written = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    assert clean_time(f"{written}Z") == clean_time(f"{written}+00:00")
