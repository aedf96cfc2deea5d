"""`partnerhub status`, `errors` and `mappings`: how the streams stand, what is wrong, which field goes where."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, Limit, configuration, existing, warehouse
from partnerhub.cli.naming import known_sources
from partnerhub.cli.output import answer, prose, table
from partnerhub.cli.stream_errors import named, next_commands

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.queries.health import Health
    from warehouse.queries.streams import StreamStatus


SPREADSHEET: Final = "sheets"
"""The connector whose fields stand in the headings of a file."""


def status(
    context: typer.Context,
    streams: Annotated[bool, typer.Option("--streams", help="A line for every stream.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how well sources and streams are: state, counts there and here, last success; what waits for a person."""
    from connectors.record import utc_text
    from partnerhub.cli.health_words import told_credentials, told_watch, watched
    from partnerhub.cli.status_page import show_status
    from partnerhub.cli.stream_errors import told_notes
    from pipelines.land.runs import find_abandoned
    from warehouse.queries.credentials import credentials
    from warehouse.queries.problems import field_notes
    from warehouse.queries.streams import stream_statuses

    config = configuration(context, with_settings=False)
    database, now = existing(config.warehouse_url), utc_text(datetime.now(UTC))
    find_abandoned(database, now)
    with database.session() as connection:
        lives = [each for each in credentials(connection, now) if each.source in config.sources]
        found, notes = stream_statuses(connection), field_notes(connection)
        health, watch = watched(connection, config)
    listed = [status_data(each, health.get((each.source, each.stream))) for each in found]
    data = {
        "warehouse": config.warehouse_label,
        "streams": listed,
        "field_notes": notes,
        "credentials": [each._asdict() for each in lives],
        "watch": asdict(watch),
    }

    def show(console: Console) -> None:
        show_status(console, config, found, health, every=streams)
        for line in (*told_credentials(lives), *told_watch(watch), *told_notes(notes)):
            prose(console, line)

    answer(data, show, as_json=as_json)


def status_data(status: StreamStatus, health: Health | None) -> dict[str, Any]:
    """One stream as `status --json` prints it; the cursor as JSON inside JSON."""
    cursor = json.loads(status.cursor) if status.cursor else None
    return {**asdict(status), "cursor": cursor, "health": asdict(health) if health else None}


def errors(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    severity: Annotated[
        list[str] | None, typer.Option("--severity", help="error, warning or finding; repeat for several.")
    ] = None,
    closed: Annotated[bool, typer.Option("--all", help="Also those that are resolved or discarded.")] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Count them by reason instead of listing them.")
    ] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List failures, quarantined records and findings, each with what to do."""
    from partnerhub.cli.reviewing import conflict_words
    from warehouse.queries.naming import names_of
    from warehouse.queries.pins import pin_conflicts
    from warehouse.queries.problems import SEVERITIES, count_problems, list_problems

    severities = tuple(severity or SEVERITIES)
    for given in set(severities) - set(SEVERITIES):
        raise typer.BadParameter(f"There is no severity `{given}`. Write one of: {', '.join(SEVERITIES)}.")
    only = tuple(sources or ())
    with warehouse(context).session() as connection:
        known_sources(context, connection, only)
        counts = count_problems(connection, sources=only, closed=closed)
        listed = list_problems(connection, sources=only, severities=severities, closed=closed, limit=limit)
        names = names_of(connection, (record_of(row) for row in listed))
        listed = [{**row, "called": names[record_of(row)]} for row in listed]
        conflicts = pin_conflicts(connection) if not only else []
    told = [{**asdict(each), "words": conflict_words(each)} for each in conflicts]
    data = {"counts": counts, "problems": listed, "pin_conflicts": told}
    answer(data, lambda console: show_errors(console, data, summary=summary), as_json=as_json)


def record_of(row: dict[str, Any]) -> str:
    """The key of what a problem is about: a record, a stream or a source."""
    return "/".join(part for part in (row["source"], row["stream"], row["source_id"]) if part)


def show_errors(console: Console, data: dict[str, list[dict[str, Any]]], *, summary: bool) -> None:
    """Either the counts by reason, or the problems themselves and how many more there are; contradicted pins first."""
    counts, listed = data["counts"], data["problems"]
    for conflict in data["pin_conflicts"]:
        for line in conflict["words"]:
            prose(console, line)
    if not counts:
        console.print("✓ Nothing else is wrong." if data["pin_conflicts"] else "✓ Nothing is wrong.")
        return
    if summary:
        columns = ("severity", "source", "stream", "code", "field", "#records", "what to do")
        keys = ("severity", "source", "stream", "code", "field", "records", "to_do")
        console.print(table(columns, ([row[key] for key in keys] for row in counts)))
        return
    for rows in alike(listed):
        row = rows[0]
        called = (
            row["called"] if len(rows) == 1 else f"{row['source']} {named([one['stream'] for one in rows])}"
        )
        field = f" {row['field']}" if row["field"] else ""
        sample = f" ({row['sample']})" if row["sample"] else ""
        prose(console, f"{row['severity']}  {called}{field}  {row['code']}: {row['happened']}{sample}")
        prose(console, f"→ {row['to_do']}", indent=2)
    broken = [row["source"] for row in listed if row["severity"] == "error" and not row["source_id"]]
    for line in next_commands(broken):
        prose(console, line)
    total = sum(row["records"] for row in counts)
    if total > len(listed):
        console.print(
            f"… {len(listed):,} of {total:,} shown; `partnerhub errors --summary` counts them by reason."
        )


def alike(listed: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Problems in the order they came; those of several streams of a source that say the same are one."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in listed:
        same = ("severity", "source", "source_id", "code", "field", "happened", "sample", "to_do")
        of_record = row["stream"] if row["source_id"] else ""
        groups.setdefault((of_record, *(row[name] for name in same)), []).append(row)
    return groups.values()


def mappings(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    gone: Annotated[
        str | None,
        typer.Option(
            "--let-go", help="STREAM.FIELD: give up the last values of a field that went away there."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every field: where it comes from, where it goes, how it is cleaned. Or let go of one that went away."""
    from partnerhub.cli.setup import chosen

    if gone is not None:
        let_field_go(context, sources, gone, as_json=as_json)
        return
    config = configuration(context, with_settings=False)
    rows = [
        row for name in chosen(config, sources) for row in (*catalog(config, name), *recognized(config, name))
    ]

    def show(console: Console) -> None:
        columns = ("source", "stream", "source field", "kind", "field", "cleaner", "required")
        keys = ("source", "stream", "path", "kind", "target", "cleaner", "required")
        cells = (
            [("yes" if row[key] else "") if key == "required" else row[key] for key in keys] for row in rows
        )
        console.print(table(columns, cells))

    answer(rows, show, as_json=as_json)


def let_field_go(context: typer.Context, sources: list[str] | None, gone: str, *, as_json: bool) -> None:
    """A person's decision about what became of a field. Raises NotFound when it is what it was."""
    from partnerhub.cli.stewardship import by_command, now_text, user
    from warehouse.commands.let_go import let_go

    stream, _, name = gone.partition(".")
    if not sources or len(sources) != 1 or not name:
        raise typer.BadParameter("Name one source and STREAM.FIELD.")
    with warehouse(context).session() as connection:
        known_sources(context, connection, sources)
        news = let_go(connection, (sources[0], stream, name), actor=by_command(user()), now=now_text())

    def show(console: Console) -> None:
        said = "✓ Accepted" if news else "It was accepted before"
        console.print(f"{said}: {name} of {stream}.", markup=False)
        console.print(f"→ `partnerhub sync {sources[0]}` publishes what follows from it.", markup=False)

    answer({"let_go": gone, "source": sources[0], "news": news}, show, as_json=as_json)


def recognized(config: HubConfig, name: str) -> list[dict[str, Any]]:
    """The headings of a spreadsheet and the fields they stand for; nothing for other sources or an absent file."""
    from connectors.errors import SyncError
    from partnerhub.cli.importing import with_source_added
    from partnerhub.cli.preview import columns_of_file
    from partnerhub.config.last_word import last_word

    source = config.sources[name]
    if source.connector != SPREADSHEET:
        return []
    connector = with_source_added(config, name, dict(source.settings)).connector(name)
    try:
        columns = columns_of_file(connector, source.settings)
    except SyncError:
        return []
    stream = connector.streams()[0].name
    return [
        {
            "source": name,
            "stream": stream,
            "path": each.heading,
            "kind": "organization",
            "target": each.field,
            "cleaner": "",
            "required": False,
            "owner": last_word(config, "organization", each.field),
        }
        for each in columns.values()
    ]


def catalog(config: HubConfig, name: str) -> list[dict[str, Any]]:
    """The mapping rows of one source with this deployment's overrides."""
    from mappings.catalog import field_catalog
    from mappings.discover import mapping_for
    from partnerhub.config.last_word import last_word

    source = config.sources[name]
    mapping = mapping_for(source.connector).with_settings(source.settings)
    kinds = {stream: declared.kind for stream, declared in mapping.streams.items()}
    names = {*mapping.streams, *source.fields} - {""}
    overrides: dict[str, Any] = {
        stream: source.fields_of(stream, organizations=kinds.get(stream) == "organization")
        for stream in names
    }
    if mapping.default:
        overrides["*"] = source.fields_of("*", organizations=mapping.default.kind == "organization")
    return [
        {**row._asdict(), "owner": row.owner or last_word(config, row.kind, row.target)}
        for row in field_catalog(mapping, overrides, name)
    ]
