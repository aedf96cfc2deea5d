"""`partnerhub resolve`: deduplicate a spreadsheet of organizations, with nothing set up and nothing stored."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.columns import column_choices
from partnerhub.cli.invocation import AsJson, configuration
from partnerhub.cli.output import answer, printable, prose

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.resolve.scores import Scored
    from pipelines.resolve.sheet import ResolvedRow

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
NO_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet program takes a cell for a formula."""


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
    as_json: AsJson = False,
) -> None:
    """Find the duplicates in a spreadsheet of organizations; the same functions and settings as sync."""
    from pipelines.resolve.sheet import resolve_sheet

    columns = column_choices(column, KNOWN_COLUMNS)
    rows = read_rows(table)
    require_name(table, rows, columns)
    found = resolve_sheet(
        rows,
        columns,
        default_source=table.stem,
        default_region=(region or configured_region(context)).upper(),
        score=scoring(engine, spark_master, spark_memory, spark_folder),
    )
    write_answer(output, found)
    data = answer_data(output, rows, found, names_by_record(table, rows, columns))
    answer(data, lambda console: show_groups(console, data), as_json=as_json)


def scoring(engine: Engine, master: str, memory: str, folder: Path | None) -> Callable[..., list[Scored]]:
    """The function that compares records. Raises FixSetup where Spark is asked for and missing."""
    if engine is Engine.duckdb:
        from pipelines.resolve.scores import score_pairs

        return score_pairs
    from pipelines.resolve.spark import score_pairs_on_spark
    from pipelines.resolve.spark_session import SparkSettings, require_spark

    require_spark()
    return partial(score_pairs_on_spark, settings=SparkSettings(master, memory, folder))


def configured_region(context: typer.Context) -> str:
    """The region of the configuration where there is one: the same settings as sync."""
    if context.obj.config_path.is_file():
        return configuration(context, with_settings=False).default_region
    return "US"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows as the spreadsheet connector reads them: every cell a text. Raises FixSetup."""
    from connectors.registry import connector_class

    connector = connector_class("sheets")(path=path.absolute())  # type: ignore[call-arg]  # its own setting
    pages = connector.pull("rows", None, full=True)
    return [record.payload for page in pages for record in page.records if record.payload]


def require_name(path: Path, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """Refuse a spreadsheet in which no column holds names, saying which columns it has and which look like ours."""
    wanted = columns.get("name", "name")
    headings = [heading for heading in dict.fromkeys(heading for row in rows for heading in row) if heading]
    if wanted in headings:
        return
    shown = [heading for heading in headings if not heading.startswith("_")]
    listed = ", ".join(f'"{printable(heading)}"' for heading in shown)
    raise typer.BadParameter(
        f"{path.name} has no column `{wanted}`. Its columns are {listed or 'none'}. "
        f"Say which ones hold what: {likely_columns(shown)}."
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


def write_answer(path: Path, found: list[ResolvedRow]) -> None:
    """One line per row of the input that has a name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        for row in found:
            weight = "" if row.match_weight is None else f"{row.match_weight:.2f}"
            lines.writerow([harmless(row.source), harmless(row.source_id), row.partner_id, weight])


def harmless(text: str) -> str:
    """A cell that no spreadsheet program runs as a formula."""
    return f"'{text}" if text.startswith(NO_FORMULA) else text


def names_by_record(
    path: Path, rows: list[dict[str, Any]], columns: dict[str, str]
) -> dict[tuple[str, str], str]:
    """(source, source_id) → the name as written."""
    heading = {ours: columns.get(ours, ours) for ours in ("name", "source", "source_id")}
    return {
        (str(row.get(heading["source"]) or path.stem), str(row.get(heading["source_id"]) or number)): str(
            row.get(heading["name"]) or ""
        )
        for number, row in enumerate(rows, 1)
    }


def answer_data(
    output: Path, rows: list[dict[str, Any]], found: list[ResolvedRow], names: dict[tuple[str, str], str]
) -> dict[str, Any]:
    """Counts, and the groups of more than one row."""
    members: dict[str, list[ResolvedRow]] = defaultdict(list)
    for row in found:
        members[row.partner_id].append(row)
    groups = [
        {
            "partner_id": partner,
            "rows": [
                {
                    "source": row.source,
                    "source_id": row.source_id,
                    "name": names.get((row.source, row.source_id), ""),
                    "match_weight": row.match_weight,
                    "reasons": list(row.reasons),
                }
                for row in group
            ],
        }
        for partner, group in members.items()
        if len(group) > 1
    ]
    return {
        "output": str(output),
        "rows": len(rows),
        "without_name": len(rows) - len(found),
        "organizations": len(members),
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
    rows, organizations, groups = data["rows"], data["organizations"], len(data["groups"])
    left_out = f"; {data['without_name']:,} rows without a name were left out" if data["without_name"] else ""
    line = f"{rows:,} rows are {organizations:,} organizations, {groups:,} of them in several rows{left_out}."
    console.print(line, markup=False)
    console.print(f"→ Written to {data['output']}.", markup=False, soft_wrap=True)
