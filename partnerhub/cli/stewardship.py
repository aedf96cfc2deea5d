"""`partnerhub decide` and `redact`: what a person says outranks every source and every score."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, printable

if TYPE_CHECKING:
    from rich.console import Console


class Verdict(StrEnum):
    """What a person may say about two records."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


def user() -> str:
    """Who runs this command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


Actor: TypeAlias = Annotated[str, typer.Option("--actor", help="Who says so.", default_factory=user)]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", help="Why, for those who ask later.")]


def decide(
    context: typer.Context,
    left: Annotated[str, typer.Argument(help="Record key as `show --why` prints it: hubspot/companies/42.")],
    right: Annotated[str, typer.Argument(help="The other record's key.")],
    verdict: Annotated[Verdict, typer.Argument(help="Are they the same organization?")],
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Say whether two records are the same organization; outranks every score, for ever."""
    from pipelines.settings import publish_settings
    from warehouse.commands.decide import decide_pair
    from warehouse.database import Database

    config = configuration(context, with_settings=False)
    database: Database = existing(config.warehouse_url)
    done = decide_pair(
        database, publish_settings(config), left, right, str(verdict), actor=actor, reason=reason
    )
    data = {"left": left, "right": right, "verdict": str(verdict), "outcome": done}

    def show(console: Console) -> None:
        console.print(
            f"Kept: {printable(left)} and {printable(right)} are {verdict}.", markup=False, soft_wrap=True
        )

    answer(data, show, as_json=as_json)


def redact(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="Record key: hubspot/contacts/42.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the record.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Blank everything a record ever said, for good; a later sync keeps it blank."""
    from warehouse.commands.redact import redact_record

    parts = record.split("/", 2)
    if len(parts) != len(("source", "stream", "id")):
        raise typer.BadParameter(f"`{record}` is not a record key. Write it as source/stream/id.")
    if not yes and not as_json:
        typer.confirm(f"Blank every version of {printable(record)}? This cannot be undone", abort=True)
    database = existing(configuration(context, with_settings=False).warehouse_url)
    now = datetime.now(UTC)
    done = redact_record(database, *parts, reason=reason, now=now)
    data = {"record": record, "outcome": done}
    answer(
        data, lambda console: console.print(f"Blanked {printable(record)}.", markup=False), as_json=as_json
    )
