"""`partnerhub log`: calls, meetings, notes, agreements and commitments entered by hand, seen at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, printable
from partnerhub.cli.stewardship import Actor, now_text
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.commands.enter import EntryIncomplete

Partner: TypeAlias = Annotated[str, typer.Argument(help="Name, part of it, domain or id.")]
When: TypeAlias = Annotated[
    str | None,
    typer.Option("--when", help="When it happened, UTC: 2026-09-01 or 2026-09-01T14:30Z. Required."),
]
With: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--with", help="Name or address of who took part; again for each. Required."),
]
Said: TypeAlias = Annotated[
    str | None, typer.Option("--text", help="What was said; `-` reads it from standard input. Required.")
]
Words: TypeAlias = Annotated[str | None, typer.Option("--text", help="More words; `-` reads standard input.")]
Subject: TypeAlias = Annotated[str | None, typer.Option("--subject", help="What it is called.")]
Direction: TypeAlias = Annotated[str | None, typer.Option("--direction", help="in, out or internal.")]
EntryId: TypeAlias = Annotated[
    str | None, typer.Option("--entry", help="Id of an entry of before: this becomes its new version.")
]

log = typer.Typer(
    help="Enter a call, meeting, note, agreement or commitment by hand; it shows at once.",
    no_args_is_help=True,
)
OPTIONS: Final = {
    "happened_at": "--when", "participants": "--with", "text": "--text", "starts_on": "--start", "ends_on": "--end",
    "renews_on": "--renews", "due_on": "--due", "title": "TITLE",
    "subject": "--subject",
}  # fmt: skip
"""Field → how the command line spells it."""


@log.command()
def call(
    context: typer.Context,
    partner: Partner,
    actor: Actor,
    when: When = None,
    people: With = None,
    text: Said = None,
    subject: Subject = None,
    direction: Direction = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log a call: when, with whom, what was said."""
    said = {"happened_at": moment_of(when), "text": words(text), "subject": subject, "direction": direction}
    record(context, "call", partner, said, people, actor=actor, entry_id=entry, as_json=as_json)


@log.command()
def meeting(
    context: typer.Context,
    partner: Partner,
    actor: Actor,
    when: When = None,
    people: With = None,
    text: Said = None,
    subject: Subject = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log a meeting: when, with whom, what was said."""
    said = {"happened_at": moment_of(when), "text": words(text), "subject": subject}
    record(context, "meeting", partner, said, people, actor=actor, entry_id=entry, as_json=as_json)


@log.command()
def note(
    context: typer.Context,
    partner: Partner,
    actor: Actor,
    text: Said = None,
    when: Annotated[
        str | None, typer.Option("--when", help="Of when it is, UTC; now where it is not said.")
    ] = None,
    subject: Subject = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log a note."""
    said = {"happened_at": moment_of(when) or now_text(), "text": words(text), "subject": subject}
    record(context, "note", partner, said, None, actor=actor, entry_id=entry, as_json=as_json)


@log.command()
def agreement(
    context: typer.Context,
    partner: Partner,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    actor: Actor,
    start: Annotated[str | None, typer.Option("--start", help="2026-09-01. Required.")] = None,
    end: Annotated[
        str | None, typer.Option("--end", help="2027-08-31. Required, unless it is said when it renews.")
    ] = None,
    renews: Annotated[str | None, typer.Option("--renews", help="When it is next renewed.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="contract, amendment, nda, …")] = None,
    status: Annotated[str | None, typer.Option("--status", help="As you call it: active, draft, …")] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="With its currency: 480k USD.")] = None,
    text: Words = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log an agreement: title, start, end or renewal."""
    said = {
        "title": title, "starts_on": start, "ends_on": end, "renews_on": renews, "kind": kind or "contract",
        "status": status, "text": words(text), **amount_of(context, amount),
    }  # fmt: skip
    record(context, "agreement", partner, said, None, actor=actor, entry_id=entry, as_json=as_json)


@log.command()
def commitment(
    context: typer.Context,
    partner: Partner,
    title: Annotated[str, typer.Argument(help="What was promised.")],
    actor: Actor,
    due: Annotated[str | None, typer.Option("--due", help="By when: 2026-09-01. Required.")] = None,
    promised: Annotated[str | None, typer.Option("--promised", help="When it was promised.")] = None,
    done: Annotated[str | None, typer.Option("--done", help="When it was kept.")] = None,
    agreement_record: Annotated[
        str | None, typer.Option("--agreement", help="Record key of the agreement it is part of.")
    ] = None,
    text: Words = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log a commitment: what was promised, by when."""
    said = {
        "title": title, "due_on": due, "promised_on": promised, "done_on": done,
        "agreement_record": agreement_record, "text": words(text),
    }  # fmt: skip
    record(context, "commitment", partner, said, None, actor=actor, entry_id=entry, as_json=as_json)


@log.command("entry")
def any_entry(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            help="check_in, review, visit, message, task, deliverable, document, outcome, ticket, quality_report, deal,"
            " order, training, certification, campaign or joint_project."
        ),
    ],
    partner: Partner,
    actor: Actor,
    when: When = None,
    until: Annotated[str | None, typer.Option("--until", help="When it ended, UTC.")] = None,
    people: With = None,
    subject: Subject = None,
    text: Words = None,
    direction: Direction = None,
    entry: EntryId = None,
    as_json: AsJson = False,
) -> None:
    """Log anything else that has a template: what it must say is told at once."""
    said = {
        "happened_at": moment_of(when), "ended_at": moment_of(until), "text": words(text), "subject": subject,
        "direction": direction,
    }  # fmt: skip
    record(context, kind, partner, said, people, actor=actor, entry_id=entry, as_json=as_json)


def record(
    context: typer.Context,
    kind: str,
    partner: str,
    said: dict[str, Any],
    people: list[str] | None,
    *,
    actor: str,
    entry_id: str | None,
    as_json: bool,
) -> None:
    """Land, publish and confirm one entry. What it lacks is told at once, in the words of the command line."""
    from partnerhub.cli.partners import one_of
    from pipelines.entering import enter_now
    from warehouse.commands.enter import Entry, EntryIncomplete, about_organization
    from warehouse.queries.people import person_meant

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    with database.session() as connection:
        found = one_of(connection, partner, as_json=as_json)
        about = about_organization(connection, found.organization_id)
        if people:
            said["participants"] = [
                person_meant(OPERATOR, connection, found.organization_id, each) for each in people
            ]
    try:
        key = enter_now(
            database, config, Entry(kind, about, said), actor=actor, now=now_text(), entry_id=entry_id
        )
    except EntryIncomplete as error:
        raise in_options(error) from error
    data = {
        "record": key,
        "entry": key.rpartition("/")[2],
        "kind": kind,
        "organization_id": found.organization_id,
        "organization": found.name,
    }

    def show(console: Console) -> None:
        console.print(printable(f"Logged a {kind} with {found.name}: {key}."), markup=False, soft_wrap=True)

    answer(data, show, as_json=as_json)


def in_options(error: EntryIncomplete) -> EntryIncomplete:
    """The same complaint, with the options that mend it."""
    from warehouse.commands.enter import EntryIncomplete

    needed = [" or ".join(OPTIONS.get(name, name) for name in group) for group in error.missing]
    return EntryIncomplete(error.kind, error.missing, f"Add {', '.join(needed)}.")


def words(text: str | None) -> str | None:
    """The text of an entry; `-` stands for standard input."""
    return sys.stdin.read().strip() if text == "-" else text


def moment_of(written: str | None) -> str | None:
    """A time as the hub's UTC text; a date alone is its midnight. Raises a usage error."""
    from partnerhub.cli.partners import DATE, end_of

    if written is None:
        return None
    if DATE.fullmatch(written):
        return f"{written}T00:00:00.000000Z"
    return end_of(written, option="--when")


def amount_of(context: typer.Context, written: str | None) -> dict[str, Any]:
    """An amount in minor units with its currency, by default the hub's own. Raises a usage error."""
    if written is None:
        return {}
    from mappings.clean.money import amount_minor, currency_meant
    from mappings.clean.unreadable import Unreadable

    currency = currency_meant(written, configuration(context, with_settings=False).default_currency)
    try:
        return {"amount_minor": amount_minor(written, currency), "currency": currency}
    except Unreadable:
        raise typer.BadParameter(
            f"`--amount {written}` is not an amount. Write it as `480k USD` or `1200.50 EUR`."
        ) from None
