"""The mart of days, to count by week, month and quarter, days without anything included."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question

FIRST: Final = "2010-01-01"
LAST: Final = "2040-12-31"

PARTS: Final = {
    "sqlite": (
        "WITH RECURSIVE days(date_day) AS (SELECT '{first}' UNION ALL SELECT date(date_day, '+1 day') FROM days"
        " WHERE date_day < '{last}') SELECT date_day, CAST(strftime('%Y', date_day) AS INTEGER) AS year,"
        " (CAST(strftime('%m', date_day) AS INTEGER) + 2) / 3 AS quarter,"
        " CAST(strftime('%m', date_day) AS INTEGER) AS month, CAST(strftime('%d', date_day) AS INTEGER) AS day,"
        " (CAST(strftime('%j', date(date_day, '-3 days', 'weekday 4')) AS INTEGER) - 1) / 7 + 1 AS iso_week,"
        " (CAST(strftime('%w', date_day) AS INTEGER) + 6) % 7 + 1 AS iso_weekday FROM days"
    ),
    "postgresql": (
        "SELECT at::date AS date_day, extract(year FROM at)::bigint AS year,"
        " extract(quarter FROM at)::bigint AS quarter,"
        " extract(month FROM at)::bigint AS month, extract(day FROM at)::bigint AS day,"
        " extract(week FROM at)::bigint AS iso_week, extract(isodow FROM at)::bigint AS iso_weekday"
        " FROM generate_series('{first}'::timestamp, '{last}'::timestamp, '1 day') AS at"
    ),
}
"""Its days; the one query that has nothing in common on the two engines."""


class Calendar(Mart):
    """The days, as each engine counts them."""

    def select(self, dialect: str) -> str:
        """The query as one engine takes it."""
        return PARTS[dialect].format(first=FIRST, last=LAST)


DIM_DATE: Final = Calendar(
    "dim_date",
    f"One day from {FIRST} to {LAST}.",
    "Its rows never change.",
    ("date_day",),
    (
        Column("date_day", "date", "the day", required=True),
        Column("year", "integer", "its year", required=True),
        Column("quarter", "integer", "1 to 4", required=True),
        Column("month", "integer", "1 to 12", required=True),
        Column("day", "integer", "1 to 31", required=True),
        Column("iso_week", "integer", "week by ISO 8601", required=True),
        Column("iso_weekday", "integer", "1 is Monday", required=True),
    ),
    "",
    (
        Question(
            "How many conversations were there in each quarter, quarters without any included?",
            "SELECT d.year, d.quarter, count(f.touchpoint_id) AS conversations FROM dim_date d"
            " LEFT JOIN fct_touchpoint f ON f.happened_date = d.date_day AND f.nature = 'person'"
            " WHERE d.date_day >= '2026-01-01' AND d.date_day <= CURRENT_DATE"
            " GROUP BY d.year, d.quarter ORDER BY d.year, d.quarter",
        ),
    ),
)

MARTS: Final = (DIM_DATE,)
