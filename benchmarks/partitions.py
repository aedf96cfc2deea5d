"""Would partitions help? The timeline of a large hub on PostgreSQL as it is, by month and by hash, asked the same.

    python -m benchmarks.partitions URL

URL: a hub on PostgreSQL, such as `benchmarks.web_base` makes. Copies of its timeline stand in the schema `partitions`
while this runs; nothing else of it is touched. What is asked: the newest of a partner, the partners of a fact, all of
one month, a month let go, and 50,000 rows written (half of them there). Medians of several tries, each shape in turn.
"""

from __future__ import annotations

import random
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    Asked = Callable[[Connection, str], object]

MONTHS: Final = "SELECT DISTINCT date_trunc('month', happened_at) FROM golden.timeline ORDER BY 1"
PARTS: Final = 16
KEY: Final = "organization_id, happened_at, fact_id"
SHAPES: Final = ("plain", "by month", "by hash")
TRIES: Final = 5
WRITTEN: Final = 50_000


def make(connection: Connection, shape: str) -> str:
    """A copy of the timeline in one shape, with the keys and indexes of the original; returns its name."""
    name = f"partitions.{shape.replace(' ', '_')}"
    by = {
        "plain": "",
        "by month": "PARTITION BY RANGE (happened_at)",
        "by hash": "PARTITION BY HASH (organization_id)",
    }
    connection.execute(f"CREATE TABLE {name} (LIKE golden.timeline) {by[shape]}")
    if shape == "by month":
        months = [row[0] for row in connection.execute(MONTHS).fetchall()]
        for month in months:
            connection.execute(
                f"CREATE TABLE {name}_{month:%Y%m} PARTITION OF {name}"
                f" FOR VALUES FROM ('{month}') TO (timestamptz '{month}' + interval '1 month')"
            )
    if shape == "by hash":
        for part in range(PARTS):
            connection.execute(
                f"CREATE TABLE {name}_{part} PARTITION OF {name} FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
            )
    connection.execute(f"INSERT INTO {name} SELECT * FROM golden.timeline ORDER BY {KEY}")
    connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({KEY})")
    connection.execute(f"CREATE INDEX ON {name} (fact_id)")
    connection.execute(f"ANALYZE {name}")
    return name


def newest_of_partners(connection: Connection, name: str) -> None:
    """The first page of the timeline of 200 partners."""
    for organization in draw(connection, "organization_id", 200):
        connection.execute(
            f"SELECT * FROM {name} WHERE organization_id = %s ORDER BY happened_at DESC, fact_id DESC LIMIT 51",
            (organization,),
        ).fetchall()


def partners_of_facts(connection: Connection, name: str) -> None:
    """Whose timeline 2,000 facts stand on, one by one."""
    for fact in draw(connection, "fact_id", 2_000):
        connection.execute(f"SELECT organization_id FROM {name} WHERE fact_id = %s", (fact,)).fetchall()


def one_month(connection: Connection, name: str) -> None:
    """Every row of a month in the middle, as an export by month reads them."""
    connection.execute(
        f"SELECT * FROM {name} WHERE happened_at >= (SELECT at FROM partitions.month)"
        f" AND happened_at < (SELECT at + interval '1 month' FROM partitions.month)"
    ).fetchall()


def everything(connection: Connection, name: str) -> None:
    """A count by month, as a mart is asked."""
    connection.execute(f"SELECT date_trunc('month', happened_at), count(*) FROM {name} GROUP BY 1").fetchall()


def written(connection: Connection, name: str) -> None:
    """Rows by ON CONFLICT, taken back afterwards."""
    connection.execute("BEGIN")
    connection.execute(
        f"INSERT INTO {name} SELECT organization_id, happened_at,"
        " CASE WHEN n % 2 = 0 THEN fact_id || 'x' ELSE fact_id END, entity, kind, method, anchor FROM partitions.sent"
        f" ON CONFLICT ({KEY}) DO UPDATE SET method = excluded.method, anchor = excluded.anchor,"
        " kind = excluded.kind, entity = excluded.entity"
    )
    connection.execute("ROLLBACK")


def month_gone(connection: Connection, name: str) -> None:
    """A month let go: deleted where it is one table, its partition detached where it has one. Taken back."""
    connection.execute("BEGIN")
    if name.endswith("by_month"):
        (at,) = connection.execute("SELECT at FROM partitions.month").fetchall()[0]
        connection.execute(f"DROP TABLE {name}_{at:%Y%m}")
    else:
        connection.execute(
            f"DELETE FROM {name} WHERE happened_at >= (SELECT at FROM partitions.month)"
            " AND happened_at < (SELECT at + interval '1 month' FROM partitions.month)"
        )
    connection.execute("ROLLBACK")


def draw(connection: Connection, column: str, number: int) -> list[str]:
    """So many values out of what is sent: the same for every shape."""
    rows = connection.execute(f"SELECT {column} FROM partitions.sent ORDER BY n LIMIT {number}").fetchall()
    return [row[0] for row in rows]


ASKED: Final[dict[str, Asked]] = {
    "newest of 200 partners": newest_of_partners,
    "partners of 2,000 facts": partners_of_facts,
    "all rows of a month": one_month,
    "count by month": everything,
    "50,000 rows written": written,
    "a month let go": month_gone,
}


def prepare(connection: Connection) -> None:
    """A schema of its own, and what is asked for."""
    connection.execute("DROP SCHEMA IF EXISTS partitions CASCADE")
    connection.execute("CREATE SCHEMA partitions")
    connection.execute(
        "CREATE TABLE partitions.sent AS SELECT row_number() OVER () AS n, t.* FROM golden.timeline t"
        f" TABLESAMPLE SYSTEM (2) REPEATABLE (7) LIMIT {WRITTEN}"
    )
    connection.execute(
        "CREATE TABLE partitions.month AS SELECT"
        " date_trunc('month', percentile_disc(.5) WITHIN GROUP (ORDER BY happened_at)) AS at FROM partitions.sent"
    )
    connection.execute("ANALYZE partitions.sent")


def main() -> None:
    """Make, ask in turn, print, and leave nothing behind."""
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        prepare(connection)
        try:
            names = {}
            for shape in SHAPES:
                began = time.perf_counter()
                names[shape] = make(connection, shape)
                print(f"{shape}: filled and indexed in {time.perf_counter() - began:.0f} s", flush=True)
            report(connection, names)
        finally:
            connection.execute("DROP SCHEMA partitions CASCADE")


def report(connection: Connection, names: dict[str, str]) -> None:
    """A table: what was asked, and how long each shape took."""
    print(f"\n| asked | {' | '.join(f'{shape}, ms' for shape in names)} |\n|---|{'---|' * len(names)}")
    for asked, ask in ASKED.items():
        took: dict[str, list[float]] = {shape: [] for shape in names}
        for _ in range(TRIES):
            for shape in random.sample(list(names), len(names)):  # no shape is always the first
                began = time.perf_counter()
                ask(connection, names[shape])
                took[shape].append((time.perf_counter() - began) * 1_000)
        print(f"| {asked} | {' | '.join(f'{median(each):,.0f}' for each in took.values())} |", flush=True)


if __name__ == "__main__":
    main()
