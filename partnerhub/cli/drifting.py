"""`partnerhub drift`: fields that went away, are called otherwise, hold other values or are new; and accepting that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, alone, warehouse
from partnerhub.cli.naming import known_sources
from partnerhub.cli.output import answer, day, prose, table

if TYPE_CHECKING:
    from rich.console import Console

drift = typer.Typer(help="Fields that are not what they were at their source.", invoke_without_command=True)


@drift.callback()
def start(context: typer.Context, as_json: AsJson = False) -> None:
    """Fields that are not what they were at their source."""
    if alone(context, as_json=as_json):
        ls(context, as_json=as_json)


@drift.command("ls")
def ls(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    as_json: AsJson = False,
) -> None:
    """List fields that went away, are called otherwise, hold other values or are new. Exits 3 while one waits."""
    from warehouse.queries.drift import STOPPED, list_drift

    with warehouse(context).session() as connection:
        known_sources(context, connection, sources or ())
        found = list_drift(connection, tuple(sources or ()))
    waiting = [row for row in found if row["state"] == STOPPED]

    def show(console: Console) -> None:
        columns = ("source", "stream", "field", "called", "state", "seen", "gone")
        rows = [
            (
                row["source"],
                row["stream"],
                row["field"],
                called(row),
                row["state"],
                day(row["first_seen_at"]),
                day(row["gone_since_at"]),
            )
            for row in found
        ]
        console.print(table(columns, rows) if rows else "✓ Every field is what it was.")
        for row in waiting:
            prose(console, f"! {row['source']} {row['stream']}: {row['happened']} → {row['to_do']}")

    answer({"fields": found}, show, as_json=as_json)
    raise typer.Exit(exit_codes.NEEDS_PERSON if waiting else exit_codes.COMPLETE)


def called(row: dict[str, Any]) -> str:
    """What a field is called, and what kind of value it held, before and now."""
    name = f"{row['former_label']} → {row['label']}" if row["former_label"] else str(row["label"])
    return f"{name}: {row['values']}" if row["values"] else name


@drift.command("accept")
def accept(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source.")],
    name: Annotated[str, typer.Argument(metavar="STREAM.FIELD", help="The field that is not what it was.")],
    as_json: AsJson = False,
) -> None:
    """Accept what became of a field: what one that is gone held is given up, other values are read as they come."""
    from partnerhub.cli.inspect import let_field_go

    let_field_go(context, [source], name, as_json=as_json)
