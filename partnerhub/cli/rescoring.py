"""`partnerhub rescore`: score every pair of organizations anew, and ask about what would come out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, counted, prose
from partnerhub.cli.stewardship import now_text

if TYPE_CHECKING:
    from rich.console import Console


def rescore(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what it would ask; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score every pair of organizations anew, as after new weights; moves no partner, asks about each difference."""
    from pipelines.resolve.again import score_again
    from pipelines.settings import policy_of

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    found = score_again(database, str(uuid4()), now_text(), policy_of(config), dry_run=dry_run)
    data: dict[str, Any] = {
        "dry_run": dry_run,
        "pairs_changed": found.pairs,
        "joins_asked": found.joins,
        "splits_asked": found.splits,
        "waiting_before": found.waiting_before,
        "waiting": found.waiting,
    }
    answer(data, lambda console: show_rescored(console, data), as_json=as_json)


def show_rescored(console: Console, data: dict[str, Any]) -> None:
    """What changed, what is asked because of it, and how long the queue is."""
    would = "would be" if data["dry_run"] else "are"
    changed = data["pairs_changed"]
    verbs = "weighs otherwise or falls" if changed == 1 else "weigh otherwise or fall"
    prose(console, f"{counted(changed, 'pair')} {verbs} into another band than when last scored.")
    if data["joins_asked"] or data["splits_asked"]:
        prose(
            console,
            f"{counted(data['joins_asked'], 'join')} and {counted(data['splits_asked'], 'split')} {would} asked about;"
            " until somebody decides, everybody stays who they are.",
        )
    else:
        prose(console, "Nobody would become another partner for it.")
    prose(console, f"Questions that wait: {data['waiting_before']:,} before, {data['waiting']:,} after.")
    if data["dry_run"]:
        prose(console, "Only tried: nothing was changed.")
    elif data["waiting"]:
        prose(console, "→ `partnerhub review` lists them, the most valuable first.")
