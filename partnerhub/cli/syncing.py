"""`partnerhub sync`: the same run a schedule starts, in this process and watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from partnerhub.cli.interruption import end_with, interruptible
from partnerhub.cli.invocation import AsJson, configuration, log_to_stderr
from partnerhub.cli.output import answer, counted, duration, moment, prose, state_words, table
from partnerhub.cli.progress import watching
from partnerhub.cli.setup import chosen
from partnerhub.cli.stewardship import by_command, user
from partnerhub.cli.stream_errors import NAMED, StreamError, next_commands, told_notes, told_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from partnerhub.config import HubConfig
    from pipelines.land.chosen import Chosen
    from pipelines.sync import StreamReport, SyncReport

OfAsked: TypeAlias = Annotated[
    tuple[str, int] | None,
    typer.Option(
        "--asked", hidden=True, help="The id the run gets, and the process that took what was asked for."
    ),
]
COUNTS = ("read", "landed", "unchanged", "quarantined")


def sync(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Sources to sync; all by default.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read everything again; finds what was deleted.")
    ] = False,
    confirm_deletions: Annotated[
        bool,
        typer.Option(
            "--confirm-deletions",
            help="Let everything through that went or changed at a source, however much.",
        ),
    ] = False,
    asked: OfAsked = None,
    as_json: AsJson = False,
) -> None:
    """Pull what changed, join it, publish one record per partner. Running it twice changes nothing."""
    config = configuration(context)
    names = chosen(config, sources)
    require_sources(config)
    log_to_stderr(debug=context.obj.debug)
    approver = by_command(user()) if confirm_deletions else ""
    report = run(
        config, names if sources else None, full=full, approver=approver, asked=asked, as_json=as_json
    )
    answer(report_data(report), lambda console: show_report(console, report), as_json=as_json)
    raise typer.Exit(report.exit_code)


def require_sources(config: HubConfig) -> None:
    """Raise FixSetup when there is nothing to sync."""
    from connectors.errors import FixSetup

    if not config.sources:
        raise FixSetup(
            code="no_sources",
            do=f"Put a source into {config.path}, or try `partnerhub demo`.",
            happened="There is nothing to sync: no source is configured.",
        )


def run(
    config: HubConfig,
    sources: list[str] | None,
    *,
    full: bool = False,
    approver: str = "",
    streams: Mapping[str, frozenset[str] | None] | None = None,
    only: Chosen | None = None,
    asked: tuple[str, int] | None = None,
    as_json: bool = False,
) -> SyncReport:
    """One watched run of the engine, as `RunOptions` says. Raises AlreadyRunning or Paused before anything runs.

    asked: the id the run gets, and the process that took it and with which it ends; None for one nobody asked for.
    """
    from pipelines.sessions import RunOptions
    from pipelines.sync import run_sync

    run_id, taker = asked or ("", 0)
    if taker:
        end_with(taker)
    trigger = "asked" if asked else "cli"
    with watching(as_json=as_json) as progress:
        options = RunOptions(trigger, full, approver, progress, streams or {}, only, run_id)
        return interruptible(config, lambda: run_sync(config, sources, options))


def report_data(report: SyncReport) -> dict[str, Any]:
    """What `sync --json` prints: stable keys, for scripts."""
    from warehouse.queries.runs import records_a_second

    return {
        "run_id": report.run_id,
        "state": report.state,
        "seconds": round(report.seconds, 2),
        "streams": [
            {
                "source": stream.source,
                "stream": stream.stream,
                "state": stream.state,
                **{name: getattr(stream, name) for name in COUNTS},
                "seconds": round(stream.seconds, 2),
                "records_a_second": records_a_second(stream.read, stream.seconds),
                "error": stream.error,
            }
            for stream in report.streams
        ],
        "steps": report.steps,
        "checks_failed": report.checks_failed,
        "field_notes": report.field_notes,
        "gaps": report.gaps,
        "paused": report.paused,
    }


def show_report(console: Console, report: SyncReport) -> None:
    """What happened per stream, then what a person should know."""
    console.print(stream_table(report))
    silent = sum(is_silent(stream) for stream in report.streams)
    if silent:
        console.print(
            f"  {counted(silent, 'more stream')} complete, with nothing new.", style="dim", markup=False
        )
    broken = (
        StreamError(each.source, each.stream, each.error["happened"] or "", each.error["do"] or "")
        for each in report.streams
        if each.error
    )
    for line in told_once(broken):
        prose(console, line)
    for line in next_commands(each.source for each in report.streams if each.error):
        prose(console, line)
    for check in report.checks_failed:
        prose(console, f"! check failed: {check}")
    for line in told_notes([*report.gaps, *report.field_notes]):
        prose(console, line)
    for name, facts in report.paused.items():
        until = f" until {moment(facts['until_at'])} UTC" if facts["until_at"] else ""
        prose(
            console,
            f"‖ {name} is paused{until} by {facts['actor']} and was not read → `partnerhub unpause {name}`",
        )
    removed = sum(stream.removed for stream in report.streams)
    if removed:
        console.print(f"  {counted(removed, 'record')} no longer at the source.", style="dim", markup=False)
    quarantined = sum(stream.quarantined for stream in report.streams)
    if quarantined:
        console.print(
            f"→ {counted(quarantined, 'record')} went into quarantine: `partnerhub errors` lists why.",
            markup=False,
        )
    took = " in " if report.state == "complete" else "; this took "
    prose(console, f"{conclusion(report)}{took}{duration(report.seconds)}, run {report.run_id}.")


def is_silent(stream: StreamReport) -> bool:
    """Whether there is nothing to say about a stream: it is complete and had nothing new."""
    return stream.state == "complete" and stream.read == 0 and stream.removed == 0


def stream_table(report: SyncReport) -> Any:
    """Per source and stream what was read, landed, unchanged, quarantined, and seconds."""
    columns = ("source", "stream", "state", *(f"#{name}" for name in COUNTS), "#seconds")
    rows: list[tuple[object, ...]] = [
        (
            some[0].source,
            some[0].stream if len(some) == 1 else f"{len(some):,} streams",
            state_words(some[0].state),
            *(sum(getattr(stream, name) for stream in some) for name in COUNTS),
            f"{sum(stream.seconds for stream in some):.1f}",
        )
        for some in told_together([stream for stream in report.streams if not is_silent(stream)])
    ]
    totals = (sum(getattr(stream, name) for stream in report.streams) for name in COUNTS)
    rows.append(("", "all", "", *totals, f"{report.seconds:.1f}"))
    return table(columns, rows)


def told_together(streams: list[StreamReport]) -> list[list[StreamReport]]:
    """Streams in the order they came; many of a source that ended alike, and brought no record, are one."""
    groups: dict[tuple[str, str, str], list[StreamReport]] = {}
    for stream in streams:
        apart = "" if stream.state != "complete" and not stream.read else stream.stream
        groups.setdefault((stream.source, stream.state, apart), []).append(stream)
    return [
        part
        for some in groups.values()
        for part in ([some] if len(some) > NAMED else [[one] for one in some])
    ]


def conclusion(report: SyncReport) -> str:
    """The state of the run in words."""
    return {
        "complete": "✓ Every stream is complete",
        "incomplete": "… Not everything is here yet; the next sync goes on from there",
        "needs_person": "! Somebody must act before this can go on",
    }.get(report.state, "✗ A stream failed; the others are up to date")
