"""`partnerhub check-list FILE`: which rows of a list the hub knows already, before anything of it is brought in."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.columns import column_choices
from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.list_checks import FIELDS, ListsChecked, guessed, read_list, said_rows
from partnerhub.cli.output import answer, counted, printable, prose, table
from partnerhub.cli.sheet_checks import require_files
from partnerhub.spreadsheet_cells import harmless

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.resolve.checked_list import CheckedRow

SHOWN: Final = 50
WORDS: Final = {
    "certain": "known", "likely": "perhaps known", "none": "not known", "unreadable": "with neither name nor site",
}  # fmt: skip
HEADINGS: Final = (
    "row", "name", "state", "organization_id", "organization", "probability", "reasons", "same_as_rows",
)  # fmt: skip


def check_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with one organization per row, 10,000 at most.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV to write: each row with what it may mean.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help='What a heading not recognized holds: name="Whoever".'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a list against the hub: each row is known, perhaps known (score, reasons), or not. Creates nothing."""
    asked = column_choices(column, FIELDS)
    require_files(file, output or file.with_suffix(".checked.csv"))
    config = configuration(context, with_settings=False)
    headings, rows = read_list(file, file.name)
    columns = guessed(headings, asked)
    if not {"name", "website"} & columns.keys():
        listed = ", ".join(f'"{printable(each)}"' for each in headings)
        raise typer.BadParameter(f'No column holds names. Say which: --column name="…". It has {listed}.')
    said = said_rows(headings, rows, columns)
    with existing(config.warehouse_url).session() as connection:
        found = ListsChecked(config).check(connection, said)
        names = names_in(connection, found)
    listed_rows = [row_data(each, said[each.number - 1], names) for each in found]
    if output is not None:
        write(output, listed_rows)
    counts = Counter(each.state for each in found)
    data = {
        "file": str(file), "columns": columns, "rows": len(found), "counts": {each: counts[each] for each in WORDS},
        "twice_in_the_list": sum(bool(each.twins) for each in found), "output": str(output) if output else None,
        "results": listed_rows,
    }  # fmt: skip
    answer(data, lambda console: show(console, data), as_json=as_json)


def names_in(connection: Any, found: list[CheckedRow]) -> dict[str, str]:
    """Organization → what it is called."""
    from warehouse.queries.sides import organization_names

    return organization_names(connection, [each.organization_id for row in found for each in row.matches])


def row_data(row: CheckedRow, said: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    """One row with everything it may mean."""
    return {
        "row": row.number,
        "said": said,
        "state": row.state,
        "matches": [
            {
                "organization_id": each.organization_id, "name": names.get(each.organization_id, ""),
                "probability": round(each.probability, 4), "bits": each.bits, "certain": each.certain,
                "reasons": list(each.reasons),
            }
            for each in row.matches
        ],
        "same_as_rows": [
            {"row": each.number, "probability": round(each.probability, 4), "certain": each.certain}
            for each in row.twins
        ],
    }  # fmt: skip


def write(output: Path, rows: list[dict[str, Any]]) -> None:
    """The answer as CSV, a line per row, with its likeliest match. Raises a usage error."""
    try:
        with output.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(HEADINGS)
            lines.writerows(line(each) for each in rows)
    except OSError as error:
        raise typer.BadParameter(f"{output} cannot be written. Name another file.") from error


def line(row: dict[str, Any]) -> list[str]:
    """One row as cells no spreadsheet program runs."""
    best = row["matches"][0] if row["matches"] else {}
    cells = (
        row["row"], row["said"].get("name") or row["said"].get("website", ""), row["state"],
        best.get("organization_id", ""), best.get("name", ""), best.get("probability", ""),
        "; ".join(best.get("reasons", ())), " ".join(str(each["row"]) for each in row["same_as_rows"]),
    )  # fmt: skip
    return [harmless(str(cell)) for cell in cells]


def show(console: Console, data: dict[str, Any]) -> None:
    """How many rows are what, and those somebody should look at."""
    told = [f"{count:,} {WORDS[state]}" for state, count in data["counts"].items() if count]
    prose(
        console, f"{data['file']}, {counted(data['rows'], 'row')}: {', '.join(told) or 'nothing to check'}."
    )
    if data["twice_in_the_list"]:
        prose(console, f"{counted(data['twice_in_the_list'], 'row')} may mean the same as another row.")
    look = [each for each in data["results"] if each["state"] == "likely" or each["same_as_rows"]]
    columns = ("#row", "in the list", "may be", "#probable", "because", "like row")
    if look:
        console.print(table(columns, (shown(each) for each in look[:SHOWN])))
    if len(look) > SHOWN:
        prose(console, f"… {SHOWN} of {len(look):,} shown; --output or --json has them all.")
    if data["output"]:
        prose(console, f"✓ {data['output']} has every row.")
    prose(console, "Nothing was created. The page /partners/check adds those that are not known.")


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    """One row of the table."""
    best = row["matches"][0] if row["matches"] else None
    return (
        row["row"], row["said"].get("name") or row["said"].get("website", ""), best["name"] if best else "",
        f"{best['probability']:.0%}" if best else "", best["reasons"][0] if best and best["reasons"] else "",
        ", ".join(str(each["row"]) for each in row["same_as_rows"]),
    )  # fmt: skip
