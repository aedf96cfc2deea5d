"""`partnerhub merge`, `split` and `undo`: what a steward says about whole partners, and taking it back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.acting import (
    Picture,
    acted,
    change_data,
    picture,
    show_change,
    side,
    two_sides,
    whole_side,
)
from partnerhub.cli.invocation import AsJson, Limit, warehouse
from partnerhub.cli.output import answer, counted, moment, prose, table
from partnerhub.cli.stewardship import Actor, Reason, now_text

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct
    from warehouse.queries.sides import Side

Sides = Annotated[str, typer.Argument(help="A partner (name, domain or id) or a record's key.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would become of it; change nothing.")]
NAMED_SINCE: Final = 5
"""Records named one by one among what came since."""


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


def leading(side: Side) -> list[str]:
    """A side's records, the one that was named in front: verdicts are tied to it."""
    return sorted(side.records, key=lambda record: record != side.record) if side.record else [*side.records]


def refuse_one_and_the_same(one: Side, other: Side) -> None:
    """Raise WarehouseError where both sides are one already."""
    from warehouse.errors import WarehouseError

    if (one.id is not None and one.id == other.id) or one.records == other.records:
        raise WarehouseError(
            f"{one.name} and {other.name} are one already ({one.id or one.records[0]}).",
            f"See why: `partnerhub how {one.id or one.records[0]}`.",
        )


def refuse_if_apart(one: Side, other: Side, after: Picture) -> None:
    """Raise WarehouseError where a guard kept the two sides apart in spite of the verdict."""
    from warehouse.errors import WarehouseError

    ends = {after.ids.get(each.record or each.records[0]) for each in (one, other)}
    if len(ends) > 1:
        raise WarehouseError(
            f"{one.name} and {other.name} stay apart; nothing was changed.",
            f"See what keeps them apart: `partnerhub why-not {one.records[0]} {other.records[0]}`.",
        )


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


def belonging(whole: Side, records: list[str]) -> list[str]:
    """The records to take out. Raises WarehouseError unless they are some, not all, of the partner's."""
    from warehouse.errors import WarehouseError

    strange = [record for record in records if record not in whole.records]
    do = f"Its records: {', '.join(whole.records)}."
    if strange:
        raise WarehouseError(f"{strange[0]} is no record of {whole.name}.", do)
    if set(records) == set(whole.records):
        raise WarehouseError(f"These are all records of {whole.name}; none would stay.", do)
    return sorted(set(records))


def part(
    connection: Connection,
    whole: Side,
    leaving: list[str],
    staying: list[str],
    actor: str,
    now: str,
    reason: str | None,
    *,
    each: bool,
) -> int | None:
    """Say that the leaving records are others than those that stay, and one (or none of them one) with each other."""
    from warehouse.commands.acts import Said
    from warehouse.commands.judge import SAME, across, judge_apart

    within = across(leaving, leaving) if each else across(leaving[:1], leaving[1:])
    subject = f"{', '.join(leaving)} out of {whole.name}"
    said = Said(actor, now, reason)
    return judge_apart(
        connection, leaving, staying, subject, said, entity=whole.entity, within=within,
        verdict_within="different" if each else SAME,
    )  # fmt: skip


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


def records_around(connection: Connection, act: DoneAct) -> list[str]:
    """The records of all organizations (or persons) an act is about."""
    from warehouse.commands.pending import answering_id
    from warehouse.queries.sides import ids_of, records_behind

    if act.records:
        ids = sorted(set(ids_of(connection, act.entity, act.records).values()))
        return sorted(act.records | {r for each in ids for r in records_behind(connection, act.entity, each)})
    named = act.detail.get("organization_id")
    if not named:
        return []
    return list(records_behind(connection, "organization", answering_id(connection, named)))


def came_since(connection: Connection, act: DoneAct, records: list[str]) -> list[str]:
    """What came after an act and may look different once it is taken back, in words."""
    from warehouse.queries.acts import acts_since, facts_since, joined_since, pins_since
    from warehouse.queries.sides import ids_of

    lines = [f"act {each.act_id}, {each.words}" for each in acts_since(connection, act)]
    if not act.records:
        return lines
    ids = set(ids_of(connection, act.entity, records).values())
    joined = [
        each for each in joined_since(connection, act.entity, ids, act.acted_at) if each not in act.records
    ]
    if joined:
        more = f" and {len(joined) - NAMED_SINCE:,} more" if len(joined) > NAMED_SINCE else ""
        lines.append(f"{counted(len(joined), 'record')} came: {', '.join(joined[:NAMED_SINCE])}{more}")
    if act.entity == "organization":
        if facts := facts_since(connection, ids, act.acted_at):
            lines.append(f"{counted(facts, 'fact')} on the timeline; each goes where its own evidence leads")
        if pins := pins_since(connection, ids, act.acted_at):
            lines.append(f"pinned: {', '.join(pins)}; stays with the id it was pinned on")
    return lines


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
