"""A million canonical rows (12 columns and JSON) through the bulk path, beside the driver's own fastest way.

    python -m benchmarks.upsert [--rows 1000000] [--runs 3] [--postgres URL] [--only sqlite|postgresql]

The floor is `executemany` with ON CONFLICT on SQLite, and one COPY into a temporary table with ON CONFLICT from there
on PostgreSQL: one transaction, the same columns, the same settings, the same run (with UPSERT_SHUFFLED=1 in
the environment keys come in no order). The hub writes
batches of 5,000 in one transaction, and once more with a commit after each, as a sync does that may be killed. Then the
same rows are sent again with 1 % changed: by the floor, by the bulk path, and by the bulk path behind the comparison of
hashes that landing makes, which counts everything: a row as JSON, its hash, asking for those that stand, comparing.
Each part is a process of its own; making rows is not counted. Targets: 1.5 times the floor; again .6 of the first time,
.4 behind hashes. The faster the first time, the harder these two: the table tells all beside the floor, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

import orjson

from pipelines.land.content import content_hash
from pipelines.land.page import StreamPlace, current_versions
from warehouse import bulk
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warehouse.database import Connection, RowTuple

TABLE: Final = "staged_organization"
COLUMNS: Final = (
    "record", "source", "stream", "source_id", "raw_id", "rules", "name", "domain", "city", "country", "employees",
    "modified_at", "custom_json",
)  # fmt: skip
HASHES: Final = ("source", "stream", "source_id", "raw_id", "op", "content_hash")
BATCH: Final = 5_000
SHUFFLED: Final = "UPSERT_SHUFFLED" in os.environ
"""Whether keys come in no order, where a source would list its records by their ids."""
CITIES: Final = ("Leeds", "München", "Łódź", "São Paulo", "Oslo", "Toronto", "Nantes")
CHANGED_EVERY: Final = 100


def row(number: int, *, changed: bool) -> RowTuple:
    """One organization; the same number gives the same row, but for a change."""
    source_id = f"{number * 2_654_435_761 % 4_294_967_296 if SHUFFLED else number:010d}"
    custom = {
        "segment": f"Care {number % 9}",
        "score": number % 997,
        "note": f"seen at fair {number % 50}, called back",
    }
    return (
        f"crm/companies/{source_id}", "crm", "companies", source_id, number, "5f2c8e1d", f"Company {number} GmbH",
        f"company-{number}.example", CITIES[number % len(CITIES)], "DE", number % 5_000 + changed,
        f"2026-09-{number % 28 + 1:02d}T08:{number % 60:02d}:00.000000Z", json.dumps(custom, sort_keys=True),
    )  # fmt: skip


def batches(rows: int, *, again: bool) -> Iterator[list[RowTuple]]:
    """All rows, in lists as a sync has them at once."""
    for start in range(1, rows + 1, BATCH):
        numbers = range(start, min(start + BATCH, rows + 1))
        yield [row(number, changed=again and number % CHANGED_EVERY == 0) for number in numbers]


def floor(connection: Connection, rows: int, *, again: bool) -> float:
    """Everything in one statement's loop, one transaction; returns the seconds that writing took."""
    listed = ", ".join(COLUMNS)
    changed = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])
    conflict = f"ON CONFLICT (record) DO UPDATE SET {changed}"
    clock = Clock()
    connection.execute("BEGIN")
    if connection.dialect == "sqlite":
        statement = f"INSERT INTO {TABLE} ({listed}) VALUES ({', '.join('?' * len(COLUMNS))}) {conflict}"
        for batch in batches(rows, again=again):
            with clock:
                connection.raw.executemany(statement, batch)
    else:
        connection.execute(
            f"CREATE TEMPORARY TABLE arrived ON COMMIT DROP AS SELECT {listed} FROM {TABLE} LIMIT 0"
        )
        with connection.raw.cursor() as cursor, cursor.copy(f"COPY arrived ({listed}) FROM STDIN") as copy:
            for batch in batches(rows, again=again):
                with clock:
                    for each in batch:
                        copy.write_row(each)
            clock.start()
        connection.execute(f"INSERT INTO {TABLE} ({listed}) SELECT {listed} FROM arrived {conflict}")
        clock.stop()
    with clock:
        connection.execute("COMMIT")
    return clock.seconds


def hub(connection: Connection, rows: int, *, again: bool) -> float:
    """Batch by batch through `bulk.upsert`, in one transaction as the floor."""
    clock = Clock()
    connection.execute("BEGIN")
    for batch in batches(rows, again=again):
        with clock:
            bulk.upsert(connection, TABLE, COLUMNS, batch)
    with clock:
        connection.execute("COMMIT")
    return clock.seconds


def committed(connection: Connection, rows: int) -> float:
    """The same with a commit after each batch, as a sync does that may be killed at any time."""
    clock = Clock()
    for batch in batches(rows, again=False):
        with clock, connection.transaction():
            bulk.upsert(connection, TABLE, COLUMNS, batch)
    return clock.seconds


def hashes(connection: Connection, rows: int) -> float:
    """What landing knows of the rows: their hashes."""
    for batch in batches(rows, again=False):
        with connection.transaction():
            bulk.insert(connection, "raw_current", HASHES, [hashed(each) for each in batch])
    connection.execute("ANALYZE raw_current")  # a server does so by itself within a minute
    return 0.0


def behind_hashes(connection: Connection, rows: int) -> float:
    """Rows whose hash stands already are not sent, as landing does it; making the hashes is counted."""
    place = StreamPlace("crm", "companies", "run", (), None)
    clock = Clock()
    connection.execute("BEGIN")
    for batch in batches(rows, again=True):
        with clock:
            digests = [digest(each) for each in batch]
            standing = current_versions(connection, place, {each[3] for each in batch})
            news = [
                each
                for each, made in zip(batch, digests, strict=True)
                if standing[each[3]].content_hash != made
            ]
            bulk.upsert(connection, TABLE, COLUMNS, news)
            bulk.upsert(connection, "raw_current", HASHES, [hashed(each) for each in news])
    with clock:
        connection.execute("COMMIT")
    return clock.seconds


def change_back(connection: Connection, rows: int) -> None:
    """The changed rows as they were at first."""
    for batch in batches(rows, again=False):
        with connection.transaction():
            bulk.upsert(connection, TABLE, COLUMNS, [each for each in batch if each[4] % CHANGED_EVERY == 0])


def hashed(each: RowTuple) -> RowTuple:
    """What `raw_current` holds of a row."""
    return (*each[1:5], "upsert", digest(each))


def digest(each: RowTuple) -> bytes:
    """The hash of a row, made as landing makes it: of its JSON."""
    return content_hash(orjson.dumps(each))


class Clock:
    """Adds up the seconds of its blocks."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.seconds = self.began = 0.0

    def start(self) -> None:
        """From now on."""
        self.began = time.perf_counter()

    def stop(self) -> None:
        """Until now."""
        self.seconds += time.perf_counter() - self.began

    def __enter__(self) -> None:
        """From now on."""
        self.start()

    def __exit__(self, *_error: object) -> None:
        """Until now."""
        self.stop()


WORK: Final[dict[str, Callable[[Connection, int], float]]] = {
    "floor": partial(floor, again=False),
    "first": partial(hub, again=False),
    "floor again": partial(floor, again=True),
    "again": partial(hub, again=True),
    "hashes": hashes,
    "again behind hashes": behind_hashes,
    "first, committed": committed,
}
"""In the order in which they run. The floor has a database of its own."""


def measure(url: str, part: str, rows: int) -> None:
    """One part in this process: what it took, as JSON."""
    with Database(url).session() as connection:
        if part == "again behind hashes":  # what the part before changed is changed back, uncounted
            change_back(connection, rows)
        seconds = WORK[part](connection, rows)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory}))


def run(part: str, url: str, rows: int) -> dict[str, float]:
    """One part in a process of its own."""
    call = [sys.executable, "-m", "benchmarks.upsert", "--rows", str(rows), "--part", part, "--url", url]
    said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


@contextmanager
def databases(dialect: str, server: str) -> Iterator[list[str]]:
    """Empty warehouses: for the floor, for the hub, and for the hub that commits."""
    names = [f"upsert_{dialect}_{which}" for which in DATABASES]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        urls = [f"sqlite:///{folder}/{name}.db" for name in names]
        if dialect == "postgresql":
            for name in names:
                on_server(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                on_server(server, f'CREATE DATABASE "{name}"')
                stack.callback(on_server, server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            urls = [urlunsplit(urlsplit(server)._replace(path=f"/{name}")) for name in names]
        for url in urls:
            migrate(url)
        yield urls


DATABASES: Final = ("floor", "hub", "committed")


def place_of(part: str) -> int:
    """Which database a part is measured on."""
    return 0 if part.startswith("floor") else 2 if part == "first, committed" else 1


def on_server(server: str, statement: str) -> None:
    """One statement outside any database of ours."""
    with Database(server).session() as connection:
        connection.execute(statement)


def compare(dialect: str, server: str, rows: int, runs: int) -> None:
    """Every part so often, and the table of medians."""
    found: dict[str, list[dict[str, float]]] = {part: [] for part in WORK}
    for _ in range(runs):
        with databases(dialect, server) as urls:
            for part in WORK:
                found[part].append(run(part, urls[place_of(part)], rows))
    seconds = {part: median(each["seconds"] for each in told) for part, told in found.items()}
    memory = {part: median(each["memory"] for each in told) for part, told in found.items()}
    print(f"\n{dialect}: {rows:,} rows, {runs} runs, medians\n")
    print(
        "| part | seconds | rows a second | beside | times | goal | of the floor | peak MB |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for part, (beside, goal) in GOALS.items():
        times = seconds[part] / seconds[beside]
        told = [
            f"{seconds[part]:.1f}",
            f"{rows / seconds[part]:,.0f}",
            beside,
            f"{times:.2f}",
            goal,
            f"{seconds[part] / seconds['floor']:.2f}",
            f"{memory[part]:.0f}",
        ]
        print(f"| {' | '.join([part, *told])} |")


GOALS: Final = {
    "floor": ("floor", ""),
    "first": ("floor", "1.5"),
    "floor again": ("floor", ""),
    "again": ("first", ".6"),
    "again behind hashes": ("first", ".4"),
    "first, committed": ("floor", ""),
}
"""Part → beside what, and how many times its seconds it may take."""


def main() -> None:
    """Compare on each engine, or measure one part for the program itself."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rows", type=int, default=1_000_000)
    given.add_argument("--runs", type=int, default=3)
    given.add_argument("--postgres", default="", help="URL of a server's maintenance database")
    given.add_argument("--only", choices=("sqlite", "postgresql"))
    given.add_argument("--part", default="", help="(this program calls itself with it)")
    given.add_argument("--url", default="")
    asked = given.parse_args()
    if asked.part:
        measure(asked.url, asked.part, asked.rows)
        return
    for dialect in ("sqlite", *(("postgresql",) if asked.postgres else ())):
        if asked.only in (None, dialect):
            compare(dialect, asked.postgres, asked.rows, asked.runs)


if __name__ == "__main__":
    main()
