"""A million canonical rows (12 columns and JSON) through the bulk path, beside the driver's own fastest way.

    python -m benchmarks.upsert [--rows 1000000] [--runs 3] [--postgres URL] [--only sqlite|postgresql]

The floor is `executemany` with ON CONFLICT on SQLite, and one COPY into a temporary table with ON CONFLICT from there
on PostgreSQL: one transaction, the same columns, the same settings, the same run (with UPSERT_SHUFFLED=1 in
the environment keys come in no order). The hub writes
batches of 5,000 in one transaction, and once more with a commit after each, as a sync does that may be killed. Then the
same rows are sent again with 1 % changed: by the floor, by the bulk path, and by the bulk path behind the digests that
staged rows hold, which counts everything: making the digests, asking for those that stand, comparing, and with what is
new its digest. Each part is a process of its own; making rows is not counted. Beside the clock stands the
CPU of this process and of the session's own process on a server of this machine: other work slows the clock more.
Targets: 1.5 times the floor; again .6 of the first time of the same method, .4 behind digests. The faster the first
time, the harder these two: the table tells all beside the floor and beside the plain first time, too.
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
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from warehouse import bulk
from warehouse.database import Database
from warehouse.row_digests import digests_of
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warehouse.database import Connection, RowTuple

TABLE: Final = "staged_organization"
COLUMNS: Final = (
    "record", "source", "stream", "source_id", "raw_id", "rules", "name", "domain", "city", "country", "employees",
    "modified_at", "custom_json",
)  # fmt: skip
KEY: Final = itemgetter(0)
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


def floor(connection: Connection, rows: int, *, again: bool) -> Clock:
    """Everything in one statement's loop, one transaction; returns the time that writing took."""
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
    return clock


def hub(connection: Connection, rows: int, *, again: bool) -> Clock:
    """Batch by batch through `bulk.upsert`, in one transaction as the floor."""
    clock = Clock()
    connection.execute("BEGIN")
    for batch in batches(rows, again=again):
        with clock:
            bulk.upsert(connection, TABLE, COLUMNS, batch)
    with clock:
        connection.execute("COMMIT")
    return clock


def committed(connection: Connection, rows: int) -> Clock:
    """The same with a commit after each batch, as a sync does that may be killed at any time."""
    clock = Clock()
    for batch in batches(rows, again=False):
        with clock, connection.transaction():
            bulk.upsert(connection, TABLE, COLUMNS, batch)
    return clock


def behind_digests(connection: Connection, rows: int, *, again: bool) -> Clock:
    """Rows whose digest stands already are not sent, as staging does it; making the digests is counted."""
    clock = Clock()
    connection.execute("BEGIN")
    for batch in batches(rows, again=again):
        with clock:
            made = digests_of(batch)
            stand = bulk.standing_digests(connection, TABLE, "record", list(map(KEY, batch)))
            news = [(*each, one) for each, one in zip(batch, made, strict=True) if one not in stand]
            bulk.upsert(connection, TABLE, (*COLUMNS, "digest"), news)
    with clock:
        connection.execute("COMMIT")
    return clock


class Clock:
    """Adds up the seconds of its blocks: on the clock, and of CPU in this process."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.seconds = self.cpu = self.began = self.cpu_began = 0.0

    def start(self) -> None:
        """From now on."""
        self.began, self.cpu_began = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """Until now."""
        self.seconds += time.perf_counter() - self.began
        self.cpu += time.process_time() - self.cpu_began

    def __enter__(self) -> None:
        """From now on."""
        self.start()

    def __exit__(self, *_error: object) -> None:
        """Until now."""
        self.stop()


WORK: Final[dict[str, Callable[[Connection, int], Clock]]] = {
    "floor": partial(floor, again=False),
    "first": partial(hub, again=False),
    "first behind digests": partial(behind_digests, again=False),
    "floor again": partial(floor, again=True),
    "again": partial(hub, again=True),
    "again behind digests": partial(behind_digests, again=True),
    "first, committed": committed,
}
"""In the order in which they run."""
PLACES: Final = {
    "floor": "floor",
    "floor again": "floor",
    "first": "hub",
    "again": "hub",
    "first behind digests": "digests",
    "again behind digests": "digests",
    "first, committed": "committed",
}
"""The database of each part: each method has one of its own."""


def measure(url: str, part: str, rows: int) -> None:
    """One part in this process: what it took, as JSON."""
    with Database(url).session() as connection:
        before = server_cpu(connection)
        clock = WORK[part](connection, rows)
        server = server_cpu(connection) - before
        if connection.dialect == "postgresql":
            connection.execute(f"VACUUM ANALYZE {TABLE}")  # as a server does by itself within a minute
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": clock.seconds, "cpu": clock.cpu, "server": server, "memory": memory}))


def server_cpu(connection: Connection) -> float:
    """Seconds of CPU of the session's own process; 0 on SQLite, and where the server is another machine's."""
    if connection.dialect == "sqlite":
        return 0.0
    told = Path(f"/proc/{connection.raw.info.backend_pid}/stat")
    if not told.exists():
        return 0.0
    user, system = told.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(part: str, url: str, rows: int) -> dict[str, float]:
    """One part in a process of its own."""
    call = [sys.executable, "-m", "benchmarks.upsert", "--rows", str(rows), "--part", part, "--url", url]
    said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


@contextmanager
def databases(dialect: str, server: str) -> Iterator[list[str]]:
    """Empty warehouses, in the order of DATABASES."""
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


DATABASES: Final = tuple(dict.fromkeys(PLACES.values()))


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
                found[part].append(run(part, urls[DATABASES.index(PLACES[part])], rows))
    figures = {
        part: {figure: median(each[figure] for each in told) for figure in told[0]}
        for part, told in found.items()
    }
    print(f"\n{dialect}: {rows:,} rows, {runs} runs, medians; µs a row\n")
    print(
        "| part | µs | CPU | of the server | beside | times | by CPU | goal | of the floor | of the first | peak MB |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for part, (beside, goal) in GOALS.items():
        print(f"| {' | '.join([part, *told_of(figures, part, beside, goal, rows)])} |")


def told_of(figures: dict[str, dict[str, float]], part: str, beside: str, goal: str, rows: int) -> list[str]:
    """The cells of one part."""
    own = figures[part]
    cpu = {name: each["cpu"] + each["server"] for name, each in figures.items()}
    micros = [f"{own[figure] / rows * 1e6:.2f}" for figure in ("seconds", "cpu", "server")]
    times = own["seconds"] / figures[beside]["seconds"]
    of_others = [f"{own['seconds'] / figures[other]['seconds']:.2f}" for other in ("floor", "first")]
    by_cpu = f"{cpu[part] / cpu[beside]:.2f}"
    return [*micros, beside, f"{times:.2f}", by_cpu, goal, *of_others, f"{own['memory']:.0f}"]


GOALS: Final = {
    "floor": ("floor", ""),
    "first": ("floor", "1.5"),
    "first, committed": ("floor", ""),
    "first behind digests": ("floor", ""),
    "floor again": ("floor", ""),
    "again": ("first", ".6"),
    "again behind digests": ("first behind digests", ".4"),
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
