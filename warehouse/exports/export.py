"""Export the marts and the views of streams: one snapshot, files with pinned types, and a manifest of them.

A sync may run meanwhile: everything is read in one transaction, so tables fit together. Memory does not grow with rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships none

from warehouse.backup import digest
from warehouse.contracts.promised import ENDING, as_yaml, of_marts, of_streams
from warehouse.errors import WarehouseError
from warehouse.exports import delimited, parquet
from warehouse.exports.arrow_types import arrow_schema
from warehouse.exports.destination import MANIFEST, aside
from warehouse.exports.manifest import data_package, manifest, runs_behind
from warehouse.exports.reading import read_batches, snapshot
from warehouse.exports.since import changed_since
from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from warehouse.contracts.odcs import Contract
    from warehouse.database import Connection, Database
    from warehouse.marts import Mart

Format = Literal["parquet", "csv"]
PACKAGE: Final = "datapackage.json"
CONTRACTS: Final = "contracts"


@dataclass(frozen=True, slots=True)
class Options:
    """kind: of the files. raw: CSV for machines. since: UTC text; only rows written from then on, where a table says.

    only: names of tables; empty for all.
    """

    kind: Format = "parquet"
    raw: bool = False
    since: str = ""
    only: tuple[str, ...] = ()


class UnknownTable(WarehouseError):
    """A table was named that is not published."""

    def __init__(self, names: Sequence[str]) -> None:
        """Name those that are unknown."""
        super().__init__(
            f"There is no table called {', '.join(names)}.",
            "`partnerhub contract show` lists the tables; views of streams are made by the first sync.",
        )


def export(database: Database, place: str, options: Options, now: str) -> dict[str, Any]:
    """Write every published table to a folder or URL and return the manifest; what stood there before is replaced.

    Raises UnknownTable, NotAnExport or WarehouseError, and leaves the former export as it was.
    """
    with database.session() as connection, aside(place) as folder, snapshot(connection):
        chosen = tables_of(connection, options.only)
        written = [(mart, write(connection, mart, folder, options)) for mart in chosen]
        facts = {
            "made_at": now,
            "format": options.kind,
            **({"raw": True} if options.raw else {}),
            "since": options.since or None,
        }
        promised = contracts_of(connection, chosen)
        for mart, table in written:
            table["contract"] = str(promised[mart.name]["version"])
        beside = write_beside(folder, options.kind, written, promised, now)
        told = manifest(facts, runs_behind(connection), [table for _, table in written], beside)
        as_json(folder / MANIFEST, told)
    return told


def tables_of(connection: Connection, only: Sequence[str]) -> list[Mart]:
    """The published tables, marts first; those that are named, or all. Raises UnknownTable."""
    known = {mart.name: mart for mart in (*MARTS, *stream_marts(connection))}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UnknownTable(unknown)
    return [mart for name, mart in known.items() if not only or name in only]


def write(connection: Connection, mart: Mart, folder: Path, options: Options) -> dict[str, Any]:
    """Write one table; what the manifest says of it."""
    where, parameters = changed_since(mart, options.since) if options.since else ("", ())
    batches = Counted(read_batches(connection, mart, where, parameters))
    schema = arrow_schema(mart)
    if options.kind == "csv":
        delimited.write_table(folder / f"{mart.name}.csv", schema, batches, raw=options.raw)
    else:
        parquet.write_table(folder, mart.name, schema, batches, mart.by_month)
    whole = {} if not options.since else {"is_whole": not where}
    return {
        "name": mart.name,
        "rows": batches.rows,
        **whole,
        "files": list(files_of(folder, mart, batches.rows)),
    }


class Counted:
    """Batches, and how many rows they were."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Count what goes by."""
        self.batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Each batch."""
        for batch in self.batches:
            self.rows += batch.num_rows
            yield batch


def files_of(folder: Path, mart: Mart, rows: int) -> Iterator[dict[str, Any]]:
    """The files of one table, with what tells whether they are whole."""
    for path in sorted([*folder.glob(f"{mart.name}.*"), *(folder / mart.name).rglob("*.parquet")]):
        held = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else rows
        yield {
            "path": path.relative_to(folder).as_posix(),
            "rows": held,
            "bytes": path.stat().st_size,
            "sha256": digest(path),
        }


def contracts_of(connection: Connection, chosen: Sequence[Mart]) -> dict[str, Contract]:
    """The contracts of these tables, by name."""
    streams = [mart for mart in chosen if mart not in MARTS]
    return {**of_marts(), **(of_streams(connection, streams) if streams else {})}


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
    return [PACKAGE, *names]


def as_json(path: Path, data: object) -> None:
    """Write JSON people can read."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
