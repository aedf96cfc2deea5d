"""`partnerhub resolve`: deduplicate a spreadsheet of organizations, with nothing set up and nothing stored."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.columns import column_choices
from partnerhub.cli.invocation import AsJson, configuration
from partnerhub.cli.output import answer, counted, printable, prose
from partnerhub.cli.sheet_checks import require_columns, require_files, understood
from partnerhub.spreadsheet_cells import FORMULA, harmless

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # ships none
    from rich.console import Console

    from pipelines.resolve.sheet_columns import Cells

HEADINGS = ("source", "source_id", "partner_id", "match_weight")
KNOWN_COLUMNS = (
    "name",
    "source",
    "source_id",
    "website",
    "email_domain",
    "phone",
    "street",
    "city",
    "postcode",
    "country",
)
GROUPS_SHOWN = 100
NOT_AS_IT_IS = rf'[,"\r\n]|{FORMULA}'
"""What a cell holds that CSV quotes or `harmless` marks."""
TOLD = ("source", "source_id", "name", "match_weight", "reasons")
BLOCK = 50_000
"""Rows that are written at a time."""


class Engine(StrEnum):
    """What compares the records of a spreadsheet."""

    duckdb = "duckdb"
    spark = "spark"


def resolve(
    context: typer.Context,
    table: Annotated[
        Path, typer.Argument(help="CSV or XLSX with one organization per row; only a name is needed.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV to write.")],
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help='What a heading not recognized holds: name="Whoever".'),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Country of phone numbers without a code: DE.")
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option("--engine", help="What compares the records: duckdb here, or spark past one machine."),
    ] = Engine.duckdb,
    spark_master: Annotated[
        str, typer.Option("--spark-master", envvar="PARTNERHUB_SPARK_MASTER", help="Where Spark runs.")
    ] = "local[*]",
    spark_memory: Annotated[
        str,
        typer.Option(
            "--spark-memory", envvar="PARTNERHUB_SPARK_MEMORY", help="Of the driver and each executor."
        ),
    ] = "4g",
    spark_folder: Annotated[
        Path | None,
        typer.Option(
            "--spark-folder",
            envvar="PARTNERHUB_SPARK_FOLDER",
            help="For tables on the way; on a cluster a folder every machine sees.",
        ),
    ] = None,
    groups: Annotated[
        int | None,
        typer.Option("--groups", min=0, help="How many groups to show; with --json all when not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the duplicates in a spreadsheet of organizations; the same functions and settings as sync."""
    asked = column_choices(column, KNOWN_COLUMNS)
    require_files(table, output)
    columns, recognized, rows = read_rows(table, asked)
    default = (table.stem, (region or configured_region(context)).upper())
    if engine is Engine.duckdb:
        found = by_columns(rows, default)
    else:
        found = by_spark(rows, default, spark_master, spark_memory, spark_folder)
    write_answer(output, found)
    shown = groups if groups is not None else None if as_json else GROUPS_SHOWN
    data = answer_data(output, rows.seen, found, shown)
    data |= {"spreadsheet": str(table), "columns": columns, "recognized": recognized}
    answer(data, lambda console: show_groups(console, data), as_json=as_json)


@dataclass(frozen=True)
class Found:
    """What was found, row by row of those that have a name or a site: columns of text, ids and numbers.

    name: as written, the host where there is none. weight: bits of the best pair. reasons: of the rows at these places.
    repeated: how many rows more there were, with the source and id of one of these.
    """

    source: pa.Array
    source_id: pa.Array
    name: pa.Array
    entity: pa.DictionaryArray
    weight: pa.Array
    reasons: Callable[[Sequence[int]], Sequence[tuple[str, ...]]]
    repeated: int = 0


class Counted:
    """Rows that are counted while they are read."""

    def __init__(self, rows: Iterable[Cells]) -> None:
        """None read yet."""
        self.unread, self.seen = rows, 0

    def __iter__(self) -> Iterator[Cells]:
        for row in self.unread:
            self.seen += 1
            yield row


def read_rows(table: Path, asked: dict[str, str]) -> tuple[dict[str, str], dict[str, str], Counted]:
    """Our column → theirs, which of them were recognized, and the rows. Raises a usage error, FixSetup."""
    from pipelines.resolve.sheet_rows import read_cells

    headings, cells = read_cells(table, asked)
    columns = understood(headings, asked, KNOWN_COLUMNS)
    require_columns(table, headings, columns)
    recognized = {ours: theirs for ours, theirs in columns.items() if ours not in asked and ours != theirs}
    if recognized:
        _, cells = read_cells(table, columns)
    return columns, recognized, Counted(cells)


def by_columns(rows: Iterable[Cells], default: tuple[str, str]) -> Found:
    """Resolved on this machine. default: source, and region of phone numbers, of rows that say none."""
    from pipelines.collecting import collect_seldom
    from pipelines.resolve.many_rows import resolve_rows
    from pipelines.resolve.node_columns import one

    collect_seldom()
    done = resolve_rows(rows, default_source=default[0], default_region=default[1])
    source, source_id, name = (one(done.rows[each]) for each in ("source", "source_id", "shown_name"))
    return Found(source, source_id, name, done.entities, done.weights(), done.reasons, done.repeated)


def by_spark(
    rows: Iterable[Cells], default: tuple[str, str], master: str, memory: str, folder: Path | None
) -> Found:
    """Compared by Spark. Raises FixSetup where it is missing."""
    import pyarrow as pa

    from pipelines.resolve.sheet import resolve_sheet
    from pipelines.resolve.sheet_rows import CELLS
    from pipelines.resolve.spark import score_pairs_on_spark
    from pipelines.resolve.spark_session import SparkSettings, require_spark

    require_spark()
    given = [dict(zip(CELLS, row, strict=True)) for row in rows]
    score = partial(score_pairs_on_spark, settings=SparkSettings(master, memory, folder))
    done = resolve_sheet(given, default_source=default[0], default_region=default[1], score=score)
    keys = [(row["source"] or default[0], row["source_id"] or str(n)) for n, row in enumerate(given, 1)]
    names = {key: row["name"] for key, row in zip(keys, given, strict=True)}
    known = {(row.source, row.source_id) for row in done}
    return Found(
        pa.array([row.source for row in done], pa.string()),
        pa.array([row.source_id for row in done], pa.string()),
        pa.array([names.get((row.source, row.source_id), "") for row in done], pa.string()),
        pa.array([row.partner_id for row in done], pa.string()).dictionary_encode(),
        pa.array([row.match_weight for row in done], pa.float64()),
        lambda places: [done[place].reasons for place in places],
        sum(key in known for key in keys) - len(done),
    )


def configured_region(context: typer.Context) -> str:
    """The region of the configuration where there is one: the same settings as sync."""
    if context.obj.config_path.is_file():
        return configuration(context, with_settings=False).default_region
    return "US"


def write_answer(path: Path, found: Found) -> None:
    """One line per row of the input that has a name."""
    rows = len(found.entity)
    try:
        with path.open("wb") as file:
            file.write(csv_lines([HEADINGS]))
            for start in range(0, rows, BLOCK):
                file.write(answer_lines(found, start, min(BLOCK, rows - start)))
    except OSError as error:
        from connectors.errors import FixSetup  # the command line alone loads no connector

        raise FixSetup(
            code="unwritable_file",
            do="Close it in other programs, or write elsewhere: `-o another.csv`.",
            happened=f"{path} cannot be written ({type(error).__name__}).",
        ) from error


def answer_lines(found: Found, start: int, length: int) -> bytes:
    """The lines of some rows: column by column where every cell is written as it is, else row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

    texts = [column.slice(start, length) for column in (found.source, found.source_id)]
    entity = found.entity.slice(start, length).dictionary_decode()
    weights = found.weight.slice(start, length).to_pylist()
    weight = pa.array(("" if each is None else f"{each:.2f}" for each in weights), pa.string())
    if any(pc.any(pc.match_substring_regex(column, NOT_AS_IT_IS)).as_py() for column in texts):
        sources, ids = (map(harmless, column.to_pylist()) for column in texts)
        return csv_lines(zip(sources, ids, entity.to_pylist(), weight.to_pylist(), strict=True))
    lines = pc.binary_join_element_wise(*texts, entity, weight, ",").to_pylist()
    return "".join(f"{line}\r\n" for line in lines).encode()


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def answer_data(output: Path, rows: int, found: Found, most: int | None) -> dict[str, Any]:
    """Counts, and the groups of more than one row, the first so many of them; all when None."""
    import pyarrow as pa

    members, organizations, several = groups_of(found, most)
    listed = [place for places in members for place in places]
    told = zip(
        *(
            column.take(pa.array(listed, pa.int64())).to_pylist()
            for column in (found.source, found.source_id, found.name, found.weight)
        ),
        found.reasons(listed),
        strict=True,
    )
    said = (dict(zip(TOLD, (*known, list(reasons)), strict=True)) for *known, reasons in told)
    groups = [
        {"partner_id": found.entity[places[0]].as_py(), "rows": list(islice(said, len(places)))}
        for places in members
    ]
    return {
        "output": str(output),
        "rows": rows,
        "left_out": rows - found.repeated - len(found.entity),
        "repeated": found.repeated,
        "organizations": organizations,
        "in_several_rows": several,
        "groups": groups,
    }


def groups_of(found: Found, most: int | None) -> tuple[list[list[int]], int, int]:
    """The rows of the first so many groups of several, by their first row; how many groups, and how many of several."""
    import numpy as np

    group = np.asarray(found.entity.indices)
    _, first, place, rows = np.unique(group, return_index=True, return_inverse=True, return_counts=True)
    several = np.flatnonzero(rows > 1)
    shown = several[np.argsort(first[several])][:most]
    number = np.full(len(rows), len(shown))
    number[shown] = np.arange(len(shown))
    listed = np.flatnonzero(number[place] < len(shown))
    ordered = listed[np.argsort(number[place[listed]], kind="stable")]
    ends = np.cumsum(rows[shown])
    members = [ordered[end - many : end].tolist() for many, end in zip(rows[shown], ends, strict=True)]
    return members, len(rows), len(several)


def show_groups(console: Console, data: dict[str, Any]) -> None:
    """The duplicate groups with reasons, then the counts."""
    for group in data["groups"]:
        console.print(printable(group["rows"][0]["name"]), style="bold", markup=False)
        for row in group["rows"]:
            prose(console, f"{row['source']} {row['source_id']}  {row['name']}", indent=2)
        for reasons in dict.fromkeys(tuple(row["reasons"]) for row in group["rows"]):
            prose(console, f"because {'; '.join(reasons)}", indent=4)
    rows, organizations, groups = data["rows"], data["organizations"], data["in_several_rows"]
    if groups > len(data["groups"]):
        more = f"… and {groups - len(data['groups']):,} more: all of them are in {data['output']}."
        console.print(more, style="dim", markup=False, soft_wrap=True)
    line = f"{counted(rows, 'row')} {'is' if rows == 1 else 'are'} {counted(organizations, 'organization')}"
    console.print(f"{line}, {groups:,} of them in several rows.", markup=False)
    for line in remarks(data):
        prose(console, line)
    console.print(f"→ Written to {data['output']}.", markup=False, soft_wrap=True)


def remarks(data: dict[str, Any]) -> Iterator[str]:
    """What of the spreadsheet is not in the answer, and what to do about it."""
    if data["left_out"]:
        yield (
            f"{counted(data['left_out'], 'row')} left out: neither a name nor a site, or cells that cannot be told"
            f" apart. `partnerhub import {data['spreadsheet']} --dry-run` looks at every row."
        )
    if data["repeated"]:
        rows = "row repeats" if data["repeated"] == 1 else "rows repeat"
        yield (
            f"{data['repeated']:,} {rows} the source and source_id of an earlier one and took its place: give every"
            " row of a source an id of its own."
        )
    if data["recognized"]:
        taken = ", ".join(f"{ours} from “{theirs}”" for ours, theirs in data["recognized"].items())
        yield f"Read {taken}; `--column` says otherwise."
