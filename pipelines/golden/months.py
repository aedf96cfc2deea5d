"""What is counted of every timeline by month (`timeline_month`), kept up with it in the publication that changes it.

Months of which a row came, went or shows a fact that changed are made again from the timeline, all others are left
alone: cost follows the change. Where nothing is counted yet everything is, once, at the end.
"""

from __future__ import annotations

from calendar import monthrange
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pipelines.golden import work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from warehouse.database import Connection

NOTED: Final = "work_month"
EVERY_MONTH: Final = ("", "", "")
"""What is noted instead of months while nothing is counted yet."""
MONTHS_AT_ONCE: Final = 2_000
ORGANIZATIONS_AT_ONCE: Final = 2_000
"""What a statement takes at once: it bounds what the database sorts in memory."""

TAKE_AWAY: Final = (
    "DELETE FROM timeline_month WHERE (organization_id, month_on) IN"
    " (SELECT w.organization_id, {noted} FROM work_month w WHERE w.organization_id BETWEEN ? AND ?)"
)
CONVERSATION: Final = (
    "t.entity = 'touchpoint' AND f.nature = 'person' AND (f.direction IS NULL OR f.direction <> 'internal')"
)
COUNT: Final = f"""
INSERT INTO timeline_month (organization_id, month_on, entity, kind, facts, conversations, inbound, outbound, first_at,
    last_at)
SELECT t.organization_id, {{month}}, t.entity, t.kind, count(*),
    sum(CASE WHEN {CONVERSATION} THEN 1 ELSE 0 END),
    sum(CASE WHEN {CONVERSATION} AND f.direction = 'in' THEN 1 ELSE 0 END),
    sum(CASE WHEN {CONVERSATION} AND f.direction = 'out' THEN 1 ELSE 0 END),
    min(t.happened_at), max(t.happened_at)
FROM {{rows}} f.fact_id = t.fact_id GROUP BY 1, 2, 3, 4
"""
NOTED_ROWS: Final = (
    "work_month w CROSS JOIN timeline t CROSS JOIN fact f WHERE w.organization_id BETWEEN ? AND ?"
    " AND t.organization_id = w.organization_id AND t.happened_at BETWEEN {begins} AND {ends} AND"
)
ROWS_OF_SOME: Final = "timeline t CROSS JOIN fact f WHERE t.organization_id BETWEEN ? AND ? AND"
ALL_ROWS: Final = "timeline t CROSS JOIN fact f WHERE"
SPELLED: Final = {
    "sqlite": {
        "month": "substr(t.happened_at, 1, 7) || '-01'",
        "noted": "substr(w.begins_at, 1, 10)",
        "begins": "w.begins_at",
        "ends": "w.ends_at",
    },
    "postgresql": {
        "month": "date_trunc('month', t.happened_at AT TIME ZONE 'UTC')::date",
        "noted": "substr(w.begins_at, 1, 10)::date",
        "begins": "w.begins_at::timestamptz",
        "ends": "w.ends_at::timestamptz",
    },
}
SOME_ORGANIZATIONS: Final = (
    "SELECT min(organization_id), max(organization_id) FROM (SELECT organization_id FROM organization"
    f" WHERE organization_id > ? ORDER BY organization_id LIMIT {ORGANIZATIONS_AT_ONCE}) AS chunk"
)


def begin(connection: Connection) -> None:
    """See whether anything is counted yet; to be called before the timeline is written."""
    if not connection.one("SELECT 1 FROM timeline_month LIMIT 1"):
        write(connection, {EVERY_MONTH})


def note(connection: Connection, changed: AbstractSet[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Remember the months in which facts that changed were, and are.

    rows: of the timeline, before and after; each begins with organization, moment and fact.
    """
    months = {(row[0], *month_of(row[1][:7])) for row in rows if row[2] in changed}
    if months and not connection.one(f"SELECT 1 FROM {NOTED} WHERE organization_id = ''"):
        write(connection, months)


def keep(connection: Connection) -> None:
    """Count the months anew that were noted, or everything; to be called when the timeline is written."""
    if connection.one(f"SELECT 1 FROM {NOTED} WHERE organization_id = ''"):
        count_everything(connection)
        return
    work.settle(connection, NOTED)
    spelled = SPELLED[connection.dialect]
    count = COUNT.format(**spelled, rows=NOTED_ROWS.format(**spelled))
    for span in work.spans(connection, NOTED, MONTHS_AT_ONCE):
        connection.execute(TAKE_AWAY.format(**spelled), span)
        connection.execute(count, span)


def count_everything(connection: Connection) -> None:
    """Fill the empty table: on SQLite some organizations at a time, since it sorts in memory."""
    month = SPELLED[connection.dialect]["month"]
    if connection.dialect == "postgresql":
        connection.execute(COUNT.format(month=month, rows=ALL_ROWS))
        return
    for span in organizations(connection):
        connection.execute(COUNT.format(month=month, rows=ROWS_OF_SOME), span)


def organizations(connection: Connection) -> Iterator[tuple[str, str]]:
    """Walk all organizations in the order of their ids: the first and the last of some."""
    after = ""
    while True:
        ((first, last),) = connection.query(SOME_ORGANIZATIONS, (after,))
        if first is None:
            return
        yield first, last
        after = last


def write(connection: Connection, months: AbstractSet[tuple[str, str, str]]) -> None:
    """Note some months."""
    connection.execute_many(
        f"INSERT INTO {NOTED} (organization_id, begins_at, ends_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        sorted(months),
    )


@lru_cache(maxsize=4_096)
def month_of(month: str) -> tuple[str, str]:
    """`2026-12` as its first and its last moment."""
    _, days = monthrange(int(month[:4]), int(month[5:]))
    return f"{month}-01T00:00:00.000000Z", f"{month}-{days:02}T23:59:59.999999Z"
