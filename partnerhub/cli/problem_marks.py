"""`partnerhub problem`: a person's word about one problem: I know, it may stay so, or look at it again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, counted
from partnerhub.cli.stewardship import Actor, Reason, now_text

if TYPE_CHECKING:
    from rich.console import Console


class Mark(StrEnum):
    """What a person may say of a problem."""

    ACKNOWLEDGE = "acknowledge"
    DISCARD = "discard"
    REOPEN = "reopen"


STATES = {Mark.ACKNOWLEDGE: "acknowledged", Mark.DISCARD: "discarded", Mark.REOPEN: "open"}


def problem(
    context: typer.Context,
    mark: Annotated[Mark, typer.Argument(help="What you say of it.")],
    fingerprints: Annotated[
        list[str], typer.Argument(metavar="FINGERPRINT...", help="As `errors --json` has them.")
    ],
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Mark problems: acknowledged (being mended), discarded (may stay so) or open again; with name and reason."""
    from warehouse.commands.set_aside import decide_problems

    state = STATES[mark]
    with warehouse(context).session() as connection:
        done = decide_problems(connection, fingerprints, state, actor=actor, now=now_text(), reason=reason)

    def show(console: Console) -> None:
        console.print(f"✓ {counted(done, 'problem')}: {state}, says {actor}.", markup=False)

    answer(
        {"state": state, "problems": fingerprints, "actor": actor, "reason": reason}, show, as_json=as_json
    )
