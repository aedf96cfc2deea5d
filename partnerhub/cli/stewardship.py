"""`partnerhub decide` and `redact`: what a person says outranks every source and every score."""

from __future__ import annotations

import getpass
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar
from uuid import uuid4

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, counted, printable, prose

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.database import Connection

REDACTION_SECRET: Final = "redaction_secret"  # noqa: S105  # the name of a row, not its value
SECRET_BYTES: Final = 32

Outcome = TypeVar("Outcome")


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


def by_command(actor: str) -> str:
    """Who says so, with who ran the command: that one the audit log names."""
    from warehouse.commands.audit import ByCommand

    return ByCommand(actor, user())


Actor: TypeAlias = Annotated[
    str, typer.Option("--actor", help="Who says so.", default_factory=user, callback=by_command)
]
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
    from warehouse.commands.decide import decide_pair

    config = configuration(context, with_settings=False)
    now = now_text()

    def say(connection: Connection) -> bool:
        return decide_pair(connection, left, right, str(verdict), actor=actor, now=now, reason=reason)

    news, again = carried_out(config, now, say)
    data = {
        "left": left,
        "right": right,
        "verdict": str(verdict),
        "news": news,
        "organizations_published": again,
    }

    def show(console: Console) -> None:
        line = (
            f"{left} and {right}: {verdict}, says {actor}. {counted(again, 'organization')} published again."
        )
        console.print(
            printable(line if news else f"That was known already: {verdict}."), markup=False, soft_wrap=True
        )

    answer(data, show, as_json=as_json)


def redact(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="Record key: hubspot/contacts/42.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the record.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Blank everything a record ever said and people wrote of it, for good; list what else may name whom it named."""
    from warehouse.commands.forget_words import Remaining, remaining
    from warehouse.commands.redact import redact_record

    source, _, rest = record.partition("/")
    stream, _, source_id = rest.partition("/")
    if not source_id:
        raise typer.BadParameter(f"`{record}` is not a record key. Write it as source/stream/id.")
    if not yes and not as_json:
        typer.confirm(f"Blank every version of {printable(record)}? This cannot be undone", abort=True)
    config = configuration(context, with_settings=False)
    now = now_text()

    def blank(connection: Connection) -> tuple[int, list[Remaining]]:
        from warehouse.commands.audit import Deed, did

        left, secret = remaining(connection, record), redaction_secret(connection)
        blanked = redact_record(connection, source, stream, source_id, reason=reason, secret=secret, now=now)
        did(
            connection,
            now,
            by_command(user()),
            Deed("record.redact", f"record:{record}", {"versions": blanked}),
        )
        return blanked, left

    (blanked, left), again = carried_out(config, now, blank)
    data = {
        "record": record, "versions_blanked": blanked, "organizations_published": again,
        "remaining": [each._asdict() for each in left],
    }  # fmt: skip

    def show(console: Console) -> None:
        line = f"Blanked {counted(blanked, 'version')} of {record}; {counted(again, 'organization')} published again."
        console.print(printable(line), markup=False, soft_wrap=True)
        if left:
            prose(
                console, f"! {counted(len(left), 'text')} people wrote near it may still name whom it named:"
            )
        for each in left:
            prose(console, f"{each.what}: {each.why} → {each.look}", indent=2)

    answer(data, show, as_json=as_json)


def redaction_secret(connection: Connection) -> bytes:
    """The hub's own key for hashes of what was redacted; made on first use. Call it inside a transaction."""
    found = connection.one("SELECT value FROM hub_state WHERE name = ?", (REDACTION_SECRET,))
    if found:
        return bytes.fromhex(str(found[0]))
    made = secrets.token_bytes(SECRET_BYTES)
    connection.execute("INSERT INTO hub_state (name, value) VALUES (?, ?)", (REDACTION_SECRET, made.hex()))
    return made


def carried_out(
    config: HubConfig,
    now: str,
    command: Callable[[Connection], Outcome],
    *,
    waits: timedelta | None = None,
) -> tuple[Outcome, int]:
    """Run a command and publish what it touched, in one transaction; its outcome, and the organizations reached.

    What needs a person is looked at again at once. waits: how long whoever writes is waited for; None: to the end.
    """
    from pipelines.golden.publish import carry_out
    from pipelines.settings import publish_settings, signal_settings
    from pipelines.signals.evaluate import evaluate_after

    database = replace(existing(config.warehouse_url), waits=waits)
    outcome, counts = carry_out(database, publish_settings(config), str(uuid4()), now, command)
    evaluate_after(database, signal_settings(config), now)
    return outcome, counts.organizations


def now_text() -> str:
    """Now, as the hub's UTC text."""
    from connectors.record import utc_text

    return utc_text(datetime.now(UTC))
