"""What the commands of stewards share: who is meant, carrying an act out, and the picture before and after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from partnerhub.cli.invocation import configuration, existing
from partnerhub.cli.output import counted, printable, prose, table, with_dim

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    import typer
    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.queries.sides import Side

HELD: Final = ("records", "people", "facts", "deals")

Before = TypeVar("Before")
After = TypeVar("After")


def side(connection: Connection, text: str, *, as_json: bool) -> Side:
    """What a record key, a partner's name, domain or id, or a person's id means.

    Raises NotFound; stops with the list where several are meant.
    """
    from partnerhub.cli.partners import one_of
    from warehouse.queries.sides import side_of_id, side_of_person, side_of_record

    if "/" in text and (found := side_of_record(connection, text.strip())):
        return found
    if person := side_of_person(connection, text.strip()):
        return person
    listed = one_of(connection, text, as_json=as_json)
    return side_of_id(connection, listed.organization_id, listed.name)


def two_sides(connection: Connection, left: str, right: str, *, as_json: bool) -> tuple[Side, Side]:
    """Both sides of a question. Raises WarehouseError when one is a person and the other one is not."""
    from warehouse.errors import WarehouseError

    one, other = side(connection, left, as_json=as_json), side(connection, right, as_json=as_json)
    if one.entity != other.entity:
        raise WarehouseError(
            f"{one.name} and {other.name} are not of one kind: {one.entity} and {other.entity}.",
            "Name two organizations or two persons.",
        )
    return one, other


def acted(
    context: typer.Context,
    now: str,
    command: Callable[[Connection], Before],
    outcome: Callable[[Connection, Before], After],
    *,
    dry_run: bool = False,
) -> After:
    """Carry an act out as `acted_by` does, in the hub of this command."""
    config = configuration(context, with_settings=False)
    return acted_by(config, now, command, outcome, dry_run=dry_run)


def acted_by(
    config: HubConfig,
    now: str,
    command: Callable[[Connection], Before],
    outcome: Callable[[Connection, Before], After],
    *,
    dry_run: bool = False,
    waits: timedelta | None = None,
) -> After:
    """Carry an act out, publish what it touched, and say what became of it; all or nothing.

    waits: how long whoever writes is waited for; None: to the end.
    """
    from pipelines.entering import stage_relations
    from pipelines.golden.acting import act
    from pipelines.settings import publish_settings, signal_settings
    from pipelines.signals.evaluate import evaluate_after

    database, run_id = replace(existing(config.warehouse_url), waits=waits), str(uuid4())

    def carry_out(connection: Connection) -> Before:
        before = command(connection)
        stage_relations(connection, config, run_id, now)
        return before

    found, _ = act(database, publish_settings(config), run_id, now, carry_out, outcome, dry_run=dry_run)
    if not dry_run:
        evaluate_after(database, signal_settings(config), now)
    return found


def show_change(console: Console, data: dict[str, Any]) -> None:
    """The organizations before and after, the facts that moved, and how to take it back."""
    kinds = [name for name in HELD if any(name in row for row in (*data["before"], *data["after"]))]
    changed = data["before"] != data["after"]
    rows = [
        (
            "was" if when == "before" else "now",
            with_dim(row["name"], row["id"]),
            *(row.get(name, 0) for name in kinds),
        )
        for when in (("before", "after") if changed else ("after",))
        for row in data[when]
    ]
    called = "person" if data["entity"] == "person" else "partner"
    console.print(table(("", called, *(f"#{name}" for name in kinds)), rows))
    if data["entity"] == "organization":
        moved = f"{counted(data['facts_before'], 'fact')} before, {data['facts_after']:,} after"
        if lost := data["facts_lost"]:
            waits = f"{lost:,} {'hangs' if lost == 1 else 'hang'} on none of them any more"
            prose(console, f"{moved}; {waits}, as two may be meant: `partnerhub unmatched`.")
        else:
            prose(console, f"{moved}; none lost.")
    if data["dry_run"]:
        console.print("Only tried: nothing was changed.", markup=False)
    elif data["act"] is not None:
        console.print(printable(f"→ `partnerhub undo {data['act']}` takes this back."), markup=False)
