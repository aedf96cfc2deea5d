"""`partnerhub doctor`: is everything this hub stands on sound, and if not, what mends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, configuration
from partnerhub.cli.output import answer, counted, prose
from partnerhub.cli.setup import PARALLEL_CHECKS, check_source, pinned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from partnerhub.config import HubConfig
    from pipelines.doctor.findings import Finding

MARKS: Final = {"ok": "✓", "warning": "!", "broken": "✗"}
STYLES: Final = {"ok": "", "warning": "yellow", "broken": "red"}


def doctor(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no source; look at this machine only.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at all the hub stands on: database, disk, clock, keys, ports, versions, sources; each with its fix."""
    config = configuration(context)
    found = list(looked_at(config, offline=offline))
    answer(
        {"findings": [each._asdict() for each in found]},
        lambda console: show(console, found),
        as_json=as_json,
    )
    raise typer.Exit(exit_code(found))


def looked_at(config: HubConfig, *, offline: bool) -> Iterator[Finding]:
    """One finding per thing."""
    from pipelines.doctor.findings import ok
    from pipelines.doctor.machine import look_at_machine
    from pipelines.doctor.warehouse import look_at_warehouse

    yield ok("configuration", f"{config.path.name} is right; every reference leads somewhere.")
    yield from look_at_machine(config)
    yield from look_at_warehouse(config.warehouse_url)
    yield from look_at_credentials(config)
    if not offline:
        yield from look_at_sources(config)


def look_at_credentials(config: HubConfig) -> Iterator[Finding]:
    """How long what each source signs in with still lives."""
    from connectors.record import utc_text
    from pipelines.doctor.findings import broken, ok, warning
    from pipelines.health.credentials import credentials_of

    for each in credentials_of(config, utc_text(datetime.now(UTC))):
        topic = f"credential {each.source}"
        if each.state == "over":
            yield broken(topic, each.happened, each.to_do)
        elif each.to_do:
            yield warning(topic, each.happened, each.to_do)
        else:
            yield ok(topic, each.happened)


def look_at_sources(config: HubConfig) -> Iterator[Finding]:
    """Reachability, credentials, scopes and account of each source, all asked at once."""
    from pipelines.doctor.findings import broken, ok, warning

    pins = pinned(config)
    with ThreadPoolExecutor(max_workers=PARALLEL_CHECKS) as pool:
        for found in pool.map(lambda name: check_source(config, name, pins.get(name, "")), config.sources):
            topic = f"source {found.source}"
            if found.state == "ok":
                yield ok(topic, f"answers as {found.account}.")
            elif found.state == "broken":
                yield broken(topic, found.happened, found.do)
            else:
                yield warning(topic, found.happened, found.do)


def show(console: Console, found: list[Finding]) -> None:
    """A line each; what mends it below."""
    for each in found:
        prose(console, f"{MARKS[each.state]} {each.topic}: {each.said}", style=STYLES[each.state])
        if each.fix:
            prose(console, f"→ {each.fix}", indent=2)
    bad = sum(each.state != "ok" for each in found)
    console.print(f"{counted(bad, 'thing')} to look at." if bad else "✓ All is sound.", markup=False)


def exit_code(found: list[Finding]) -> int:
    """0 when nothing is broken, 3 when a person must act."""
    return exit_codes.NEEDS_PERSON if any(each.state == "broken" for each in found) else exit_codes.COMPLETE
