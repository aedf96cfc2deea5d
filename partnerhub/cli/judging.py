"""`partnerhub merge`, `split` and `undo`: what a steward says about whole partners, and taking it back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.acting import acted, show_change, side, two_sides
from partnerhub.cli.invocation import AsJson, Limit, warehouse
from partnerhub.cli.output import answer, moment, prose, table
from partnerhub.cli.stewardship import Actor, Reason, now_text
from partnerhub.stewardship.pictures import change_data, picture, whole_side
from partnerhub.stewardship.splitting import belonging, part
from partnerhub.stewardship.undoing import came_since, records_around
from partnerhub.stewardship.verdicts import leading, refuse_if_apart, refuse_one_and_the_same

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.stewardship.pictures import Picture
    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct

Sides = Annotated[str, typer.Argument(help="A partner (name, domain or id) or a record's key.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would become of it; change nothing.")]


def merge(
    context: typer.Context,
    left: Sides,
    right: Annotated[
        list[str], typer.Argument(help="The other partners (names, domains, ids) or records; one or more.")
    ],
    actor: Actor,
    reason: Reason = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make partners one, for good: the oldest id stays, the others redirect, all that hangs on them moves."""
    from warehouse.commands.acts import Said
    from warehouse.commands.judge import judge_same

    with warehouse(context).session() as connection:
        pairs = [two_sides(connection, left, each, as_json=as_json) for each in right]
    now = now_text()
    one, others = pairs[0][0], [other for _, other in pairs]
    for other in others:
        refuse_one_and_the_same(one, other)
    rights = list(dict.fromkeys(record for other in others for record in leading(other)))
    records = (*one.records, *rights)

    def say(connection: Connection) -> tuple[int | None, Picture]:
        before = picture(connection, one.entity, records)
        subject = " and ".join(whole_side(each) for each in (one, *others))
        said = Said(actor, now, reason)
        return judge_same(
            connection, leading(one), rights, subject, said, entity=one.entity, kind="merge"
        ), before

    def see(connection: Connection, told: tuple[int | None, Picture]) -> dict[str, Any]:
        after = picture(connection, one.entity, records)
        for other in others:
            refuse_if_apart(one, other, after)
        return change_data(told[0], told[1], after, dry_run=dry_run)

    data = acted(context, now, say, see, dry_run=dry_run)
    answer(data, lambda console: show_change(console, data), as_json=as_json)


def split(
    context: typer.Context,
    partner: Sides,
    records: Annotated[list[str], typer.Argument(help="Keys of the records that do not belong to it.")],
    actor: Actor,
    reason: Reason = None,
    each: Annotated[
        bool, typer.Option("--each", help="Make each record a partner of its own, not one of them all.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take records out of a partner, for good: they become another one, or come back to the one they were."""
    with warehouse(context).session() as connection:
        whole = side(connection, partner, as_json=as_json)
    now = now_text()
    leaving = belonging(whole, records)
    staying = [record for record in whole.records if record not in leaving]

    def say(connection: Connection) -> tuple[int | None, Picture]:
        before = picture(connection, whole.entity, whole.records)
        return part(connection, whole, leaving, staying, actor, now, reason, each=each), before

    def see(connection: Connection, told: tuple[int | None, Picture]) -> dict[str, Any]:
        after = picture(connection, whole.entity, whole.records)
        return change_data(told[0], told[1], after, dry_run=dry_run)

    data = acted(context, now, say, see, dry_run=dry_run)
    answer(data, lambda console: show_change(console, data), as_json=as_json)


def undo(
    context: typer.Context,
    actor: Actor,
    act: Annotated[
        int | None, typer.Argument(help="Number of the act, as --list shows it; the last one without.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show what can be taken back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take it back in spite of what came since.")] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Take back the last decision, merge, split or pin, or the one named; says what came since."""
    if listed:
        show_acts(context, limit, as_json=as_json)
        return
    from warehouse.commands.acts import Said
    from warehouse.commands.undo import act_to_undo, undo_act

    with warehouse(context).session() as connection:
        meant = act_to_undo(connection, act)
        records = records_around(connection, meant)
        since = came_since(connection, meant, records)
    if since and not dry_run:
        agree(meant, since, yes=yes, as_json=as_json)
    now = now_text()
    entity = meant.entity if meant.entity != "fact" else "organization"

    def say(connection: Connection) -> tuple[int, Picture]:
        before = picture(connection, entity, records)
        return undo_act(connection, act_to_undo(connection, meant.act_id), Said(actor, now, reason)), before

    def see(connection: Connection, told: tuple[int, Picture]) -> dict[str, Any]:
        after = picture(connection, entity, records)
        return {
            **change_data(None, told[1], after, dry_run=dry_run),
            "undone": {"act": meant.act_id, "kind": meant.kind, "subject": meant.subject},
            "since": since,
            "pairs": meant.detail.get("pairs", []),
        }

    data = acted(context, now, say, see, dry_run=dry_run)
    answer(data, lambda console: show_undone(console, data), as_json=as_json)


def show_undone(console: Console, data: dict[str, Any]) -> None:
    """What was taken back, what came since, and what became of it."""
    undone = data["undone"]
    done = "would be taken back" if data["dry_run"] else "taken back"
    prose(console, f"Act {undone['act']} {done}: {undone['kind']}, {undone['subject']}.")
    for line in data["since"]:
        prose(console, f"since then: {line}", indent=2)
    show_change(console, data)
    if undone["kind"] in {"merge", "same"} and len(data["after"]) == 1 and len(data["before"]) == 1:
        one, other = data["pairs"][0]
        prose(console, f"They are still one; by what, says `partnerhub why {one} {other}`.")


def agree(act: DoneAct, since: list[str], *, yes: bool, as_json: bool) -> None:
    """Ask whether to go on in spite of what came since; where nobody can be asked, `--yes` must say so."""
    from warehouse.commands.undo import CannotUndo

    if yes:
        return
    if as_json or not sys.stdin.isatty():
        raise CannotUndo(
            f"Since act {act.act_id} ({act.kind}: {act.subject}): {'; '.join(since)}.",
            f"Take it back all the same by `partnerhub undo {act.act_id} --yes`;"
            f" `--dry-run` shows what would become of it.",
        )
    for line in since:
        typer.echo(f"since then: {line}")
    typer.confirm(f"Take act {act.act_id} back all the same?", abort=True)


def show_acts(context: typer.Context, limit: int, *, as_json: bool) -> None:
    """The acts that can be taken back, the newest first."""
    from warehouse.queries.acts import list_acts

    with warehouse(context).session() as connection:
        found = list_acts(connection, limit=limit)
    data = [{name: value for name, value in each._asdict().items() if name != "detail"} for each in found]

    def show(console: Console) -> None:
        if not found:
            console.print("Nobody has decided, merged, split or pinned anything yet.", markup=False)
            return
        rows = (
            (each.act_id, each.kind, each.subject, each.actor, moment(each.acted_at), each.reason)
            for each in found
        )
        console.print(table(("#act", "kind", "about", "by", "when (UTC)", "because"), rows))

    answer(data, show, as_json=as_json)
