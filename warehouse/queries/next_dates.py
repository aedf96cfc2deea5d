"""The next day that counts for a partner: a renewal, something promised, a deal that is to close."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

AHEAD_DAYS: Final = 180
"""What is further away than this is nobody's worry yet."""
MOST: Final = 500
"""Partners that are looked at in one go."""
HANGING: Final = (
    "FROM timeline t JOIN {rows} WHERE t.organization_id IN ({marks}) AND t.entity <> 'touchpoint'"
    " AND t.entity = '{entity}' AND x.{day} BETWEEN ? AND ?"
)
STATEMENTS: Final = {
    "renewal": (
        "SELECT organization_id, renews_on, NULL FROM organization"
        " WHERE organization_id IN ({marks}) AND renews_on BETWEEN ? AND ?"
    ),
    "agreement": "SELECT t.organization_id, x.renews_on, x.title "
    + HANGING.format(
        rows="fact f ON f.fact_id = t.fact_id JOIN staged_agreement x ON x.record = f.record",
        marks="{marks}", entity="agreement", day="renews_on",
    ),
    "commitment": "SELECT t.organization_id, x.due_on, x.title "
    + HANGING.format(
        rows="fact f ON f.fact_id = t.fact_id JOIN staged_commitment x ON x.record = f.record",
        marks="{marks}", entity="commitment", day="due_on",
    )
    + " AND x.done_on IS NULL",
    "deal": "SELECT t.organization_id, x.close_date, x.name "
    + HANGING.format(
        rows="deal x ON x.fact_id = t.fact_id", marks="{marks}", entity="deal", day="close_date"
    )
    + " AND x.status = 'open'",
}  # fmt: skip
"""What counts → the rows that say so: organization, day, title."""


class NextDate(NamedTuple):
    """What comes next with a partner. what: renewal (of itself), agreement, commitment or deal. day: ISO."""

    day: str
    what: str
    title: str


def next_dates(
    viewer: Viewer, connection: Connection, organization_ids: Iterable[str], today: str
) -> dict[str, NextDate]:
    """Organization id → the first of its days from today (ISO) on, within half a year; without those that have none."""
    ids = sorted({each for each in organization_ids if viewer.may_see(each)})[:MOST]
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    until = (date.fromisoformat(today) + timedelta(days=AHEAD_DAYS)).isoformat()
    found: dict[str, NextDate] = {}
    for what, statement in STATEMENTS.items():
        for organization_id, day, title in connection.query(
            statement.format(marks=marks), (*ids, today, until)
        ):
            each = NextDate(str(day), what, title or "")
            found[organization_id] = min(found.get(organization_id, each), each)
    return found
