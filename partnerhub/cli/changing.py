"""`partnerhub changes`: what changed since, for programs and people, and which webhooks were told."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, alone, configuration, existing, log_to_stderr, warehouse
from partnerhub.cli.output import answer, counted, moment, printable, prose, table

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.config import HubConfig
    from pipelines.changes.push import Pushed
    from warehouse.changes.feed import Page

changes = typer.Typer(no_args_is_help=False, help="What changed since, and the webhooks that are told of it.")


@changes.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    cursor: Annotated[
        str,
        typer.Option("--cursor", help="`next` of the answer before; `now` for the end; else the beginning."),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Changes at most.")] = 100,
    kinds: Annotated[
        str,
        typer.Option("--kinds", help="Only these, with commas between: identity, partner, deal, deal.won, …"),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List what was published behind a cursor, oldest first, and the cursor that goes on behind it."""
    if not alone(context, as_json=as_json):
        return
    from partnerhub.cli.stewardship import by_command, now_text, user
    from warehouse.changes.feed import read_changes
    from warehouse.changes.logged import log_reading
    from warehouse.viewer import OPERATOR

    words = [word.strip() for word in kinds.split(",") if word.strip()]
    with warehouse(context).session() as connection:
        found = read_changes(OPERATOR, connection, cursor, limit, words)
        log_reading(connection, now_text(), by_command(user()), cursor, words, found)
    answer(found.told(), lambda console: show_page(console, found), as_json=as_json)


def show_page(console: Console, page: Page) -> None:
    """A line a change, and how to go on."""
    rows = [
        (
            moment(each.at),
            each.kind,
            each.entity_id,
            printable(
                " → ".join(part or "–" for part in (each.before, each.after)) if each.field else each.other_id
            ),
        )
        for each in page.changes
    ]
    if rows:
        console.print(table(("at", "kind", "id", "what"), rows))
    else:
        console.print("Nothing changed since.", markup=False)
    more = "More is there" if page.more else "Ask again later"
    prose(console, f"→ {more}: `partnerhub changes --cursor {page.next}`")


@changes.command("push")
def push(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="One webhook; all without it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Tell the webhooks what they were not told yet, now: what the schedule does. Exits 3 when one did not take it."""
    from pipelines.changes.push import push as push_all

    config = configured(context, name)
    log_to_stderr(debug=context.obj.debug)
    existing(config.warehouse_url)
    found = push_all(config, datetime.now(UTC), only=name, at_once=True)

    def show(console: Console) -> None:
        for each in found:
            show_pushed(console, each)

    answer({"webhooks": [asdict(each) for each in found]}, show, as_json=as_json)
    failed = any(each.failure for each in found)
    raise typer.Exit(exit_codes.NEEDS_PERSON if failed else exit_codes.COMPLETE)


def configured(context: typer.Context, name: str) -> HubConfig:
    """The configuration, which must have webhooks, and the named one among them."""
    config = configuration(context)
    if not config.changes.webhooks:
        do = "Put one under `changes:` in partnerhub.yaml; docs/warehouse/changes.md shows how."
        raise typer.BadParameter(f"No webhook is configured. {do}")
    if name and name not in config.changes.webhooks:
        raise typer.BadParameter(
            f"There is no webhook {name}; there are: {', '.join(config.changes.webhooks)}."
        )
    return config


def show_pushed(console: Console, pushed: Pushed) -> None:
    """What one took, or why not."""
    if pushed.failure is None:
        prose(console, f"✓ {pushed.name}: {counted(pushed.told, 'change')}.")
        return
    prose(console, f"✗ {pushed.name}: {counted(pushed.told, 'change')}, then: {pushed.failure}")
    if pushed.disabled:
        prose(console, f"→ It is told no more. Mend it, then `partnerhub changes resume {pushed.name}`.")


@changes.command("webhooks")
def webhooks(context: typer.Context, as_json: AsJson = False) -> None:
    """List the webhooks: how much each was told, when last, and what went wrong."""
    from warehouse.changes.endpoints import LINEAGE, all_standing

    config = configuration(context, with_settings=False)
    with existing(config.warehouse_url).session() as connection:
        known = {each.name: each for each in all_standing(connection) if each.name != LINEAGE}
    names = sorted({*config.changes.webhooks, *known})
    found = [
        {
            **(asdict(known[name]) if name in known else {"name": name}),
            "configured": name in config.changes.webhooks,
        }
        for name in names
    ]
    answer({"webhooks": found}, lambda console: show_webhooks(console, found), as_json=as_json)


def show_webhooks(console: Console, found: list[dict[str, Any]]) -> None:
    """A line each."""
    rows = [
        (
            each["name"],
            "told no more"
            if each.get("disabled_at")
            else "at work"
            if each["configured"]
            else "not configured",
            each.get("told", 0),
            moment(each.get("delivered_at")),
            printable(each.get("failure")),
        )
        for each in found
    ]
    if rows:
        console.print(table(("webhook", "state", "#told", "last", "failure"), rows))
    else:
        console.print("No webhook is configured: docs/warehouse/changes.md shows how.", markup=False)


@changes.command("resume")
def resume(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The webhook.")],
    cursor: Annotated[
        str, typer.Option("--cursor", help="From here on (`now`: only what comes); else where it stood.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Tell a webhook again that was given up, from where it stood or from a cursor on."""
    from warehouse.changes.endpoints import resume as go_on
    from warehouse.changes.feed import read_changes
    from warehouse.viewer import OPERATOR

    config = configuration(context, with_settings=False)
    kinds = config.changes.webhooks[name].kinds if name in config.changes.webhooks else ()
    with existing(config.warehouse_url).session() as connection:
        if cursor == "now":
            cursor = read_changes(OPERATOR, connection, cursor, 1, kinds).next
        elif cursor:
            read_changes(OPERATOR, connection, cursor, 1, kinds)  # refuses one that is none
        with connection.transaction():
            found = go_on(connection, name, cursor)
    answer(asdict(found), lambda console: prose(console, f"✓ {name} is told again."), as_json=as_json)
