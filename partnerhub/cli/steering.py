"""`partnerhub cursor`, `pause`, `unpause` and `resync`: where reading goes on, whether it does, and once more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, alone, configuration, log_to_stderr, warehouse
from partnerhub.cli.naming import end_of, known_place
from partnerhub.cli.output import answer, moment, prose, table
from partnerhub.cli.stewardship import Actor, Reason, now_text

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection

LONGEST_SHOWN: Final = 200
Place = Annotated[str, typer.Argument(metavar="SOURCE/STREAM", help="One stream, as `status` names it.")]

cursor = typer.Typer(
    help="Look at where streams are read on from, set it, or go back; every change is written down.",
    invoke_without_command=True,
)


@cursor.callback()
def start(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at where streams are read on from, set it, or go back; every change is written down."""
    if alone(context, as_json=as_json):
        get(context, as_json=as_json)


@cursor.command("get")
def get(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Only this source, or SOURCE/STREAM.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show where each stream will be read on from."""
    with warehouse(context).session() as connection:
        named, stream = known_place(context, connection, source)
        rows = [
            row | {"state_json": json.loads(row["state_json"])}
            for row in connection.records(
                "SELECT source, stream, state_json, run_id, updated_at FROM cursor ORDER BY source, stream"
            )
            if named in {"", row["source"]} and stream in {"", row["stream"]}
        ]

    def show(console: Console) -> None:
        columns = ("source", "stream", "cursor", "since (UTC)", "set by")
        told = [json.dumps(row["state_json"]) for row in rows]
        cells = (
            (r["source"], r["stream"], shortened(said), moment(r["updated_at"]), r["run_id"][:8])
            for r, said in zip(rows, told, strict=True)
        )
        console.print(table(columns, cells))
        if any(len(said) > LONGEST_SHOWN for said in told):
            console.print("→ `--json` shows cursors whole.", markup=False)

    answer({"cursors": rows}, show, as_json=as_json)


def shortened(said: str) -> str:
    """A cursor as a table has room for it: that of a folder names every file."""
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]} …"


@cursor.command("set")
def set_to(
    context: typer.Context,
    place: Place,
    state: Annotated[
        str, typer.Argument(help="The cursor as JSON, as `get` prints it; null: the beginning.")
    ],
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Set where a stream is read on from. Reading again what is here changes nothing."""
    from pipelines.land.rewinding import set_cursor
    from warehouse.commands.operate import Who

    try:
        wanted = json.loads(state)
    except ValueError as error:
        raise typer.BadParameter(f"This is not JSON: {error}.") from error
    if wanted is not None and not isinstance(wanted, dict):
        raise typer.BadParameter("A cursor is a JSON object, or null.")
    with warehouse(context).session() as connection:
        names = split(context, connection, place)
        done = set_cursor(connection, names, wanted, Who(actor, now_text(), reason))
    answer(done, lambda console: show_change(console, done), as_json=as_json)


@cursor.command("rewind")
def back(
    context: typer.Context,
    place: Place,
    actor: Actor,
    to: Annotated[
        str, typer.Option("--to", help="A run's id, or a UTC time: where the run of then began.")
    ] = "",
    beginning: Annotated[
        bool, typer.Option("--beginning", help="Read the stream from its beginning.")
    ] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Go back to where a former run began reading, or to the beginning."""
    from pipelines.land.rewinding import rewind, set_cursor
    from warehouse.commands.operate import Who

    if bool(to) == beginning:
        raise typer.BadParameter("Say either --to RUN or TIME, or --beginning.")
    who = Who(actor, now_text(), reason)
    with warehouse(context).session() as connection:
        names = split(context, connection, place)
        done = rewind(connection, names, to, who) if to else set_cursor(connection, names, None, who)
    answer(done, lambda console: show_change(console, done), as_json=as_json)


def show_change(console: Console, done: dict[str, Any]) -> None:
    """Before, after, and the command that reads on from there."""
    prose(console, f"✓ {done['source']} {done['stream']}")
    for name in ("before", "after"):
        said = json.dumps(done[name]) if done[name] is not None else "the beginning"
        prose(console, f"{name}: {said}", indent=2)
    prose(console, f"→ `partnerhub sync {done['source']}` reads on from there.")


def pause(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source that no sync shall read.")],
    actor: Actor,
    until: Annotated[
        str, typer.Option("--until", help="A UTC time, or how long: 2h, 3d. Else until unpause.")
    ] = "",
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Let no sync read a source for a while; everything else goes on."""
    from partnerhub.cli.setup import chosen
    from warehouse.commands.operate import Who
    from warehouse.commands.operate import pause as stop_reading

    chosen(configuration(context, with_settings=False), [source])
    end = end_of(until)
    with warehouse(context).session() as connection:
        stop_reading(connection, source, end, Who(actor, now_text(), reason))

    def show(console: Console) -> None:
        when = f"until {moment(end)} UTC" if end else "until somebody ends it"
        console.print(f"✓ {source} is paused {when}. → `partnerhub unpause {source}` ends it.", markup=False)

    answer({"source": source, "until": end, "actor": actor, "reason": reason}, show, as_json=as_json)


def unpause(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source to read again.")],
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Read a paused source again."""
    from warehouse.commands.operate import Who
    from warehouse.commands.operate import unpause as read_again

    with warehouse(context).session() as connection:
        read_again(connection, source, Who(actor, now_text(), reason))

    def show(console: Console) -> None:
        console.print(f"✓ {source} is read again. → `partnerhub sync {source}`", markup=False)

    answer({"source": source}, show, as_json=as_json)


def resync(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source to read once more.")],
    stream: Annotated[
        list[str] | None, typer.Option("--stream", help="Only this stream; repeat for several.")
    ] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", help="Only this record; repeat for several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a source, a stream or single records once more from the beginning; what is the same changes nothing."""
    from partnerhub.cli.setup import chosen
    from partnerhub.cli.syncing import report_data, run, show_report
    from pipelines.land.chosen import Chosen

    config = configuration(context)
    chosen(config, [source])
    offered = [each.name for each in config.connector(source).streams()]
    for name in stream or ():
        if name not in offered:
            raise typer.BadParameter(f"{source} has no stream {name}. Its streams: {', '.join(offered)}.")
    if ids and len(stream or ()) != 1:
        raise typer.BadParameter("With --id, name the one --stream the records are of.")
    log_to_stderr(debug=context.obj.debug)
    streams = {source: frozenset(stream)} if stream else {}
    only = Chosen(frozenset(ids)) if ids else None
    report = run(config, [source], full=True, as_json=as_json, streams=streams, only=only)
    not_found = only.not_found if only else []

    def show(console: Console) -> None:
        show_report(console, report)
        if not_found:
            prose(console, f"! {source} lists no {', '.join(not_found)} among its {' '.join(stream or ())}.")
            prose(
                console,
                f"→ `partnerhub reconcile {source} --ids` finds what is gone there, and what is missed.",
            )

    answer({**report_data(report), "not_found": not_found}, show, as_json=as_json)
    raise typer.Exit(report.exit_code or (exit_codes.FAILED if not_found else exit_codes.COMPLETE))


def split(context: typer.Context, connection: Connection, place: str) -> tuple[str, str]:
    """`source/stream`, of a source that is known."""
    source, stream = known_place(context, connection, place)
    if not stream:
        raise typer.BadParameter("Name a stream as well: SOURCE/STREAM.")
    return source, stream
