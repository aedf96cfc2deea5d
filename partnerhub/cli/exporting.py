"""`partnerhub export`: the marts and the views of streams as files."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.naming import day_or_time
from partnerhub.cli.output import answer, counted, prose

if TYPE_CHECKING:
    from rich.console import Console


class Format(StrEnum):
    """How tables are written."""

    PARQUET = "parquet"
    CSV = "csv"


def export(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="DIR", help="A folder, or any URL fsspec knows (s3://…).")],
    kind: Annotated[Format, typer.Option("--format", help="Of the files.")] = Format.PARQUET,
    since: Annotated[
        str, typer.Option("--since", help="Only rows written, ended or deleted since this day or UTC time.")
    ] = "",
    only: Annotated[
        list[str] | None, typer.Option("--table", help="Only this table; repeat for several.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV for machines: no cell is marked for spreadsheet programs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write every mart and every view of a stream to files, as of one moment, while syncs run if need be."""
    from connectors.record import utc_text
    from warehouse.exports.export import Options
    from warehouse.exports.export import export as write

    if raw and kind is not Format.CSV:
        raise typer.BadParameter("--raw belongs to --format csv; Parquet is for machines as it is.")
    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    options = Options(kind.value, raw, day_or_time(since), tuple(only or ()))
    told = write(database, place, options, utc_text(datetime.now(UTC)))

    def show(console: Console) -> None:
        rows = sum(table["rows"] for table in told["tables"])
        files = sum(len(table["files"]) for table in told["tables"])
        prose(
            console,
            f"✓ {place}: {counted(len(told['tables']), 'table')}, {counted(rows, 'row')}, {counted(files, 'file')}.",
        )
        whole = [table["name"] for table in told["tables"] if table.get("is_whole")]
        if whole:
            prose(console, f"! Whole, as they do not say when a row was written: {', '.join(whole)}.")
        prose(console, "→ manifest.json says what is in them; docs/warehouse/exports.md, how to read them.")

    answer(data_of(told, place), show, as_json=as_json)


def data_of(told: dict[str, Any], place: str) -> dict[str, Any]:
    """The manifest, with where it stands."""
    return {"place": place, **told}
