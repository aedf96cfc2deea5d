"""`partnerhub signals`: what about partners needs a person, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, Limit, warehouse
from partnerhub.cli.output import answer, counted, day, printable, prose
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

STYLES: Final = {"urgent": "bold red", "attention": "yellow", "info": "dim"}


def signals(
    context: typer.Context,
    partner: Annotated[
        str | None, typer.Argument(help="Name, part of it, domain or id; all without.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what needs a person: overdue, unanswered, contradictory, silent, leaving, ending."""
    from partnerhub.cli.partners import one_of
    from warehouse.queries import signals as queries

    with warehouse(context).session() as connection:
        one = one_of(connection, partner, as_json=as_json).organization_id if partner else None
        found = queries.signals(OPERATOR, connection, one, closed=everything, limit=limit)
        counts = queries.count_signals(OPERATOR, connection)

    def show(console: Console) -> None:
        if not found:
            console.print("Nothing needs you.", markup=False)
            return
        if one is None and not everything:
            console.print(summary(counts), style="bold", markup=False)
        show_signals(console, found, with_names=one is None)
        hidden = sum(counts[level] for level in STYLES) - len(found)
        if one is None and hidden > 0 and not everything:
            console.print(
                f"→ {counted(hidden, 'more signal')}: `--limit {hidden + len(found)}`.", markup=False
            )

    answer({"signals": found, "open": counts}, show, as_json=as_json)


def summary(counts: dict[str, int]) -> str:
    """How many partners need somebody, and when."""
    needs = "needs" if counts["today"] == 1 else "need"
    week = counts["partners"] - counts["today"]
    return f"{counted(counts['today'], 'partner')} {needs} you today, {week:,} more this week."


def show_signals(console: Console, found: list[dict[str, Any]], *, with_names: bool) -> None:
    """Each signal with what it rests on below it."""
    from rich.text import Text

    name = None
    for each in found:
        if with_names and each["organization_id"] != name:
            name = each["organization_id"]
            console.print(Text(printable(each["organization"] or name), style="bold"))
        over = f" (over since {day(each['closed_at'])})" if each["closed_at"] else ""
        line = Text(f"{each['level']}", style=STYLES.get(each["level"], ""))
        line.append(f"  {printable(each['sentence'])}{over}", style="dim" if over else "default")
        prose(console, line, indent=1)
        for evidence in each["evidence"]:
            prose(console, evidence_line(evidence), indent=4, style="dim")


def evidence_line(evidence: dict[str, Any]) -> str:
    """One piece of evidence: what it says, where, when."""
    place = f", {evidence['place']}" if evidence.get("place") else ""
    when = f", {day(evidence['at'])}" if evidence.get("at") else ""
    return f"“{evidence['quote']}” – {evidence['record']}{place}{when}"
