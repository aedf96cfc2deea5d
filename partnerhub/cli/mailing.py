"""`partnerhub mail`: how much of a mailbox, or of one conversation, others than its owner see."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, printable, prose, table
from partnerhub.cli.stewardship import Actor, now_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.database import Connection

mail = typer.Typer(help="How much of their mail people show to others.", no_args_is_help=True)
LEAST: Final = "metadata with partners, else private"


class Shown(StrEnum):
    """How much others see; `default`: as partnerhub.yaml says."""

    EVERYTHING = "everything"
    SUBJECT = "subject"
    METADATA = "metadata"
    PRIVATE = "private"
    DEFAULT = "default"


@mail.command()
def visibility(
    context: typer.Context,
    actor: Actor,
    of: Annotated[
        str | None, typer.Argument(help="A mailbox's address, or the id of a mail for its conversation.")
    ] = None,
    level: Annotated[Shown | None, typer.Argument(help="What others see of it from now on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what others see of each mailbox; or set it for one, or for one conversation."""
    from warehouse.commands.accounts import By
    from warehouse.commands.mail_visibility import set_mailbox, set_thread

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    if of is None:
        with database.session() as connection:
            levels = {name: source.mail_visibility for name, source in config.sources.items()}
            rows = mailboxes(connection, levels)
        answer(rows, lambda console: show(console, rows), as_json=as_json)
        return
    if level is None:
        raise typer.BadParameter(
            "Say also what others shall see: everything, subject, metadata, private or default."
        )
    written = None if level is Shown.DEFAULT else str(level)
    with database.session() as connection, connection.transaction():
        change = set_mailbox if "@" in of else set_thread
        change(connection, of, written, By(actor, now_text()))
    line = f"Others see of {of}: {LEAST if written is None else written}."
    answer({"of": of, "level": written}, lambda console: say(console, line), as_json=as_json)


@mail.command()
def blocked(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what `blocked` keeps out of each mailbox: how many mails, and which of them landed before the rule."""
    from warehouse.queries.blocked_mail import held, left_out

    config = configuration(context)
    boxes = {
        name: source.settings["blocked"]
        for name, source in config.sources.items()
        if source.settings.get("blocked")
    }
    rows = []
    with existing(config.warehouse_url).session() as connection:
        for name, rules in boxes.items():
            found = held(connection, name, covers(config, name))
            rows.append(
                {
                    "source": name,
                    "blocked": list(rules),
                    "left_out": left_out(connection, name),
                    "held": [each._asdict() for each in found],
                }
            )
    answer({"mailboxes": rows}, lambda console: show_blocked(console, rows), as_json=as_json)


def covers(config: HubConfig, source: str) -> Callable[[str], bool]:
    """Whether an address is blocked for a mailbox, as its connector understands the rules."""
    declines = config.connector(source).declines
    return lambda address: declines({"header": f"From: {address}\r\n"})


def show_blocked(console: Console, rows: list[dict[str, Any]]) -> None:
    """One line for each mailbox, then what landed before and how it goes."""
    lines = [(row["source"], ", ".join(row["blocked"]), row["left_out"], len(row["held"])) for row in rows]
    console.print(table(("Source", "Blocked", "#Left out", "#Landed before"), lines))
    for row in rows:
        for each in row["held"]:
            prose(console, f"→ `partnerhub redact {shlex.quote(each['record'])} --reason blocked`")
    first = next((each["fact_id"] for row in rows for each in row["held"]), None)
    if first is not None:
        prose(
            console,
            "These landed before the rule, and stay until they are redacted, which is for good. To hide one from"
            f" others at once: `partnerhub mail visibility {first} private`.",
        )


def mailboxes(connection: Connection, levels: dict[str, str | None]) -> list[dict[str, str | None]]:
    """Every source that holds mail, what its settings say and what somebody set by hand."""
    from warehouse.queries.mail_sight import MAILBOX, set_by_hand, sources_with_mail

    found = sources_with_mail(connection)
    by_hand = set_by_hand(connection, MAILBOX, [address for _, address in found])
    return [
        {
            "source": source,
            "mailbox": address,
            "setting": levels.get(source),
            "by_hand": by_hand[address].name.lower() if address in by_hand else None,
        }
        for source, address in found
    ]


def show(console: Console, rows: list[dict[str, str | None]]) -> None:
    """One line for each."""
    lines = [
        (
            row["source"],
            row["mailbox"],
            row["setting"],
            row["by_hand"],
            row["by_hand"] or row["setting"] or LEAST,
        )
        for row in rows
    ]
    console.print(table(("Source", "Mailbox", "partnerhub.yaml", "By hand", "Others see"), lines))


def say(console: Console, line: str) -> None:
    """One line."""
    console.print(printable(line), markup=False, soft_wrap=True)
