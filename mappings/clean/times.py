"""Times and dates: UTC text `YYYY-MM-DDTHH:MM:SS.ffffffZ` and `YYYY-MM-DD`, strict, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SENTINEL_YEARS = frozenset({1, 9999})
"""What systems write for never and for ever; such a value is no time."""
SENTINEL_TEXTS = frozenset(f"{year:04d}" for year in SENTINEL_YEARS)
MILLISECONDS_FROM = 100_000_000_000
"""Whole numbers from here on are epoch milliseconds (1973), below epoch seconds (up to the year 5138)."""
EPOCH_NUMBER = re.compile(r"-?\d{9,14}", re.ASCII)
IN_UTC = frozenset({"Z", "+0000", "+00:00"})
ISO_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
POINTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def clean_time(value: object, zone: str = "UTC") -> str | None:
    """A moment as UTC text, from ISO text, epoch milliseconds or seconds, or a datetime. None for empty.

    zone: where the clock stood for values without an offset. A date alone is its midnight there. Raises
    `Unreadable("unreadable_time")`, or `sentinel_time` for the years 1 and 9999.
    """
    # How most APIs write a moment, `2026-10-01T08:00:00.000Z`: the calendar agreeing, it needs only three more digits.
    if isinstance(value, str) and value[19:20] == "." and value[10] == "T" and value[23:] in IN_UTC:
        return _with_microseconds(value)
    if isinstance(value, bool):
        raise Unreadable("unreadable_time")
    if isinstance(value, datetime):
        return _utc(value, zone)
    if isinstance(value, date):
        return _utc(datetime(value.year, value.month, value.day), zone)  # noqa: DTZ001 - the zone is added there
    line = clean_line(value)
    if line is None:
        return None
    if line[4:5] != "-":
        if EPOCH_NUMBER.fullmatch(line):
            return _from_epoch(int(line))
        if dated := POINTED_DATE.fullmatch(line):
            line = f"{dated[3]}-{dated[2]:0>2}-{dated[1]:0>2}"
    try:
        moment = datetime.fromisoformat(line)
    except ValueError as error:
        raise Unreadable("unreadable_time") from error
    return _utc(moment, zone)


def _with_microseconds(line: str) -> str:
    try:
        moment = datetime.fromisoformat(line)
    except ValueError as error:
        raise Unreadable("unreadable_time") from error
    if line[5] == "W":
        return _utc(moment, "UTC")
    if line[:4] in SENTINEL_TEXTS:
        raise Unreadable("sentinel_time")
    return line[:23] + "000Z"


def _from_epoch(number: int) -> str:
    unit = timedelta(milliseconds=number) if abs(number) >= MILLISECONDS_FROM else timedelta(seconds=number)
    try:
        return _utc(EPOCH + unit, "UTC")
    except OverflowError as error:
        raise Unreadable("unreadable_time") from error


def _utc(moment: datetime, zone: str) -> str:
    if moment.year in SENTINEL_YEARS:
        raise Unreadable("sentinel_time")
    local = None if moment.tzinfo or zone == "UTC" else moment
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    if local and utc.astimezone(moment.tzinfo).replace(tzinfo=None) != local:
        raise Unreadable("unreadable_time")  # an hour that the clock there never showed
    # Not strftime: it writes the year 999 in three digits on some systems, and is slower.
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def clean_date(value: object, zone: str = "UTC") -> str | None:
    """A calendar date; the date part of a moment is taken as it stands in `zone`. None for empty.

    Raises `Unreadable("unreadable_date")`, or `sentinel_time` for the years 1 and 9999.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return _checked_date(value.year, value.month, value.day)
    line = None if isinstance(value, datetime) else clean_line(value)
    if line is None and not isinstance(value, datetime):
        return None
    if line and (found := ISO_DATE.fullmatch(line)):
        return _checked_date(int(found[1]), int(found[2]), int(found[3]))
    if line and (found := POINTED_DATE.fullmatch(line)):
        return _checked_date(int(found[3]), int(found[2]), int(found[1]))
    try:
        moment = clean_time(value, zone)
    except Unreadable as error:
        raise Unreadable("unreadable_date" if error.code == "unreadable_time" else error.code) from error
    local = datetime.fromisoformat(moment or "").astimezone(ZoneInfo(zone))
    return local.date().isoformat()


def _checked_date(year: int, month: int, day: int) -> str:
    if year in SENTINEL_YEARS:
        raise Unreadable("sentinel_time")
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise Unreadable("unreadable_date") from error
