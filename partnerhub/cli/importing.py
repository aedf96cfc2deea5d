"""`partnerhub import FILE`: look at a spreadsheet first, then make it a source of the hub."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.columns import column_choices
from partnerhub.cli.invocation import DEFAULT_CONFIG, AsJson, configuration, log_to_stderr
from partnerhub.cli.list_checks import known_already
from partnerhub.cli.output import answer

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.cli.preview import Preview
    from partnerhub.config import HubConfig

CONNECTOR: Final = "sheets"
NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what the rows would become.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help='Our field=their heading: name="Company". Repeat for more.'),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="Heading of the column that identifies a row for good.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Name of the source; made from the file's.")
    ] = None,
    partners: Annotated[bool, typer.Option("--partners", help="Every row is a partner.")] = False,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help="Where rows with problems are listed; beside the file by default."),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", help="With --dry-run: country of phone numbers without a code, DE."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a spreadsheet in as a source: a preview with --dry-run (needs no setup), else registered and synced."""
    from partnerhub.cli.preview import preview_source
    from partnerhub.cli.preview_page import show_preview

    config = hub_for(context, region, dry_run=dry_run)
    name = source_name(config, source, file)
    written = source_entry(config, file, column_choices(column), key)
    found = preview_source(with_source_added(config, name, written), name)
    listed = list_problems(errors or file.with_suffix(".errors.csv"), found)
    data = preview_data(name, found, listed, dry_run=dry_run)
    data["known"] = known_already(config, file, column_choices(column))
    if found.rows and not found.readable and not dry_run:
        raise typer.BadParameter(f"No row of {file.name} can be used; {listed} says why. {name_hint(found)}")
    if dry_run:
        unusable = found.rows and not found.readable
        hint = name_hint(found) if unusable else next_step(is_set_up=context.obj.config_path.exists())
        answer(data, lambda console: show_preview(console, data, file, hint), as_json=as_json)
        return
    register(config, name, written, partners=partners)
    log_to_stderr(debug=context.obj.debug)
    raise typer.Exit(land(context, name, data, as_json=as_json))


def next_step(*, is_set_up: bool) -> str:
    """How the previewed file comes in for good."""
    first = "The same command" if is_set_up else "`partnerhub init`, then the same command"
    return f"{first} without --dry-run brings it in; with --partners, every row is a partner."


def hub_for(context: typer.Context, region: str | None, *, dry_run: bool) -> HubConfig:
    """The hub a file would come into. A dry run needs none and then takes what `init` would write."""
    from partnerhub.config import HubConfig

    path = context.obj.config_path
    if region and not dry_run:
        raise typer.BadParameter(
            f"--region goes with --dry-run. Set `default_region` in {path.name} for good."
        )
    if dry_run and path == DEFAULT_CONFIG and not path.exists():
        config = HubConfig(path=path.absolute(), warehouse_url="")
    else:
        config = configuration(context, with_settings=False)
    return replace(config, default_region=region.upper()) if region else config


def list_problems(path: Path, found: Preview) -> Path | None:
    """Write the file of rows with problems and return where; None when there are none. Raises a usage error."""
    from partnerhub.cli.preview import write_problems

    if not found.problems:
        return None
    try:
        write_problems(path, found)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written. Name another place with --errors.") from error
    return path


def name_hint(found: Preview) -> str:
    """What to do when no column was recognized as the name."""
    if any(problem[1] == "missing_name" for problem in found.problems):
        return 'Say which column holds the name: --column name="…".'
    return "Mend the file, then import it again."


def source_name(config: HubConfig, given: str | None, file: Path) -> str:
    """The new source's name. Raises a usage error when it is taken or cannot be one."""
    name = given or re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")
    if given is None and not NAME.fullmatch(name):
        name = f"sheet_{name}".rstrip("_")
    if not NAME.fullmatch(name) or name == "hub":
        raise typer.BadParameter(
            f"`{name}` cannot be a source's name: lower-case letters, digits and _ only."
        )
    if name in config.sources:
        do = f"`partnerhub sync {name}` reads it again; give another one a name by --source."
        raise typer.BadParameter(f"There is already a source `{name}`. {do}")
    return name


def source_entry(
    config: HubConfig, file: Path, columns: dict[str, str], key: list[str] | None
) -> dict[str, Any]:
    """What stands in partnerhub.yaml for the file; its path relative where it lies beside the configuration."""
    path = file.absolute()
    shown = path.relative_to(config.folder) if path.is_relative_to(config.folder) else path
    entry: dict[str, Any] = {"connector": CONNECTOR, "path": str(shown)}
    if columns:
        entry["columns"] = columns
    if key:
        entry["key"] = list(key)
    return entry


def with_source_added(config: HubConfig, name: str, entry: dict[str, Any]) -> HubConfig:
    """The configuration as it would be with the file as a source."""
    from partnerhub.config import SourceConfig

    settings = {field: value for field, value in entry.items() if field != "connector"}
    settings["path"] = str(config.folder / settings["path"])
    return replace(config, sources={**config.sources, name: SourceConfig(name, CONNECTOR, settings)})


def register(config: HubConfig, name: str, entry: dict[str, Any], *, partners: bool) -> None:
    """Write the source into partnerhub.yaml, leaving everything else in it as it is."""
    from partnerhub.config.edit import with_source

    text = config.path.read_text(encoding="utf-8")
    changed = with_source(text, name, entry, partners=partners)
    beside = config.path.with_name(f".{config.path.name}.new")
    beside.write_text(changed, encoding="utf-8")
    beside.replace(config.path)


def land(context: typer.Context, name: str, data: dict[str, Any], *, as_json: bool) -> int:
    """Sync the new source; returns the exit code."""
    from partnerhub.cli.syncing import report_data, run, show_report

    config = configuration(context, with_settings=False)
    report = run(config, [name], as_json=as_json)

    def show(console: Console) -> None:
        console.print(f"`{name}` is now a source in {config.path}.", markup=False, soft_wrap=True)
        show_report(console, report)
        if data["errors_file"]:
            console.print(f"→ Rows with problems: {data['errors_file']}", markup=False, soft_wrap=True)

    answer({**data, "sync": report_data(report)}, show, as_json=as_json)
    return report.exit_code


def preview_data(name: str, found: Preview, listed: Path | None, *, dry_run: bool) -> dict[str, Any]:
    """Headings, counts, samples and findings as plain data."""
    return {
        "source": name,
        "dry_run": dry_run,
        "rows": found.rows,
        "readable": found.readable,
        "refused": found.refused,
        "headings": [each._asdict() for each in found.headings.values()],
        "samples": found.samples,
        "findings": [
            {"code": code, "field": where, "rows": count}
            for (code, where), count in found.findings.most_common()
        ],
        "errors_file": str(listed) if listed else None,
    }
