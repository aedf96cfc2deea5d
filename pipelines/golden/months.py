"""What is counted of every timeline by month (`timeline_month`), kept up with it in the publication that changes it.

What came is added to its month and what went is taken off, chunk by chunk as the timeline is written; of months that
something left, the first and the last moment are read again at the end. Nothing else is read: cost follows the change.
Where nothing is counted yet everything is, once, at the end.
"""

from __future__ import annotations

from calendar import monthrange
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.golden import work
from warehouse import bulk
from warehouse.marts.monthly import COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from warehouse.database import Connection

Row = tuple[Any, ...]

LEFT: Final = "work_month"
"""Months that something left."""
EVERY_MONTH: Final = ("", "", "", "", "")
"""What stands there instead while nothing is counted yet."""
MONTHS_AT_ONCE: Final = 2_000
ORGANIZATIONS_AT_ONCE: Final = 2_000
"""What a statement takes at once: it bounds what the database sorts in memory."""
FACT_ID, NATURE, DIRECTION = 0, 6, 7
"""Places in a row of `fact`."""
KEY: Final = ("organization_id", "month_on", "entity", "kind")
COUNTS: Final = ("facts", "conversations", "inbound", "outbound")
COLUMNS: Final = (*KEY, *COUNTS, "first_at", "last_at")

COUNT: Final = f"""
INSERT INTO timeline_month ({", ".join(COLUMNS)})
SELECT t.organization_id, {{month}}, t.entity, t.kind, {COUNTED}
FROM {{rows}} f.fact_id = t.fact_id GROUP BY 1, 2, 3, 4
"""
ROWS_OF_SOME: Final = "timeline t CROSS JOIN fact f WHERE t.organization_id BETWEEN ? AND ? AND"
ALL_ROWS: Final = "timeline t CROSS JOIN fact f WHERE"
SPELLED: Final = {
    "sqlite": {
        "month": "substr(t.happened_at, 1, 7) || '-01'",
        "month_on": "substr(w.begins_at, 1, 10)",
        "begins": "w.begins_at",
        "ends": "w.ends_at",
        "least": "min",
        "greatest": "max",
    },
    "postgresql": {
        "month": "date_trunc('month', t.happened_at AT TIME ZONE 'UTC')::date",
        "month_on": "substr(w.begins_at, 1, 10)::date",
        "begins": "w.begins_at::timestamptz",
        "ends": "w.ends_at::timestamptz",
        "least": "least",
        "greatest": "greatest",
    },
}
ADD: Final = (
    f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET"
    f" {', '.join(f'{name} = timeline_month.{name} + excluded.{name}' for name in COUNTS)},"
    " first_at = {least}(timeline_month.first_at, excluded.first_at),"
    " last_at = {greatest}(timeline_month.last_at, excluded.last_at)"
)
DROP_EMPTY: Final = (
    f"DELETE FROM timeline_month WHERE facts <= 0 AND ({', '.join(KEY)}) IN (SELECT w.organization_id, {{month_on}},"
    " w.entity, w.kind FROM work_month w WHERE w.organization_id BETWEEN ? AND ?)"
)
READ_MOMENTS: Final = f"""
INSERT INTO timeline_month ({", ".join(COLUMNS)})
SELECT w.organization_id, {{month_on}}, w.entity, w.kind, 0, 0, 0, 0, min(t.happened_at), max(t.happened_at)
FROM work_month w CROSS JOIN timeline t WHERE w.organization_id BETWEEN ? AND ?
AND t.organization_id = w.organization_id AND t.happened_at BETWEEN {{begins}} AND {{ends}} AND t.entity = w.entity
AND t.kind = w.kind GROUP BY w.organization_id, w.begins_at, w.entity, w.kind
ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at
"""
SOME_ORGANIZATIONS: Final = (
    "SELECT min(organization_id), max(organization_id) FROM (SELECT organization_id FROM organization"
    f" WHERE organization_id > ? ORDER BY organization_id LIMIT {ORGANIZATIONS_AT_ONCE}) AS chunk"
)


class Counted(NamedTuple):
    """One row of a timeline and what it adds to its month."""

    key: tuple[str, str, str, str]
    at: str
    fact_id: str
    counts: tuple[int, int, int, int]


def begin(connection: Connection) -> None:
    """See whether anything is counted yet; to be called before the timeline is written."""
    if not connection.one("SELECT 1 FROM timeline_month LIMIT 1"):
        write_left(connection, {EVERY_MONTH})


def counts_nothing_yet(connection: Connection) -> bool:
    """Whether everything will be counted at the end."""
    return bool(connection.one(f"SELECT 1 FROM {LEFT} WHERE organization_id = ''"))


def note(
    connection: Connection,
    changed: AbstractSet[str],
    before: tuple[Sequence[Row], Sequence[Row]],
    after: tuple[Sequence[Row], Sequence[Row]],
) -> None:
    """Add what came to a timeline and take off what went, of the facts that changed.

    before, after: all rows of `fact` and of `timeline` of these facts.
    """
    if not changed or counts_nothing_yet(connection):
        return
    stood, stands = counted(changed, *before), counted(changed, *after)
    if stood == stands:
        return
    came = stands - stood
    sums: dict[tuple[str, str, str, str], list[Any]] = {}
    for sign, rows in ((1, came), (-1, stood - stands)):
        for row in rows:
            month = sums.setdefault(row.key, [0, 0, 0, 0, row.at, row.at])
            month[:4] = [have + sign * more for have, more in zip(month, row.counts, strict=False)]
            month[4:] = min(month[4], row.at), max(month[5], row.at)
    add(connection, sorted((*key, *month) for key, month in sums.items()))
    still = {(row.key, row.at, row.fact_id) for row in came}
    gone = {row.key for row in stood - stands if (row.key, row.at, row.fact_id) not in still}
    write_left(connection, {(key[0], *month_of(key[1][:7]), *key[2:]) for key in gone})


def counted(changed: AbstractSet[str], facts: Sequence[Row], timeline: Sequence[Row]) -> set[Counted]:
    """What rows of timelines add to months, of the facts that changed."""
    said = {row[FACT_ID]: (row[NATURE], row[DIRECTION]) for row in facts if row[FACT_ID] in changed}
    found = set()
    for organization_id, at, fact_id, entity, kind, *_ in timeline:
        if fact_id in changed:
            nature, way = said[fact_id]
            talked = entity == "touchpoint" and nature == "person" and way != "internal"
            counts = (1, int(talked), int(talked and way == "in"), int(talked and way == "out"))
            found.add(Counted((organization_id, f"{at[:7]}-01", entity, kind), at, fact_id, counts))
    return found


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Add numbers, negative ones too, to months. Moments only widen: those of months left are read again."""
    tail = ADD.format(**SPELLED[connection.dialect])
    if connection.dialect == "postgresql":
        bulk.merge(connection, "timeline_month", COLUMNS, rows, tail)
    else:
        bulk.insert_many(connection, bulk.insert_head("timeline_month", COLUMNS), tail, rows)


def keep(connection: Connection) -> None:
    """Bring months that something left to what is left of them; to be called when the timeline is written."""
    if counts_nothing_yet(connection):
        count_everything(connection)
        return
    work.settle(connection, LEFT)
    spelled = SPELLED[connection.dialect]
    for span in work.spans(connection, LEFT, MONTHS_AT_ONCE):
        connection.execute(DROP_EMPTY.format(**spelled), span)
        connection.execute(READ_MOMENTS.format(**spelled), span)


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


def write_left(connection: Connection, months: AbstractSet[tuple[str, ...]]) -> None:
    """Remember months that something left."""
    columns = work.TABLES[LEFT]
    connection.execute_many(
        f"INSERT INTO {LEFT} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING",
        sorted(months),
    )


@lru_cache(maxsize=4_096)
def month_of(month: str) -> tuple[str, str]:
    """`2026-12` as its first and its last moment."""
    _, days = monthrange(int(month[:4]), int(month[5:]))
    return f"{month}-01T00:00:00.000000Z", f"{month}-{days:02}T23:59:59.999999Z"
