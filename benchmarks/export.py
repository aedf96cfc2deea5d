"""Parquet export of touchpoints from the mart: rows a second of one core, and memory, beside two floors.

    python -m benchmarks.export [--rows 5000000] [--postgres URL]
    python -m benchmarks.export --config FOLDER/partnerhub.yaml

The first makes a warehouse of invented rows, in a folder that goes away (or in an empty database of PostgreSQL), with
facts in the order publication writes them in, which is that of their ids; `--rows 0` takes the database as it is. The
second reads one that is there, such as `benchmarks.web_base` makes, and changes nothing. On PostgreSQL the processor
time of the server that is asked counts too, and is told apart, where it is on this machine. Floors: the driver's rows
made columns by pyarrow, and the plain SELECT of the view, its rows thrown away. Targets: 300,000 rows a second of one
core, 1 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from warehouse.database import Database

TARGET_PER_SECOND, TARGET_BYTES = 300_000, 10**9
SOME = 500_000
"""Rows of the view the driver hands over one by one: as it is, it would take minutes for all."""
NOW = "2026-01-01T00:00:00.000000Z"
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})",
    "postgresql": "WITH n(i) AS (SELECT * FROM generate_series(1::bigint, {rows}))",
}
HEX = {
    "sqlite": "printf('%08x-5c1e-5e1e-9c1e-%012x', i * 2654435761 % 4294967296, i)",
    "postgresql": "lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || '-5c1e-5e1e-9c1e-' || lpad(to_hex(i), 12, '0')",
}
AT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1577836800 + i * 7919 % 189000000, 'unixepoch')",
    "postgresql": "to_timestamp(1577836800 + i * 7919 % 189000000)",
}
KEY = "'crm/emails/' || i"
RUN = "'2435f20b-6ce9-4e57-83a2-' || (100000000000 + i / 10000)"
TABLES = (
    (
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, run_id, landed_at)"
        " {numbers} SELECT i, 'crm', 'emails', CAST(i AS TEXT), 'upsert', {empty}, {run}, {at} FROM n"
    ),
    (
        "INSERT INTO staged_touchpoint (record, source, stream, source_id, raw_id, rules, kind, happened_at, nature,"
        " sensitivity, direction, status) {numbers} SELECT {key}, 'crm', 'emails', CAST(i AS TEXT), i, 'r', 'email',"
        " {at}, 'person', 'normal', CASE WHEN i % 2 = 0 THEN 'in' ELSE 'out' END, NULL FROM n"
    ),
    (
        "INSERT INTO fact (fact_id, entity, kind, happened_at, record, nature, direction, attached) {numbers}"
        " SELECT {hex}, 'touchpoint', 'email', {at}, {key}, 'person',"
        " CASE WHEN i % 2 = 0 THEN 'in' ELSE 'out' END, 'attached' FROM n ORDER BY 1"
    ),
    "INSERT INTO fact_source (record, fact_id) {numbers} SELECT {key}, {hex} FROM n",
)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--rows", type=int, default=5_000_000)
    given.add_argument("--postgres", default="")
    given.add_argument("--config", default="", help="of a hub whose warehouse is there")
    given.add_argument("--only", default="", help="(this program calls itself with it)")
    asked = given.parse_args()
    if asked.only:
        PARTS[asked.only](asked.postgres)
    elif asked.config:
        from partnerhub.config import load_config

        compared(load_config(Path(asked.config), with_settings=False).warehouse_url)
    else:
        from warehouse.schema import migrate

        with tempfile.TemporaryDirectory() as folder:
            url = asked.postgres or f"sqlite:///{folder}/warehouse.db"
            migrate(url)
            if asked.rows:
                fill(Database(url), asked.rows)
            compared(url)


def fill(database: Database, rows: int) -> None:
    dialect = database.dialect
    with database.session() as connection:
        for statement in TABLES:
            made = statement.format(
                numbers=NUMBERS[dialect].format(rows=rows),
                hex=HEX[dialect],
                at=AT[dialect],
                key=KEY,
                run=RUN,
                empty="x'00'" if dialect == "sqlite" else "'\\x00'::bytea",
            )
            with connection.transaction():
                connection.raw.execute(made)
        connection.execute("ANALYZE")


def compared(url: str) -> None:
    """Each part in a process of its own, so that memory and processor are its own, too."""
    for name in PARTS:
        call = [sys.executable, "-m", "benchmarks.export", "--only", name, "--postgres", url]
        subprocess.run(call, check=True, cwd=Path(__file__).parent.parent)


def exported(url: str) -> None:
    import warehouse.tables  # noqa: F401  # as in every command: its own start is not the export's
    from warehouse.exports.export import Options, export

    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder, Clock(url) as clock:
        told = export(Database(url), f"{folder}/out", Options(only=("fct_touchpoint",)), NOW)
    (table,) = told["tables"]
    size = sum(each["bytes"] for each in table["files"])
    say("export", table["rows"], clock)
    print(
        f"{'':32}{len(table['files'])} files, {size / 2**20:.0f} MB; targets {TARGET_PER_SECOND:,} rows/s,",
        end="",
    )
    print(f" {TARGET_BYTES / 2**20:.0f} MB")


def driver_and_arrow(url: str) -> None:
    from warehouse.exports.reading import read_batches, snapshot
    from warehouse.marts import mart

    with Clock(url) as clock, Database(url).session() as connection, snapshot(connection):
        some = replace(mart("fct_touchpoint"), relation=f"SELECT * FROM fct_touchpoint LIMIT {SOME}")
        rows = sum(batch.num_rows for batch in read_batches(connection, some))
    say("floor: driver's rows + pyarrow", rows, clock)


def plain_select(url: str) -> None:
    from warehouse.exports.columnar import session
    from warehouse.exports.reading import snapshot

    with Clock(url) as clock, session(Database(url)) as connection, snapshot(connection):
        ((rows,),) = connection.query("SELECT count(*) FROM fact WHERE entity = 'touchpoint'")
        columns = "count(touchpoint_id), count(ended_at), count(owner_id), sum(count_sources), count(_hub_loaded_at)"
        connection.query(f"SELECT {columns} FROM fct_touchpoint")
    say("floor: SELECT of the view alone", int(rows), clock)


PARTS = {"exported": exported, "driver_and_arrow": driver_and_arrow, "plain_select": plain_select}


class Clock:
    """Seconds by the clock, and of processors: this process and those it waited for, and the server's here."""

    def __init__(self, url: str) -> None:
        self.server = server_of(url) if url.startswith("postgres") else 0

    def __enter__(self) -> Self:
        self.began, self.own_before, self.server_before = time.monotonic(), *self.spent()
        return self

    def __exit__(self, *_: object) -> None:
        own, server = self.spent()
        self.took, self.cpu = time.monotonic() - self.began, own - self.own_before
        self.server_cpu = server - self.server_before

    def spent(self) -> tuple[float, float]:
        """Seconds so far, ours and the server's."""
        return sum(os.times()[:4]), server_seconds(self.server) if self.server else 0.0


def server_of(url: str) -> int:
    """The process all of a server's others descend from; 0 for one that is not on this machine."""
    with Database(url).session() as connection:
        ((backend,),) = connection.query("SELECT pg_backend_pid()")
        with suppress(OSError):
            name, numbers = stat_of(Path(f"/proc/{backend}/stat"))
            return numbers[0] if name == "postgres" else 0
    return 0


def server_seconds(postmaster: int) -> float:
    """Processor seconds of a server: its own, of the processes it waited for, and of those that run."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, numbers = stat_of(path)
            if int(path.parent.name) == postmaster:
                ticks += sum(numbers[10:14])
            elif numbers[0] == postmaster:
                ticks += sum(numbers[10:12])
    return ticks / os.sysconf("SC_CLK_TCK")


def stat_of(path: Path) -> tuple[str, list[int]]:
    """A process's name, and the numbers the system tells of it from the parent's on."""
    name, _, rest = path.read_text().partition("(")[2].rpartition(")")
    return name, [int(each) for each in rest.split()[1:]]


def say(name: str, rows: int, clock: Clock) -> None:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    both = clock.cpu + clock.server_cpu
    server = f" ({clock.server_cpu:.1f} of them the server's)" if clock.server else ""
    print(
        f"{name:32}{rows:>10,} rows  {clock.took:6.1f} s  {both:6.1f} s of CPU{server}"
        f"  {rows / both:>9,.0f} rows/s of one core  {memory:5.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
