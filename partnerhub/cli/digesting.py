"""`partnerhub digest`: how every connection is today, on the screen, as JSON, or to everybody who is told of alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer, prose

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.config import HubConfig


def digest(
    context: typer.Context,
    send: Annotated[
        bool, typer.Option("--send", help="Send it by every channel of `alerts:` it did not go out by today.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell how every connection is: what waits for whom, with the next command; lag, errors, quota, credentials.

    Exits 3 when somebody must act, or when a channel did not take it.
    """
    from pipelines.alerts.digest import digest_of
    from pipelines.alerts.digest_words import data, headline, lines

    config = configuration(context, with_settings=send)
    log_to_stderr(debug=context.obj.debug)
    database, sent = existing(config.warehouse_url), told(config) if send else {}
    with database.session() as connection:
        found = digest_of(config, connection, datetime.now(UTC))
    shown = {**data(found), **({"sent": sent} if send else {})}

    def show(console: Console) -> None:
        console.print(f"{found.at[:16].replace('T', ' ')} UTC: {headline(found)}.", markup=False)
        for line in lines(found, every=True):
            indent = len(line) - len(line.lstrip())
            prose(console, line.strip(), indent=indent)
        if send:
            show_sent(console, sent)

    answer(shown, show, as_json=as_json)
    acts = not found.is_quiet or any(sent.values())
    raise typer.Exit(exit_codes.NEEDS_PERSON if acts else exit_codes.COMPLETE)


def told(config: HubConfig) -> dict[str, str | None]:
    """Send it; channel → why it did not arrive. Raises a usage error where nobody is told of anything."""
    from pipelines.alerts.daily import send_digest

    if not config.alerts.channels:
        do = "Put one under `alerts:` in partnerhub.yaml; docs/operate/monitoring.md shows how."
        raise typer.BadParameter(f"No channel is configured. {do}")
    return send_digest(config)


def show_sent(console: Console, sent: dict[str, Any]) -> None:
    """By which channels it went."""
    for channel, failure in sent.items():
        prose(console, f"✗ {channel}: {failure}" if failure else f"✓ {channel}: taken.")
    if not sent:
        console.print("✓ It went out by every channel today already.", markup=False)
