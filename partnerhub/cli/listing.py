"""`partnerhub lists`: saved lists of partners by name, and each as a CSV file: exactly what its page shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, alone, configuration, existing
from partnerhub.cli.output import answer, counted, prose, table

if TYPE_CHECKING:
    from rich.console import Console

lists = typer.Typer(
    no_args_is_help=False,
    help="Saved lists of partners that everybody sees; as files, for schedules of your own.",
)


@lists.callback(invoke_without_command=True)
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """Name them when nothing else is asked for."""
    if alone(context, as_json=as_json):
        ls(context, as_json=as_json)


@lists.command("ls")
def ls(context: typer.Context, as_json: AsJson = False) -> None:
    """Name the lists, with how many partners stand on each now."""
    from partnerhub.cli.stewardship import now_text
    from warehouse.queries.list_rules import rule_of, wanted_by
    from warehouse.queries.partner_list import count_wanted
    from warehouse.queries.saved_views import saved_views
    from warehouse.viewer import OPERATOR

    config = configuration(context, with_settings=False)
    with existing(config.warehouse_url).session() as connection:
        found: list[dict[str, Any]] = [
            {
                "name": each.name, "kind": each.kind, "rule": [list(pair) for pair in rule_of(each)],
                "partners": count_wanted(OPERATOR, connection, wanted_by(rule_of(each), now_text())),
                "by": each.created_by,
            }
            for each in saved_views(OPERATOR, connection)
        ]  # fmt: skip

    def show(console: Console) -> None:
        rows = ((each["name"], each["kind"], each["partners"], each["by"]) for each in found)
        if found:
            console.print(table(("list", "kind", "#partners", "saved by"), rows))
        else:
            prose(
                console,
                "No list is saved for everybody yet. The page of partners saves one: Lists, For everybody.",
            )

    answer({"lists": found}, show, as_json=as_json)


@lists.command("export")
def export(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the list.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV to write.")],
    as_json: AsJson = False,
) -> None:
    """Write a list as CSV: its rule, order and columns as its page has them; who took it is in the audit log."""
    from partnerhub.cli.stewardship import by_command, now_text, user
    from partnerhub.web.list_address import address_of
    from partnerhub.web.routes.partner_list import csv_lines
    from warehouse.commands.audit import Deed, did
    from warehouse.queries.list_rules import rule_of, view_named, wanted_by
    from warehouse.queries.partner_list import count_wanted
    from warehouse.viewer import OPERATOR

    config, now = configuration(context, with_settings=False), now_text()
    database = existing(config.warehouse_url)
    with database.session() as connection:
        rule = rule_of(view_named(OPERATOR, connection, name))
        rows = count_wanted(OPERATOR, connection, wanted_by(rule, now))
        address = address_of(rule)
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(database, OPERATOR, address, now))
        except OSError as error:
            raise typer.BadParameter(f"{output} cannot be written. Name another file.") from error
        detail = {"query": [list(pair) for pair in rule], "columns": list(address.columns), "rows": rows}
        with connection.transaction():
            did(connection, now, by_command(user()), Deed("partners.export", "partners", detail))
    data = {"list": name, "partners": rows, "output": str(output)}
    answer(
        data, lambda console: prose(console, f"✓ {counted(rows, 'partner')} in {output}."), as_json=as_json
    )
