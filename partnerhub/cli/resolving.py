"""`partnerhub resolve`: deduplicate a spreadsheet of organizations, with nothing set up and nothing stored."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.columns import column_choices
from partnerhub.cli.invocation import AsJson, configuration
from partnerhub.cli.output import answer, printable, prose
from partnerhub.spreadsheet_cells import harmless

if TYPE_CHECKING:
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
        list[str] | None, typer.Option("--column", help='Ours=theirs for other headings: name="Company".')
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
    from pipelines.resolve.sheet_rows import read_cells

    columns = column_choices(column, KNOWN_COLUMNS)
    headings, rows = read_cells(table, columns)
    require_name(table, headings, columns)
    counted = Counted(rows)
    default = (table.stem, (region or configured_region(context)).upper())
    if engine is Engine.duckdb:
        found = by_columns(counted, default)
    else:
        found = by_spark(counted, default, spark_master, spark_memory, spark_folder)
    write_answer(output, found)
    shown = groups if groups is not None else None if as_json else GROUPS_SHOWN
    data = answer_data(output, counted.rows, found, shown)
    answer(data, lambda console: show_groups(console, data), as_json=as_json)


@dataclass(frozen=True)
class Found:
    """What was found, row by row of those that have a name or a site.

    name: as written, the host where there is none. weight: bits of the best pair. reasons: of the rows at these places.
    """

    source: Sequence[str]
    source_id: Sequence[str]
    name: Sequence[str]
    entity: Sequence[str]
    weight: Sequence[float | None]
    reasons: Callable[[Sequence[int]], Sequence[tuple[str, ...]]]


class Counted:
    """Rows that are counted while they are read."""

    def __init__(self, rows: Iterable[Cells]) -> None:
        """None read yet."""
        self.unread, self.rows = rows, 0

    def __iter__(self) -> Iterator[Cells]:
        for row in self.unread:
            self.rows += 1
            yield row


def by_columns(rows: Iterable[Cells], default: tuple[str, str]) -> Found:
    """Resolved on this machine. default: source, and region of phone numbers, of rows that say none."""
    from pipelines.collecting import collect_seldom
    from pipelines.resolve.many_rows import resolve_rows

    collect_seldom()
    done = resolve_rows(rows, default_source=default[0], default_region=default[1])
    source, source_id, name = (done.rows[each].to_pylist() for each in ("source", "source_id", "shown_name"))
    return Found(source, source_id, name, done.entities, done.weights(), done.reasons)


def by_spark(
    rows: Iterable[Cells], default: tuple[str, str], master: str, memory: str, folder: Path | None
) -> Found:
    """Compared by Spark. Raises FixSetup where it is missing."""
    from pipelines.resolve.sheet import resolve_sheet
    from pipelines.resolve.sheet_rows import CELLS
    from pipelines.resolve.spark import score_pairs_on_spark
    from pipelines.resolve.spark_session import SparkSettings, require_spark

    require_spark()
    given = [dict(zip(CELLS, row, strict=True)) for row in rows]
    score = partial(score_pairs_on_spark, settings=SparkSettings(master, memory, folder))
    done = resolve_sheet(given, default_source=default[0], default_region=default[1], score=score)
    names = {
        (row["source"] or default[0], row["source_id"] or str(number)): row["name"]
        for number, row in enumerate(given, 1)
    }
    return Found(
        [row.source for row in done],
        [row.source_id for row in done],
        [names.get((row.source, row.source_id), "") for row in done],
        [row.partner_id for row in done],
        [row.match_weight for row in done],
        lambda places: [done[place].reasons for place in places],
    )


def configured_region(context: typer.Context) -> str:
    """The region of the configuration where there is one: the same settings as sync."""
    if context.obj.config_path.is_file():
        return configuration(context, with_settings=False).default_region
    return "US"


def require_name(path: Path, headings: list[str], columns: dict[str, str]) -> None:
    """Refuse a spreadsheet in which no column holds names, saying which columns it has and which look like ours."""
    wanted = columns.get("name", "name")
    if wanted in headings:
        return
    listed = ", ".join(f'"{printable(heading)}"' for heading in headings)
    raise typer.BadParameter(
        f"{path.name} has no column `{wanted}`. Its columns are {listed or 'none'}. "
        f"Say which ones hold what: {likely_columns(headings)}."
    )


def likely_columns(headings: list[str]) -> str:
    """Options to copy: what the import would take each heading for."""
    from mappings.sheets import recognize

    found = recognize(tuple(headings))
    likely = [
        f'--column {target}="{printable(heading)}"'
        for heading, target in found.items()
        if target in KNOWN_COLUMNS
    ]
    return " ".join(sorted(likely, key=lambda each: "name=" not in each)) or '--column name="…"'


def write_answer(path: Path, found: Found) -> None:
    """One line per row of the input that has a name."""
    weights = ("" if weight is None else f"{weight:.2f}" for weight in found.weight)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        sources, ids = map(harmless, found.source), map(harmless, found.source_id)
        lines.writerows(zip(sources, ids, found.entity, weights, strict=True))


def answer_data(output: Path, rows: int, found: Found, most: int | None) -> dict[str, Any]:
    """Counts, and the groups of more than one row, the first so many of them; all when None."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, entity in enumerate(found.entity):
        members[entity].append(place)
    several = [(entity, places) for entity, places in members.items() if len(places) > 1]
    shown = several[:most]
    listed = [place for _, places in shown for place in places]
    why = dict(zip(listed, found.reasons(listed), strict=True))
    groups = [
        {
            "partner_id": entity,
            "rows": [
                {
                    "source": found.source[place],
                    "source_id": found.source_id[place],
                    "name": found.name[place],
                    "match_weight": found.weight[place],
                    "reasons": list(why[place]),
                }
                for place in places
            ],
        }
        for entity, places in shown
    ]
    return {
        "output": str(output),
        "rows": rows,
        "without_name": rows - len(found.entity),
        "organizations": len(members),
        "in_several_rows": len(several),
        "groups": groups,
    }


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
    left_out = f"; {data['without_name']:,} rows without a name were left out" if data["without_name"] else ""
    line = f"{rows:,} rows are {organizations:,} organizations, {groups:,} of them in several rows{left_out}."
    console.print(line, markup=False)
    console.print(f"→ Written to {data['output']}.", markup=False, soft_wrap=True)
