"""Export the marts and the views of streams: one snapshot, files with pinned types, and a manifest of them.

A sync may run meanwhile: everything is read in one transaction, so tables fit together. Memory does not grow with rows.
The reading happens in a process of its own (`apart`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships none

from warehouse.contracts.promised import ENDING, as_yaml, of_marts, of_streams
from warehouse.contracts.terms import USUAL
from warehouse.database import Database
from warehouse.digest import digest
from warehouse.errors import WarehouseError
from warehouse.exports import columnar, delimited, parquet
from warehouse.exports.apart import apart
from warehouse.exports.arranging import in_order, workshop
from warehouse.exports.arrow_types import arrow_schema
from warehouse.exports.destination import MANIFEST, aside
from warehouse.exports.difference import difference
from warehouse.exports.former import NoBase, base_of, formers, plain_place
from warehouse.exports.hsds_package import NotInHsds, export_package
from warehouse.exports.listed import OnlyOf, conditions, of_them
from warehouse.exports.logged import BY_JOB, as_text, log_export
from warehouse.exports.manifest import data_package, manifest, runs_behind
from warehouse.exports.reading import snapshot
from warehouse.exports.since import changed_since
from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts
from warehouse.marts.then import as_known, is_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import duckdb

    from warehouse.contracts.odcs import Contract
    from warehouse.contracts.terms import Terms
    from warehouse.database import Connection
    from warehouse.exports.former import Former
    from warehouse.marts import Mart

Format = Literal["parquet", "csv", "hsds"]
PACKAGE: Final = "datapackage.json"
CONTRACTS: Final = "contracts"
REMOVED: Final = "removed"
"""The folder with the keys that are no more."""


@dataclass(frozen=True, slots=True)
class Options:
    """kind: of the files; `hsds` has tables of its own and goes with nothing but `listed`. raw: CSV for machines.

    only: names of tables; empty for all. since: UTC text; only rows written from then on, where a table says.
    base: a former export, by its folder, URL or manifest; only what differs from it. as_of: UTC text; tables as the
    hub knew them then, those whose past is kept. terms: of the contracts beside. listed: only what belongs to these
    partners; neither with since, base nor as_of.
    """

    kind: Format = "parquet"
    raw: bool = False
    since: str = ""
    only: tuple[str, ...] = ()
    base: str = ""
    as_of: str = ""
    terms: Terms = USUAL
    listed: OnlyOf | None = None


class Read(NamedTuple):
    """What was read and written: every table with what the manifest says of it, the runs behind, streams' contracts."""

    tables: list[tuple[Mart, dict[str, Any]]]
    runs: dict[str, Any]
    promised: dict[str, Contract]


class Part(NamedTuple):
    """A table, and a condition on its columns for DuckDB; empty for the whole of it."""

    mart: Mart
    where: str


class UnknownTable(WarehouseError):
    """A table was named that is not published."""

    def __init__(self, names: Sequence[str]) -> None:
        """Name those that are unknown."""
        super().__init__(
            f"There is no table called {', '.join(names)}.",
            "`partnerhub contract show` lists the tables; views of streams are made by the first sync.",
        )


def export(database: Database, place: str, options: Options, now: str, actor: str = BY_JOB) -> dict[str, Any]:
    """Write every published table to a folder or URL and return the manifest; what stood there before is replaced.

    The audit log names the actor before the files stand. Raises UnknownTable, NotAnExport, NoBase, NotInHsds or
    WarehouseError, and leaves the former export as it was.
    """
    if options.kind == "hsds":
        refuse_parts(options)
        return export_package(database, place, options.listed, now, actor)
    before = formers(options.base) if options.base else []
    if plain_place(place) in {each.place for each in before}:
        raise NoBase(place, "what builds on it would take its place")
    with database.session() as connection:
        chosen = tables_of(connection, options.only)
        by_list = of_them(chosen, options.only) if options.listed else chosen
        known = {mart.name for mart in known_then(chosen, connection.dialect, options)}
        first_landed = known_since(connection)
    with aside(place) as folder:
        read = apart(read_into, Database(database.url), folder, options, before)
        promised = {**of_marts(options.terms), **read.promised}
        for mart, table in read.tables:
            table |= {"key": list(mart.key), "contract": str(promised[mart.name]["version"])}
        facts = {
            "made_at": now,
            "format": options.kind,
            **({"raw": True} if options.raw else {}),
            "since": options.since or None,
            **({"as_of": options.as_of, "known_since": first_landed} if options.as_of else {}),
            **(
                {"not_kept": [mart.name for mart in chosen if mart.name not in known]}
                if options.as_of
                else {}
            ),
            **({"base": base_of(before[-1], place)} if before else {}),
            **(of_list(options.listed, chosen, by_list) if options.listed else {}),
        }
        beside = write_beside(folder, options.kind, read.tables, promised, now)
        told = manifest(facts, read.runs, [table for _, table in read.tables], beside)
        as_json(folder / MANIFEST, told)
        log_export(database, actor, place, told)
    return told


def refuse_parts(options: Options) -> None:
    """Raise NotInHsds for what a package by HSDS cannot be."""
    asked = {
        "--table": options.only,
        "--since": options.base or options.since,
        "--as-of": options.as_of,
        "--raw": options.raw,
    }
    for what, is_asked in asked.items():
        if is_asked:
            raise NotInHsds(what)


def of_list(listed: OnlyOf, chosen: Sequence[Mart], by_list: Sequence[Mart]) -> dict[str, Any]:
    """What a manifest says of the list an export is of, and of the tables it leaves out."""
    left_out = [mart.name for mart in chosen if mart not in by_list]
    return {"list": {"name": listed.name, "partners": len(listed.partners)}, "left_out": left_out}


def read_into(database: Database, folder: Path, options: Options, before: Sequence[Former]) -> Read:
    """Write the tables below a folder. For a process of its own: it opens the file by another library."""
    with columnar.session(database) as connection, snapshot(connection), workshop(folder) as duck:
        chosen = tables_of(connection, options.only)
        promised = contracts_of(connection, chosen, options.terms)
        chosen = known_then(chosen, connection.dialect, options)
        if options.listed:
            chosen = of_them(chosen, options.only)
            where = conditions(connection, duck, options.listed, chosen)
        else:
            where = {mart.name: changed_since(mart, options.since) for mart in chosen if options.since}
        parts = [Part(mart, where.get(mart.name, "")) for mart in chosen]
        tables = [(each.mart, write(connection, duck, each, folder, options, before)) for each in parts]
        return Read(tables, runs_behind(connection), promised)


def tables_of(connection: Connection, only: Sequence[str]) -> list[Mart]:
    """The published tables, marts first; those that are named, or all. Raises UnknownTable."""
    known = {mart.name: mart for mart in (*MARTS, *stream_marts(connection))}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UnknownTable(unknown)
    return [mart for name, mart in known.items() if not only or name in only]


def known_since(connection: Connection) -> str | None:
    """When the first record landed; None in a hub that has none. What was known before is nothing."""
    found = connection.one("SELECT landed_at FROM raw_record ORDER BY raw_id LIMIT 1")
    return found[0] if found else None


def known_then(chosen: Sequence[Mart], dialect: str, options: Options) -> list[Mart]:
    """These tables as the hub knew them, where a moment is asked for; of all tables those whose past is kept.

    Raises PastNotKept for one that was named and is not kept.
    """
    if not options.as_of:
        return list(chosen)
    named = [mart for mart in chosen if options.only or is_kept(mart)]
    return [as_known(mart, dialect, options.as_of) for mart in named]


def write(
    connection: Connection,
    duck: duckdb.DuckDBPyConnection,
    part: Part,
    folder: Path,
    options: Options,
    before: Sequence[Former],
) -> dict[str, Any]:
    """Write one table; what the manifest says of it."""
    mart, where = part
    if any(each.table(mart.name) for each in before):
        with difference(connection, duck, mart, before) as found:
            told = write_rows(found.rows, arrow_schema(mart), folder, mart.name, mart.by_month, options)
            gone = found.removed
            removed = write_rows(
                gone.to_batches(), gone.schema, folder, f"{REMOVED}/{mart.name}", "", options
            )
        del removed["name"]
        return told | {"is_whole": False, "removed": removed, "rows_then": found.rows_then}
    with in_order(connection, duck, mart, where or "true") as rows:
        told = write_rows(rows, arrow_schema(mart), folder, mart.name, mart.by_month, options)
    return told | ({"is_whole": not where} if options.since or before else {})


def write_rows(
    rows: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    folder: Path,
    name: str,
    by_month: str,
    options: Options,
) -> dict[str, Any]:
    """Write rows as files of a name; how many they are, and in which files."""
    batches = Counted(rows)
    (folder / name).parent.mkdir(exist_ok=True)
    if options.kind == "csv":
        delimited.write_table(folder / f"{name}.csv", schema, batches, raw=options.raw)
    else:
        parquet.write_table(folder, name, schema, batches, by_month)
    return {"name": name, "rows": batches.rows, "files": list(files_of(folder, name, batches.rows))}


class Counted:
    """Batches, and how many rows they were."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Count what goes by."""
        self.batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Each batch."""
        for batch in self.batches:
            self.rows += batch.num_rows
            yield batch


def files_of(folder: Path, name: str, rows: int) -> Iterator[dict[str, Any]]:
    """The files of one table, with what tells whether they are whole."""
    for path in sorted([*folder.glob(f"{name}.*"), *(folder / name).rglob("*.parquet")]):
        held = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else rows
        yield {
            "path": path.relative_to(folder).as_posix(),
            "rows": held,
            "bytes": path.stat().st_size,
            "sha256": digest(path),
        }


def contracts_of(connection: Connection, chosen: Sequence[Mart], terms: Terms = USUAL) -> dict[str, Contract]:
    """The contracts of the views of streams among these tables, by name; the marts' are the program's."""
    streams = [mart for mart in chosen if mart not in MARTS]
    return of_streams(connection, streams, terms) if streams else {}


def write_beside(
    folder: Path,
    kind: Format,
    written: Sequence[tuple[Mart, dict[str, Any]]],
    promised: dict[str, Contract],
    now: str,
) -> list[str]:
    """Write what describes the tables; the names of the files."""
    as_json(folder / PACKAGE, data_package("partner-hub", now, kind, written))
    names = [f"{CONTRACTS}/{mart.name}{ENDING}" for mart, _ in written]
    (folder / CONTRACTS).mkdir()
    for (mart, _), name in zip(written, names, strict=True):
        (folder / name).write_text(as_yaml(promised[mart.name]), encoding="utf-8")
    return [PACKAGE, *names, *(each["path"] for _, table in written for each in gone_of(table))]


def gone_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The files with the keys of a table that are no more."""
    files: list[dict[str, Any]] = table.get("removed", {}).get("files", [])
    return files


def as_json(path: Path, data: object) -> None:
    """Write JSON people can read."""
    path.write_text(as_text(data), encoding="utf-8")
