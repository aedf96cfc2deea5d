"""SOQL's date literals: words such as LAST_WEEK or NEXT_N_DAYS:3, each of which means a span of whole days.

Salesforce, "SOQL Date Functions and Date Literals". Days are UTC's and weeks begin on Sunday, as for a user in the US.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
"""Unit → how many months it has."""
RELATIVE: Final = re.compile(r"(last|this|next)_(week|month|quarter|year)")
COUNTED: Final = re.compile(r"(last|next)_n_(day|week|month|quarter|year)s:(\d+)")
AGO: Final = re.compile(r"n_(day|week|month|quarter|year)s_ago:(\d+)")
DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}
STEPS: Final = {"last": -1, "this": 0, "next": 1}


class Span(NamedTuple):
    """Days from `first` up to but not including `end`."""

    first: date
    end: date

    def compared(self, day: date, sign: str) -> bool:
        """Whether a day stands to the span as the sign says: before it, in it, behind it."""
        return {
            "=": self.first <= day < self.end,
            "!=": not self.first <= day < self.end,
            "<>": not self.first <= day < self.end,
            "<": day < self.first,
            "<=": day < self.end,
            ">": day >= self.end,
            ">=": day >= self.first,
        }[sign]


def span_of(word: str, today: date) -> Span | None:
    """What a literal means on a day; None for a word that is none. Case does not count."""
    word = word.lower()
    if word in DAYS:
        return days(today, DAYS[word], 1)
    if word in {"last_90_days", "next_90_days"}:
        word = word.replace("_90_days", "_n_days:90")
    if found := RELATIVE.fullmatch(word):
        return unit_span(found[2], today, STEPS[found[1]], 1)
    if found := AGO.fullmatch(word):
        return unit_span(found[1], today, -int(found[2]), 1)
    if found := COUNTED.fullmatch(word):
        return counted(found[1], found[2], int(found[3]), today)
    return None


def counted(direction: str, unit: str, number: int, today: date) -> Span:
    """`LAST_N_…:n` and `NEXT_N_…:n`. The last n days go up to today; other units leave out the one that runs."""
    if direction == "next":
        return unit_span(unit, today, 1, number)
    found = unit_span(unit, today, -number, number)
    return found._replace(end=today + timedelta(days=1)) if unit == "day" else found


def unit_span(unit: str, today: date, step: int, number: int) -> Span:
    """`number` units, beginning `step` units from the one that holds today."""
    if unit == "day":
        return days(today, step, number)
    if unit == "week":
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return days(sunday, 7 * step, 7 * number)
    months = MONTHS[unit]
    first = (today.year * 12 + today.month - 1) // months * months + step * months
    return Span(month(first), month(first + number * months))


def days(start: date, step: int, number: int) -> Span:
    """`number` days, beginning `step` days from the start."""
    first = start + timedelta(days=step)
    return Span(first, first + timedelta(days=number))


def month(number: int) -> date:
    """The first day of a month counted from year 0."""
    return date(number // 12, number % 12 + 1, 1)
