"""`partnerhub alerts`: what is open, whether the channels work, and a look at the hub's health right now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, Limit, alone, configuration, existing, log_to_stderr, warehouse
from partnerhub.cli.output import answer, counted, moment, prose

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.health import HealthReport


alerts = typer.Typer(
    no_args_is_help=False, help="Incidents that need a person, and by which channels they are told."
)


@alerts.callback(invoke_without_command=True)
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is open when nothing else is asked for."""
    if alone(context, as_json=as_json):
        ls(context, closed=False, limit=50, as_json=as_json)


@alerts.command("ls")
def ls(
    context: typer.Context,
    closed: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List incidents, the newest first: what is wrong since when, what to do, who was told."""
    from warehouse.queries.incidents import list_incidents

    with warehouse(context).session() as connection:
        found = list_incidents(connection, closed=closed, limit=limit)

    def show(console: Console) -> None:
        for row in found:
            show_incident(console, row)
        if not found:
            console.print("✓ No incident is open.")

    answer({"incidents": found}, show, as_json=as_json)


def show_incident(console: Console, row: dict[str, Any]) -> None:
    """What happened, what to do, who knows."""
    over = f", over since {moment(row['closed_at'])}" if row["closed_at"] else ""
    named = f" ({', '.join(filter(None, row['streams']))})" if any(row["streams"]) else ""
    prose(console, f"{row['source']}{named}  {row['code']}, since {moment(row['opened_at'])} UTC{over}")
    prose(console, row["happened"], indent=2)
    if not row["closed_at"]:
        prose(console, f"→ {row['to_do']}", indent=2)
    for each in row["alerts"]:
        arrived = f"told {moment(each['delivered_at'])}" if each["delivered_at"] else each["failure"]
        prose(console, f"{each['channel']} ({each['about']}): {arrived}", indent=2, style="dim")


@alerts.command("test")
def try_channels(context: typer.Context, as_json: AsJson = False) -> None:
    """Send a test message by every channel and say what became of it. Exits 3 when one did not arrive."""
    from pipelines.alerts.trial import send_tests

    config = configuration(context)
    log_to_stderr(debug=context.obj.debug)
    if not config.alerts.channels:
        do = "Put one under `alerts:` in partnerhub.yaml; docs/operate/monitoring.md shows how."
        raise typer.BadParameter(f"No channel is configured. {do}")
    found = send_tests(existing(config.warehouse_url), config.alerts, datetime.now(UTC))

    def show(console: Console) -> None:
        for channel, failure in found.items():
            prose(console, f"✗ {channel}: {failure}" if failure else f"✓ {channel}: taken.")

    answer({"channels": found}, show, as_json=as_json)
    raise typer.Exit(exit_codes.NEEDS_PERSON if any(found.values()) else exit_codes.COMPLETE)


@alerts.command("run")
def run(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at every stream now, open and close incidents, tell people: what the schedule does every ten minutes.

    Exits 3 when an incident is open.
    """
    from pipelines.health import look

    config = configuration(context)
    log_to_stderr(debug=context.obj.debug)
    report = look(config)
    data = {
        "streams": [asdict(each) for each in report.streams],
        "watch": asdict(report.watch),
        "abandoned": report.abandoned,
        "told": report.told,
    }
    channels = len(config.alerts.channels)
    answer(data, lambda console: show_report(console, report, channels), as_json=as_json)
    raise typer.Exit(exit_codes.NEEDS_PERSON if report.watch.incidents else exit_codes.COMPLETE)


def show_report(console: Console, report: HealthReport, channels: int) -> None:
    """How many streams are how well, what is open, who was told. channels: by how many ways people are told."""
    words = "; ".join(f"{count:,} {word}" for word, count in report.counted().items())
    console.print(f"{counted(len(report.streams), 'stream')}: {words or 'none yet'}.", markup=False)
    if report.abandoned:
        console.print(f"{counted(len(report.abandoned), 'run')} found dead and closed.", markup=False)
    for each in report.watch.incidents:
        prose(console, f"! {each['source']}: {each['happened']} → {each['to_do']}")
    for each in report.watch.failing:
        prose(console, f"! {each['channel']}: {each['failure']}")
    if channels:
        console.print(f"{counted(report.told, 'message')} sent.", markup=False)
    else:
        do = "put a channel under `alerts:` in partnerhub.yaml, then `partnerhub alerts test`."
        prose(console, f"! Nobody is told of incidents: no channel is configured → {do}")
