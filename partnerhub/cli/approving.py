"""`partnerhub approve`: what went or changed in bulk at a source, and a person's word that it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, counted, moment, prose
from partnerhub.cli.stewardship import Actor, Reason, now_text

if TYPE_CHECKING:
    from rich.console import Console


def approve(
    context: typer.Context,
    actor: Actor,
    which: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A run's id or its beginning, or a source; none: list."),
    ] = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Let through what went or changed in bulk at a source and waits for a person; without a name, list it."""
    from warehouse.commands.approve import approve as let_through
    from warehouse.queries.mass_changes import mass_changes

    with warehouse(context).session() as connection:
        if which is None:
            waiting = mass_changes(connection)
            answer({"waiting": waiting}, lambda console: show_waiting(console, waiting), as_json=as_json)
            return
        approved = let_through(connection, which, actor=actor, now=now_text(), reason=reason)

    def show(console: Console) -> None:
        for row in approved:
            prose(console, f"✓ {row['source']} {row['stream']}: {words(row)}, approved by {actor}.")
        named = " ".join(sorted({row["source"] for row in approved}))
        prose(console, f"→ `partnerhub sync {named}` takes it over; so does the next scheduled sync.")

    answer({"approved": approved, "actor": actor, "reason": reason}, show, as_json=as_json)


def show_waiting(console: Console, waiting: list[dict[str, Any]]) -> None:
    """Each stream that waits, with the command that lets it through."""
    if not waiting:
        console.print("✓ Nothing waits for approval.")
    for row in waiting:
        since = moment(row["opened_at"])
        prose(console, f"! {row['source']} {row['stream']}: {words(row)}, waiting since {since} UTC.")
        prose(
            console,
            f"→ Meant? `partnerhub approve {row['run_id']}`. If not, mend it at the source and sync again.",
        )


def words(row: dict[str, Any]) -> str:
    """`212 of 4,000 records gone and 3 changed`."""
    gone = f"{row['gone']:,} of {counted(row['stood'], 'record')} gone" if row["gone"] else ""
    changed = f"{row['changed']:,} of {counted(row['stood'], 'record')} changed" if row["changed"] else ""
    return " and ".join(filter(None, (gone, changed)))
