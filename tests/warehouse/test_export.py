"""Exports: what is in the files, as of one moment, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal

import duckdb
import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import REPOSITORY
from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import ACME, LONE, partner_hub, put
from warehouse.database import Database
from warehouse.exports.arrow_types import TYPES, arrow_schema
from warehouse.exports.columnar import beside, session
from warehouse.exports.destination import NotAnExport
from warehouse.exports.export import Options, UnknownTable, export
from warehouse.exports.parquet import write_table
from warehouse.exports.reading import read_batches, snapshot
from warehouse.exports.ties import settled
from warehouse.exports.words import Words, as_one
from warehouse.marts import MARTS, mart
from warehouse.marts.streams import Declared, declare
from warehouse.marts.views import make_views

NOW = "2026-10-05T08:00:00.000000Z"
WRITES = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
COUNTS = """
import sys
from warehouse.database import Database
from warehouse.exports.columnar import session
from warehouse.exports.reading import snapshot
with session(Database(sys.argv[1])) as connection, snapshot(connection):
    for _ in range(2):
        print(connection.query("SELECT count(*) FROM dim_partner"), flush=True)
        sys.stdin.readline()
"""


def filled(url: str):
    hub = partner_hub(url)
    for number, day in enumerate((3, 9)):
        hub.stage("touchpoint", f"crm/calls/{number}", kind="call", happened_at=DAY.format(day))
    hub.stage(
        "touchpoint", "crm/calls/9", kind="call", subject="=1+1", happened_at="2026-08-31T23:59:59.999999Z"
    )
    hub.publish()
    with hub.database.session() as connection:
        with connection.transaction():
            declare(connection, [Declared("crm", "calls", "touchpoint", True, (), {})], NOW)
        make_views(connection)
    return hub


@pytest.fixture
def hub(database_url):
    return filled(database_url)


@pytest.fixture
def on_sqlite(sqlite_url):
    return filled(sqlite_url)


def test_every_table_is_a_file_of_its_pinned_schema_and_the_manifest_counts_and_hashes_it(hub, tmp_path):
    told = export(hub.database, str(tmp_path / "out"), Options(), NOW)
    assert json.loads((tmp_path / "out/manifest.json").read_text()) == told
    assert [table["name"] for table in told["tables"]] == [*(each.name for each in MARTS), "stg_crm__calls"]
    with hub.database.session() as connection:
        for table in told["tables"]:
            assert connection.query(f"SELECT count(*) FROM {table['name']}") == [(table["rows"],)]
            assert sum(each["rows"] for each in table["files"]) == table["rows"]
            for each in table["files"]:
                content = (tmp_path / "out" / each["path"]).read_bytes()
                assert hashlib.sha256(content).hexdigest() == each["sha256"]
    schema = pq.read_schema(tmp_path / "out/dim_partner.parquet")
    assert schema.equals(arrow_schema(mart("dim_partner")))


def test_facts_lie_in_a_folder_a_month_and_duckdb_and_pandas_read_them(hub, tmp_path):
    export(hub.database, str(tmp_path / "out"), Options(), NOW)
    months = sorted(path.name for path in (tmp_path / "out/fct_touchpoint").iterdir())
    assert months == ["month=2026-08", "month=2026-09"]
    counted = duckdb.sql(
        f"SELECT month, count(*) FROM '{tmp_path}/out/fct_touchpoint/**/*.parquet' GROUP BY month ORDER BY month"
    )
    assert counted.fetchall() == [("2026-08", 1), ("2026-09", 2)]
    frame = pd.read_parquet(tmp_path / "out/fct_touchpoint")
    assert str(frame["happened_at"].dtype) == "datetime64[us, UTC]"
    assert frame["happened_at"].max().isoformat() == "2026-09-09T08:00:00+00:00"


def test_ids_are_text_amounts_are_decimals_and_times_keep_their_microseconds(hub, tmp_path):
    export(hub.database, str(tmp_path / "out"), Options(), NOW)
    rows = pq.read_table(tmp_path / "out/dim_partner.parquet").to_pylist()
    acme = next(row for row in rows if row["partner_id"] == hub.id_of(ACME))
    assert (acme["annual_value"], acme["annual_value_minor"]) == (Decimal("1200.0000"), 120_000)
    found = pq.read_table(tmp_path / "out/fct_touchpoint").column("happened_at").to_pylist()
    assert min(found).microsecond == 999_999


def test_the_same_rows_are_the_same_bytes_on_both_engines_and_in_whatever_order_they_lie(
    sqlite_url, postgres_url, tmp_path
):
    hubs = filled(sqlite_url), filled(postgres_url)
    with hubs[0].database.session() as connection, connection.transaction():
        kept = connection.query("SELECT * FROM fact ORDER BY fact_id DESC")
        connection.execute("DELETE FROM fact")
        connection.execute_many(f"INSERT INTO fact VALUES ({', '.join('?' * len(kept[0]))})", kept)
    told = [export(hub.database, str(tmp_path / hub.database.dialect), Options(), NOW) for hub in hubs]
    files = [
        {file["path"]: file["sha256"] for table in each["tables"] for file in table["files"]} for each in told
    ]
    assert files[0] == files[1]
    assert "fct_touchpoint/month=2026-09/part-0.parquet" in files[0]


def test_tables_fit_together_while_somebody_writes(hub):
    with hub.database.session() as connection, snapshot(connection):
        before = sum(batch.num_rows for batch in read_batches(connection, mart("dim_partner")))
        hub.stage("organization", "crm/companies/99", name="Latecomer")
        hub.publish()
        assert sum(batch.num_rows for batch in read_batches(connection, mart("dim_partner"))) == before
    with hub.database.session() as connection, snapshot(connection):
        assert sum(batch.num_rows for batch in read_batches(connection, mart("dim_partner"))) == before + 1


def test_parts_read_side_by_side_fit_together_while_somebody_writes(postgres_url):
    hub, asked = filled(postgres_url), "SELECT count(*) FROM fact"
    with session(hub.database) as connection, snapshot(connection):
        before = connection.query(asked)
        hub.stage("touchpoint", "crm/calls/99", kind="call", happened_at=DAY.format(4))
        hub.publish()
        for _ in range(2):
            with beside(connection) as reader:
                assert reader.query(asked) == before
    with session(hub.database) as connection:
        assert connection.query(asked) != before


def test_an_export_that_fails_leaves_the_former_one_and_nothing_beside_it(on_sqlite, tmp_path, monkeypatch):
    export(on_sqlite.database, str(tmp_path / "out"), Options(), NOW)
    before = (tmp_path / "out/manifest.json").read_bytes()
    monkeypatch.setattr("warehouse.exports.export.data_package", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(on_sqlite.database, str(tmp_path / "out"), Options(), "2026-10-06T08:00:00.000000Z")
    assert (tmp_path / "out/manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "export" in path.name] == []


def test_a_folder_with_files_of_others_is_left_alone(on_sqlite, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(NotAnExport):
        export(on_sqlite.database, str(tmp_path), Options(), NOW)
    assert [path.name for path in tmp_path.iterdir() if path.name == "thesis.docx"]


def test_files_of_the_former_export_that_are_no_more_go(on_sqlite, tmp_path):
    for place in (str(tmp_path / "out"), "memory://hub/partners"):
        export(on_sqlite.database, place, Options(), NOW)
        export(on_sqlite.database, place, Options(only=("dim_owner",)), NOW)
    left = {"dim_owner.parquet", "datapackage.json", "manifest.json"}
    assert left <= {path.name for path in (tmp_path / "out").iterdir()}
    assert not (tmp_path / "out/dim_partner.parquet").exists()
    files = fsspec.filesystem("memory")
    assert not files.exists("/hub/partners/dim_partner.parquet")
    assert json.loads(files.cat_file("/hub/partners/manifest.json"))["tables"][0]["name"] == "dim_owner"


def test_a_table_nobody_publishes_is_refused_by_name(on_sqlite, tmp_path):
    with pytest.raises(UnknownTable, match="dim_nobody"):
        export(on_sqlite.database, str(tmp_path / "out"), Options(only=("dim_nobody",)), NOW)


def test_since_a_moment_only_versions_written_or_ended_from_then_on_are_there(hub, tmp_path):
    hub.stage("organization", LONE, name="Lone Star")
    hub.publish()
    with hub.database.session() as connection:
        ((since,),) = connection.query("SELECT max(valid_from) FROM dim_partner")
    told = export(hub.database, str(tmp_path / "out"), Options(since=since), NOW)
    rows = pq.read_table(tmp_path / "out/dim_partner.parquet").to_pylist()
    assert sorted((row["name"], row["is_current"]) for row in rows) == [("Lone", False), ("Lone Star", True)]
    whole = {table["name"]: table["is_whole"] for table in told["tables"]}
    assert (whole["dim_partner"], whole["dim_date"]) == (False, True)


def test_csv_for_spreadsheets_marks_formulas_and_keeps_numbers_and_phones(on_sqlite, tmp_path):
    on_sqlite.stage("organization", LONE, name="=cmd|' /C calc'!A0", phone="+441134960127", city="-5")
    on_sqlite.publish()
    for raw, mark in ((False, "'"), (True, "")):
        export(on_sqlite.database, str(tmp_path / "out"), Options("csv", raw), NOW)
        frame = pd.read_csv(tmp_path / "out/dim_partner.csv", dtype=str)
        lone = frame[(frame["partner_id"] == on_sqlite.id_of(LONE)) & (frame["is_current"] == "true")]
        assert lone[["name", "phone", "city"]].to_numpy().tolist() == [
            [f"{mark}=cmd|' /C calc'!A0", "+441134960127", "-5"]
        ]
        assert (tmp_path / "out/dim_partner.csv").read_bytes()[:3] == (b'"pa' if raw else b"\xef\xbb\xbf")


def test_the_data_package_names_every_file_with_its_columns_and_key(on_sqlite, tmp_path):
    told = export(on_sqlite.database, str(tmp_path / "out"), Options(), NOW)
    package = json.loads((tmp_path / "out/datapackage.json").read_text())
    named = {
        path
        for each in package["resources"]
        for path in (each["path"] if isinstance(each["path"], list) else [each["path"]])
    }
    assert named == {each["path"] for table in told["tables"] for each in table["files"]}
    partner = package["resources"][0]
    assert partner["schema"]["primaryKey"] == ["partner_key"]
    assert {field["name"]: field["type"] for field in partner["schema"]["fields"]}["valid_from"] == "datetime"


def test_rows_make_the_same_groups_and_bytes_however_they_arrive(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.exports.parquet.ROW_GROUP", 16)
    schema = pa.schema([("id", pa.string()), ("at", TYPES["time"])])
    at = [pd.Timestamp(2020 + number // 480, number // 40 % 12 + 1, 1, tz="UTC") for number in range(800)]
    rows = pa.table([pa.array(map(str, range(801))), pa.array([*at, None], TYPES["time"])], schema=schema)
    for name, size in (("few", 7), ("many", 300)):
        write_table(tmp_path, name, schema, rows.to_batches(max_chunksize=size), "at")
    files = [sorted((tmp_path / name).rglob("*.parquet")) for name in ("few", "many")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    assert [pq.read_metadata(path).num_rows for path in files[0]] == [40] * 20 + [1]
    assert pq.read_metadata(files[0][0]).num_row_groups == 3
    assert "__HIVE_DEFAULT_PARTITION__" in str(files[0][-1])


def test_a_warehouse_without_rows_gives_files_with_schemas(database_url, tmp_path):
    export(Database(database_url), str(tmp_path / "out"), Options(), NOW)
    assert pq.read_table(tmp_path / "out/fct_touchpoint").schema.names[0] == "touchpoint_id"
    assert pq.read_metadata(tmp_path / "out/dim_partner.parquet").num_rows == 0


def test_touchpoints_read_part_by_part_are_what_the_view_says(hub, tmp_path):
    hub.stage("colleague", "crm/owners/1", name="Nora")
    hub.stage(
        "touchpoint", "crm/calls/0", kind="call", happened_at=DAY.format(3), ended_at=DAY.format(4),
        status="done", owner_record="crm/owners/1", direction="out",
    )  # fmt: skip
    for record in ("crm/emails/1", "mail/messages/1"):
        hub.stage("touchpoint", record, same_as="<one@acme.example>", happened_at=DAY.format(5))
    hub.stage("touchpoint", "crm/calls/1", kind="call", deleted_at=DAY.format(6), happened_at=DAY.format(2))
    put(hub, "raw_record", ("raw_id", "source", "stream", "source_id", "op", "content_hash", "run_id", "landed_at"),
        [(1, "crm", "calls", "0", "upsert", b"", "run-0", DAY.format(1))])  # fmt: skip
    hub.publish()
    export(hub.database, str(tmp_path / "out"), Options(only=("fct_touchpoint",)), NOW)
    with hub.database.session() as connection, snapshot(connection):
        view = pa.Table.from_batches(read_batches(connection, mart("fct_touchpoint"))).to_pylist()
    rows = pq.read_table(tmp_path / "out/fct_touchpoint", partitioning=None).to_pylist()
    assert rows == sorted(view, key=lambda row: (row["happened_at"], row["touchpoint_id"]))
    assert {row["count_sources"] for row in rows} == {1, 2}
    assert {(row["status"], row["owner_id"] is None) for row in rows} == {("done", False), (None, True)}


@pytest.mark.parametrize("most", [4, 1000])
def test_rows_of_one_time_are_in_order_of_their_keys_however_many_they_are(monkeypatch, most):
    monkeypatch.setattr("warehouse.exports.ties.MOST", most)
    times = [*[1] * 3, *range(2, 6), *[6] * 20, 7, 7, *[None] * 9]
    rows = [{"at": at, "key": f"{number * 7 % 41:02}"} for number, at in enumerate(times)]
    table = pa.Table.from_pylist(rows, pa.schema([("at", pa.timestamp("us", "UTC")), ("key", pa.string())]))
    for size in (1, 5, 100):
        with duckdb.connect() as duck:
            settled_rows = list(settled(duck, iter(table.to_batches(size)), "at", ["key"]))
        found = pa.Table.from_batches(settled_rows).set_column(0, "at", pa.array(times))
        assert found.to_pylist() == sorted(rows, key=lambda row: (row["at"] or 99, row["key"]))


def test_texts_said_as_one_come_back_as_they_were():
    rows = [
        ("a", None, "b"),
        ("", "", ""),
        (None, None, None),
        ("a", "b", "\x1f, \x1d and \x1f"),
        ("a", None, "b"),
    ]
    with closing(sqlite3.connect(":memory:")) as lite:
        told = [lite.execute(f"SELECT {as_one('?', '?', '?')}", row).fetchone()[0] for row in rows]
    words = Words(("x", "y", "z"))
    numbers = pa.concat_arrays([words.number(pa.array(told)), pa.array([None], pa.int32())])
    found = words.of(numbers)
    assert list(zip(*(found[name].to_pylist() for name in "xyz"), strict=True)) == [*rows, (None, None, None)]


def test_the_hubs_own_lock_is_kept_while_its_process_exports(on_sqlite, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.exports.export.log_export", lambda *_: None)  # it would wait for the lock
    with on_sqlite.database.session() as connection, connection.transaction():
        export(on_sqlite.database, str(tmp_path / "out"), Options(only=("dim_owner",)), NOW)
        other = subprocess.run(
            [sys.executable, "-c", WRITES, str(on_sqlite.database.path)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    assert "locked" in other.stderr


def test_tables_of_one_export_fit_together_while_somebody_writes(hub):
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTS, hub.database.url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
    )  # fmt: skip
    before = process.stdout.readline()
    hub.stage("organization", "crm/companies/99", name="Latecomer")
    hub.publish()
    assert process.communicate("go on\n") == (before, None)
