"""`partnerhub pin`, `unpin`, `attach` and `detach`: a person's word on one value, or on where one fact belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.acting import acted
from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, printable, prose
from partnerhub.cli.partners import one_of
from partnerhub.cli.stewardship import Actor, Reason, now_text
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection

Partner = Annotated[str, typer.Argument(help="Name, part of it, domain or id.")]
Field = Annotated[str, typer.Argument(help="A field as `show` names it: tier, phone, custom.segment.")]
Fact = Annotated[str, typer.Argument(help="Id of the fact, as `unmatched --json` or `show --json` has it.")]


def pin(
    context: typer.Context,
    partner: Partner,
    field: Field,
    actor: Actor,
    value: Annotated[str | None, typer.Argument(help="What it shall be.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Keep the field empty.")] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Set one value of a partner; no source overwrites it, and one that says something new is a conflict."""
    if (value is None) != empty:
        raise typer.BadParameter("Give a value, or `--empty` to keep the field empty.")
    from warehouse.commands.pin import pin_value

    with warehouse(context).session() as connection:
        found = one_of(connection, partner, as_json=as_json)
    now = now_text()

    def say(connection: Connection) -> bool:
        return pin_value(connection, found.organization_id, field, value, actor=actor, now=now, reason=reason)

    data = told(context, found.organization_id, found.name, field, now, say)

    def show(console: Console) -> None:
        was = f"{field} of {found.name} is {value if value is not None else 'kept empty'}, says {actor}."
        prose(console, was if data["news"] else f"{was} That was known already.")
        for other in data["others"]:
            prose(console, f"{other['record']} says {other['value']}", indent=2)

    answer(data, show, as_json=as_json)


def unpin(
    context: typer.Context,
    partner: Partner,
    field: Field,
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Let the sources decide a value again."""
    from warehouse.commands.pin import unpin_value

    with warehouse(context).session() as connection:
        found = one_of(connection, partner, as_json=as_json)
    now = now_text()

    def say(connection: Connection) -> bool:
        return unpin_value(connection, found.organization_id, field, now=now, actor=actor, reason=reason)

    data = told(context, found.organization_id, found.name, field, now, say)

    def show(console: Console) -> None:
        if not data["news"]:
            prose(console, f"{field} of {found.name} is not pinned.")
        else:
            prose(console, f"{field} of {found.name} is {data['value'] or 'empty'} by its sources.")

    answer(data, show, as_json=as_json)


def told(
    context: typer.Context, organization_id: str, name: str, field: str, now: str, say: Any
) -> dict[str, Any]:
    """Carry it out, and look at the value that came out."""

    def see(connection: Connection, news: bool) -> dict[str, Any]:
        from warehouse.queries.record import values

        value = next(
            (each for each in values(OPERATOR, connection, organization_id) if each.field == field), None
        )
        return {
            "organization_id": organization_id,
            "name": name,
            "field": field,
            "news": news,
            "value": value.value if value else None,
            "rule": value.rule if value else None,
            "others": [each._asdict() for each in value.others] if value else [],
        }

    return acted(context, now, say, see)


def attach(
    context: typer.Context,
    fact: Fact,
    partner: Partner,
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Put a mail, meeting, deal or document on a partner's timeline, whatever its sources say."""
    from warehouse.commands.attach import attach_fact

    place(context, fact, partner, attach_fact, "is on the timeline of", actor, reason, as_json=as_json)


def detach(
    context: typer.Context,
    fact: Fact,
    partner: Partner,
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Take a mail, meeting, deal or document off a partner's timeline, whatever its sources say."""
    from warehouse.commands.attach import detach_fact

    place(context, fact, partner, detach_fact, "is off the timeline of", actor, reason, as_json=as_json)


def place(
    context: typer.Context,
    fact: str,
    partner: str,
    command: Any,
    words: str,
    actor: str,
    reason: str | None,
    *,
    as_json: bool,
) -> None:
    """Decide about one fact and one partner, and say on which timelines the fact is then."""
    with warehouse(context).session() as connection:
        found = one_of(connection, partner, as_json=as_json)
    now = now_text()

    def say(connection: Connection) -> bool:
        return bool(command(connection, fact, found.organization_id, actor=actor, now=now, reason=reason))

    def see(connection: Connection, news: bool) -> dict[str, Any]:
        rows = connection.query(
            "SELECT t.organization_id, o.name FROM timeline t JOIN organization o"
            " ON o.organization_id = t.organization_id WHERE t.fact_id = ? ORDER BY o.name, t.organization_id",
            (fact,),
        )
        on = [{"organization_id": each, "name": name} for each, name in rows]
        return {"fact_id": fact, "organization_id": found.organization_id, "news": news, "on": on}

    data = acted(context, now, say, see)

    def show(console: Console) -> None:
        already = "" if data["news"] else " That was known already."
        prose(console, f"{fact} {words} {found.name}, says {actor}.{already}")
        names = ", ".join(printable(each["name"]) for each in data["on"])
        prose(console, f"It is on the timeline of {names}." if names else "It is on no timeline now.")

    answer(data, show, as_json=as_json)
