"""`partnerhub runs`, `resume` and `cancel`: what ran and how, go on with what did not end, stop what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, Limit, alone, configuration, log_to_stderr, warehouse
from partnerhub.cli.naming import known_sources
from partnerhub.cli.output import answer, counted, duration, moment, prose, state_words, table
from partnerhub.cli.stewardship import Actor, Reason, now_text
from partnerhub.cli.stream_errors import StreamError, next_commands, told_once
from partnerhub.cli.syncing import OfAsked

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection

Run = Annotated[str, typer.Argument(help="A run's id or the beginning of it; `last` for the newest.")]
UNFINISHED = frozenset({"incomplete", "abandoned", "failed", "running"})

runs = typer.Typer(
    help="Look at what ran: when, by whom, what it read and how it ended.", invoke_without_command=True
)


@runs.callback()
def start(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at what ran: when, by whom, what it read and how it ended."""
    if alone(context, as_json=as_json):
        listed(context, as_json=as_json)


@runs.command("ls")
def listed(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Only runs that read this source.")] = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first."""
    from warehouse.queries.runs import list_runs

    with warehouse(context).session() as connection:
        known_sources(context, connection, [source])
        found = list_runs(connection, source=source, limit=limit)

    def show(console: Console) -> None:
        if not found:
            nothing = f"No run has read {source}" if source else "Nothing has run"
            console.print(f"{nothing} yet. → `{f'partnerhub sync {source}'.strip()}`", markup=False)
            return
        columns = ("run", "began (UTC)", "by", "state", "#streams", "#read", "#landed", "#quarantined")
        console.print(table(columns, (cells(row) for row in found)))
        prose(
            console, "→ `partnerhub runs show RUN` lists its streams, `runs logs RUN` what happened in order."
        )

    answer({"runs": found}, show, as_json=as_json)


@runs.command("show")
def show_one(context: typer.Context, run: Run, as_json: AsJson = False) -> None:
    """Show one run with its streams."""
    from warehouse.queries.phases import phases_of
    from warehouse.queries.runs import run_called, streams_of

    with warehouse(context).session() as connection:
        found, now = run_called(connection, run), now_text()
        streams = streams_of(connection, found["run_id"], now)
        phases = phases_of(connection, found, now)

    def show(console: Console) -> None:
        prose(console, f"run {found['run_id']}: {found['state'].replace('_', ' ')}", style="bold")
        ended = f", ended {moment(found['finished_at'])}" if found["finished_at"] else ", not ended"
        process = found["holder"].partition(" [")[0]
        prose(
            console,
            f"began {moment(found['started_at'])} UTC by {found['trigger']}{ended}; {process}",
        )
        columns = (
            "source",
            "stream",
            "state",
            "#read",
            "#landed",
            "#unchanged",
            "#quarantined",
            "#removed",
            "#a second",
        )
        keys = ("read", "landed", "unchanged", "quarantined", "removed", "records_a_second")
        rows = (
            (s["source"], s["stream"], state_words(s["state"]), *(s[key] for key in keys))
            for s in streams
            if not had_nothing_new(s)
        )
        console.print(table(columns, rows))
        if quiet := sum(map(had_nothing_new, streams)):
            prose(
                console, f"{counted(quiet, 'more stream')} complete, with nothing new.", indent=2, style="dim"
            )
        show_phases(console, found, phases)
        failed = [s for s in streams if s["error_code"]]
        for line in told_once(
            StreamError(s["source"], s["stream"], s["error_happened"], s["error_do"]) for s in failed
        ):
            prose(console, line)
        for line in next_commands(s["source"] for s in failed):
            prose(console, line)

    answer({"run": found, "streams": streams, "phases": phases}, show, as_json=as_json)


def show_phases(console: Console, run: dict[str, Any], phases: list[dict[str, Any]]) -> None:
    """What each phase of a run took, and what it did: in is changed, unchanged and rejected together."""
    if not phases:
        why = "a comparison passes none" if run["trigger"] == "reconcile" else "it is from before they were"
        prose(console, f"Phases were not recorded: {why}.", indent=2, style="dim")
        return
    columns = ("phase", "state", "#took", "counts", "#in", "#changed", "#unchanged", "#rejected")
    keys = ("unit", "entered", "changed", "unchanged", "rejected")
    console.print(
        table(
            columns,
            (
                (
                    row["phase"],
                    state_words(row["state"]),
                    duration(row["seconds"]),
                    *(row[key] for key in keys),
                )
                for row in phases
            ),
        )
    )


@runs.command("logs")
def logs(context: typer.Context, run: Run, as_json: AsJson = False) -> None:
    """Show what happened in a run, in order of time: streams, problems, ids."""
    from warehouse.queries.runs import happenings, run_called

    with warehouse(context).session() as connection:
        found = happenings(connection, run_called(connection, run)["run_id"])

    def show(console: Console) -> None:
        for row in found:
            place = " ".join(part for part in (row["source"], row["stream"]) if part)
            prose(console, f"{str(row['at'])[:19]}  {row['what']:<12} {place}  {row['words']}")

    answer({"happenings": found}, show, as_json=as_json)


def resume(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(help="Only what this run did not finish: its id or the beginning of it; `last`.")
    ] = "",
    asked: OfAsked = None,
    as_json: AsJson = False,
) -> None:
    """Sync the sources whose last reading did not end: cut short, killed or failed. They go on where they stopped."""
    from partnerhub.cli.syncing import report_data, show_report
    from partnerhub.cli.syncing import run as run_sources

    config = configuration(context)
    with warehouse(context).session() as connection:
        found, waiting = left_by(connection, run) if run else left_by_all(connection)
    open_ones = [source for source in found if source in config.sources]
    if not open_ones:
        data = {"sources": [], "needs_person": waiting}
        answer(data, lambda console: show_nothing_to_resume(console, waiting), as_json=as_json)
        return
    log_to_stderr(debug=context.obj.debug)
    report = run_sources(config, open_ones, asked=asked, as_json=as_json)
    answer(report_data(report), lambda console: show_report(console, report), as_json=as_json)
    raise typer.Exit(report.exit_code)


def left_by(connection: Connection, run: str) -> tuple[list[str], list[str]]:
    """The sources one run did not finish, nor any since; also those a person had to mend: naming the run says so."""
    from warehouse.queries.resuming import unfinished
    from warehouse.queries.runs import run_called, streams_of

    streams = streams_of(connection, run_called(connection, run)["run_id"])
    return [each.source for each in unfinished(connection, streams)], []


def left_by_all(connection: Connection) -> tuple[list[str], list[str]]:
    """The sources whose last reading did not end, and those that wait for a person."""
    from warehouse.queries.streams import stream_statuses

    states = stream_statuses(connection)
    waiting = sorted({each.source for each in states if each.state == "needs_person"})
    return sorted({each.source for each in states if each.state in UNFINISHED}), waiting


def show_nothing_to_resume(console: Console, waiting: list[str]) -> None:
    """No reading was cut short; those that wait for a person do not go on by being started again."""
    console.print("✓ Nothing to resume.")
    if waiting:
        prose(
            console,
            f"! {', '.join(waiting)}: a person must act first → `partnerhub errors {' '.join(waiting)}`",
        )


def cancel(
    context: typer.Context, run: Run, actor: Actor, reason: Reason = None, as_json: AsJson = False
) -> None:
    """Stop a run at work on this machine; what arrived is kept, the next sync goes on. `last`: the newest at work."""
    from pipelines.supervision.ending import end_run, process_of
    from warehouse.commands.operate import Who, note
    from warehouse.queries.runs import run_called

    with warehouse(context).session() as connection:
        found = run_called(connection, newest_at_work(connection) if run == "last" else run)
        process_of(found)
        with connection.transaction():
            note(
                connection, Who(actor, now_text(), reason), ("cancel", found["run_id"]), {"state": "running"}
            )
    process = end_run(found)

    def show(console: Console) -> None:
        console.print(f"✓ Run {found['run_id']} was asked to stop; it ends within seconds.", markup=False)
        console.print("→ `partnerhub resume` goes on with it.", markup=False)

    answer({"run_id": found["run_id"], "process": process}, show, as_json=as_json)


def newest_at_work(connection: Connection) -> str:
    """The id of the run that began last of those at work; `last` where none is."""
    found = connection.one(
        "SELECT run_id FROM sync_run WHERE state = 'running' ORDER BY started_at DESC, run_id LIMIT 1"
    )
    return str(found[0]) if found else "last"


def had_nothing_new(stream: dict[str, Any]) -> bool:
    """Whether there is nothing to say of a run's stream: it is complete, and nothing was there to be read."""
    return bool(stream["state"] == "complete" and stream["read"] == 0 and stream["removed"] == 0)


def cells(row: dict[str, Any]) -> tuple[object, ...]:
    """One line of the list."""
    streams = f"{row['streams']:,}"
    if row["not_complete"]:
        streams += f", {row['not_complete']:,} open"
    counts = (row[key] for key in ("read", "landed", "quarantined"))
    return (
        row["run_id"][:8],
        moment(row["started_at"]),
        row["trigger"],
        state_words(row["state"]),
        streams,
        *counts,
    )
