"""`partnerhub contract`: what is promised of published tables, what would change of it, and whether it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, configuration, warehouse
from partnerhub.cli.output import answer, counted, prose, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from warehouse.contracts.compare import Change
    from warehouse.contracts.odcs import Contract

contract = typer.Typer(
    help="Data contracts of the published tables (ODCS 3.1): show, compare, test, release.",
    no_args_is_help=True,
)
MartsOnly = Annotated[
    bool, typer.Option("--marts-only", help="Without views of streams; needs no warehouse.")
]
BROKEN = 1


@contract.command("show")
def show(
    context: typer.Context,
    tables: Annotated[
        list[str] | None, typer.Argument(help="Only these tables; none lists them all.")
    ] = None,
    marts_only: MartsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Print contracts as YAML, or list the tables that have one."""
    from warehouse.contracts.promised import as_yaml

    found = known(context, marts_only=marts_only)
    unknown = [name for name in tables or () if name not in found]
    if unknown:
        raise typer.BadParameter(
            f"There is no contract of {', '.join(unknown)}. `partnerhub contract show` lists them."
        )
    chosen = [found[name] for name in tables or ()]
    if chosen and not as_json:
        typer.echo("---\n".join(map(as_yaml, chosen)), nl=False)
        return
    rows = [(each["name"], each["version"], each["description"]["purpose"]) for each in found.values()]
    answer(
        chosen or list(found.values()),
        lambda console: console.print(table(("table", "version", "a row is"), rows)),
        as_json=as_json,
    )


@contract.command("diff")
def diff(
    context: typer.Context,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", exists=True, file_okay=False, help="Contracts, or an export; else those released."
        ),
    ] = None,
    marts_only: MartsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Compare what the program publishes with what was promised; fails (1) where a promise would break."""
    from warehouse.contracts.compare import Weight, compared
    from warehouse.contracts.promised import contracts_in, of_marts

    if against is None:
        found = compared(contracts_in(released()), of_marts())
    else:
        found = compared(contracts_in(against), known(context, marts_only=marts_only))
    breaks = [each for each in found if each.weight is Weight.BREAKING]
    data = [{**each._asdict(), "weight": each.weight.name.lower()} for each in found]
    answer(data, lambda console: show_changes(console, found, len(breaks)), as_json=as_json)
    if breaks:
        raise typer.Exit(BROKEN)


@contract.command("test")
def kept(
    context: typer.Context,
    tables: Annotated[list[str] | None, typer.Argument(help="Only these tables; else all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Test the warehouse against the contracts: columns, types, keys, references, counts; fails (1) if one is broken.

    Warnings, of what a source or a schedule lacks, do not fail.
    """
    from connectors.record import utc_text
    from warehouse.contracts.kept import broken

    config, database = configuration(context, with_settings=False), warehouse(context)
    found = known(context)
    with database.session() as connection:
        chosen = [each for name, each in found.items() if not tables or name in tables]
        failed = [one for each in chosen for one in broken(connection, each, utc_text(config.now))]
    errors = [each for each in failed if each.severity == "error"]

    def said(console: Console) -> None:
        for each in failed:
            mark = "✗" if each.severity == "error" else "!"
            rows = f" ({', '.join(each.sample)})" if each.sample else ""
            prose(console, f"{mark} {each.table}{'.' * bool(each.column)}{each.column} {each.what}{rows}")
        if not errors:
            prose(console, f"✓ {counted(len(chosen), 'contract')} kept.")

    answer({"tested": len(chosen), "broken": [each._asdict() for each in failed]}, said, as_json=as_json)
    if errors:
        raise typer.Exit(BROKEN)


@contract.command("release")
def release(
    folder: Annotated[
        Path | None,
        typer.Option("--into", file_okay=False, help="Else where the program keeps what it promised."),
    ] = None,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Raise the major version where one must.")
    ] = False,
    wording: Annotated[bool, typer.Option("--wording", help="Descriptions only got better words.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write down what the program promises of the marts from now on, with versions raised by what changed."""
    from warehouse.contracts.promised import release as write

    place = folder or released()
    place.mkdir(parents=True, exist_ok=True)
    found = write(place, breaking=breaking, wording=wording)
    data = [{**each._asdict(), "weight": each.weight.name.lower()} for each in found]
    answer(data, lambda console: show_changes(console, found, 0), as_json=as_json)


@contract.command("dbt")
def dbt(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help="Of the package.")],
    marts_only: MartsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Write a dbt package: published tables as sources with descriptions, tests of keys and of what is required."""
    from partnerhub import __version__
    from warehouse.contracts.dbt import write_package
    from warehouse.exports.destination import reached

    found = known(context, marts_only=marts_only)
    with reached(str(folder)):
        files = write_package(folder, found.values(), __version__)
    data = {"place": str(folder), "tables": len(found), "files": files}
    answer(data, lambda console: told_of_package(console, folder, len(found)), as_json=as_json)


def told_of_package(console: Console, folder: Path, count: int) -> None:
    """What to do with the package."""
    prose(console, f"✓ {folder}: {counted(count, 'source table')}.")
    prose(console, f"→ In packages.yml of your project: `- local: {folder}`, then `dbt deps` and `dbt test`.")


def released() -> Path:
    """Where the program keeps what it promised."""
    from warehouse.contracts.promised import RELEASED

    return RELEASED


def known(context: typer.Context, *, marts_only: bool = False) -> dict[str, Contract]:
    """Every contract by this hub's terms, those of marts first; of marts only needs no warehouse."""
    from partnerhub.config.contracts import terms_of
    from warehouse.contracts.promised import of_marts, of_streams
    from warehouse.contracts.terms import USUAL
    from warehouse.marts.streams import stream_marts

    if marts_only and not context.obj.config_path.is_file():
        return of_marts(USUAL)
    terms = terms_of(configuration(context, with_settings=False))
    marts: dict[str, Any] = of_marts(terms)
    if marts_only:
        return marts
    with warehouse(context).session() as connection:
        return marts | of_streams(connection, stream_marts(connection), terms)


def show_changes(console: Console, found: Sequence[Change], breaks: int) -> None:
    """A line a change, and what follows."""
    rows = [(each.table, each.column, each.what, each.weight.name.lower()) for each in found]
    if rows:
        console.print(table(("table", "column", "what", "weight"), rows))
    if breaks:
        prose(console, f"✗ {counted(breaks, 'promise')} would break. Keep the column and add another one.")
    else:
        prose(console, f"✓ {counted(len(found), 'change')}, none of which breaks a promise.")
