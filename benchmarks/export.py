"""Parquet export of touchpoints from the mart: rows a second of one core, and memory.

    python benchmarks/export.py [--rows 5000000] [--postgres URL]

The warehouse is made of invented rows, in a folder that goes away. Target: 300,000 rows a second of one core, 1 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from warehouse.database import Database
from warehouse.schema import migrate

TARGET_PER_SECOND, TARGET_BYTES = 300_000, 10**9
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})",
    "postgresql": "WITH n(i) AS (SELECT * FROM generate_series(1, {rows}))",
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
TABLES = (
    (
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, run_id, landed_at)"
        " {numbers} SELECT i, 'crm', 'emails', CAST(i AS TEXT), 'upsert', {empty}, 'run-1', {at} FROM n"
    ),
    (
        "INSERT INTO staged_touchpoint (record, source, stream, source_id, raw_id, rules, kind, happened_at, nature,"
        " sensitivity, direction, status) {numbers} SELECT {key}, 'crm', 'emails', CAST(i AS TEXT), i, 'r', 'email',"
        " {at}, 'person', 'normal', CASE WHEN i % 2 = 0 THEN 'in' ELSE 'out' END, NULL FROM n"
    ),
    (
        "INSERT INTO fact (fact_id, entity, kind, happened_at, record, nature, direction, attached) {numbers}"
        " SELECT {hex}, 'touchpoint', 'email', {at}, {key}, 'person',"
        " CASE WHEN i % 2 = 0 THEN 'in' ELSE 'out' END, 'attached' FROM n"
    ),
    "INSERT INTO fact_source (record, fact_id) {numbers} SELECT {key}, {hex} FROM n",
)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rows", type=int, default=5_000_000)
    given.add_argument("--postgres", default="")
    given.add_argument("--only-export", default="", help="(this program calls itself with it)")
    asked = given.parse_args()
    if asked.only_export:
        measured(asked.only_export, asked.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        url = asked.postgres or f"sqlite:///{folder}/warehouse.db"
        migrate(url)
        fill(Database(url), asked.rows)
        # Another process: what filling took of memory is none of the export's.
        call = [sys.executable, __file__, "--rows", str(asked.rows), "--only-export", url]
        subprocess.run(call, check=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)})


def fill(database: Database, rows: int) -> None:
    dialect = database.dialect
    with database.session() as connection:
        for statement in TABLES:
            made = statement.format(
                numbers=NUMBERS[dialect].format(rows=rows),
                hex=HEX[dialect],
                at=AT[dialect],
                key=KEY,
                empty="x'00'" if dialect == "sqlite" else "'\\x00'::bytea",
            )
            with connection.transaction():
                connection.raw.execute(made)
        connection.execute("ANALYZE")


def measured(url: str, rows: int) -> None:
    from warehouse.exports.export import Options, export

    with tempfile.TemporaryDirectory() as folder:
        before, began = time.process_time(), time.monotonic()
        told = export(
            Database(url), f"{folder}/out", Options(only=("fct_touchpoint",)), "2026-01-01T00:00:00.000000Z"
        )
        spent, took = time.process_time() - before, time.monotonic() - began
        (table,) = told["tables"]
        size = sum(each["bytes"] for each in table["files"])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"rows {table['rows']:,}  files {len(table['files'])}  {size / 2**20:.0f} MB")
    print(
        f"{took:.1f} s, {spent:.1f} s of CPU: {rows / spent:,.0f} rows/s of one core (target {TARGET_PER_SECOND:,})"
    )
    print(f"memory {memory / 2**20:.0f} MB (target below {TARGET_BYTES / 2**20:.0f})")


if __name__ == "__main__":
    main()
