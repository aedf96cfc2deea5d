"""`partnerhub evaluate`: how good the rules are, measured by what people decided; fails when they got worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, Limit, configuration, existing
from partnerhub.cli.output import answer, counted, day, prose, table
from partnerhub.cli.stewardship import Actor, now_text

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.resolve.evaluation import Comparison, Judged

NOTHING: Final = "Nobody has decided anything yet, so there is nothing to judge the rules by."


def evaluate(
    context: typer.Context,
    actor: Actor,
    accept: Annotated[
        bool, typer.Option("--accept", help="Compare later runs with this one even if it is worse.")
    ] = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Judge the rules by what people decided: precision, recall, over-merges; exit code 5 when they got worse."""
    from pipelines.resolve.evaluation import evaluate_rules, worse
    from pipelines.settings import policy_of

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    found = evaluate_rules(database, policy_of(config), actor=actor, now=now_text(), accept=accept)
    if found is None:
        answer({"labels": 0}, show_nothing, as_json=as_json)
        return
    judged, compared = found
    regressed = worse(compared) and not accept
    data = evaluation_data(judged, compared, regressed=regressed)
    answer(data, lambda console: show_evaluation(console, data, limit), as_json=as_json)
    if regressed:
        raise typer.Exit(exit_codes.WORSE)


def show_nothing(console: Console) -> None:
    """Where labels come from."""
    prose(console, NOTHING)
    prose(console, "→ `partnerhub review` asks about the pairs that matter most.")


def evaluation_data(judged: Judged, compared: Comparison | None, *, regressed: bool) -> dict[str, Any]:
    """The figures, the wrong pairs, and what changed since the last good run."""
    data: dict[str, Any] = {
        "labels": judged.labels,
        "precision": rounded(judged.precision),
        "recall": rounded(judged.recall),
        "over_merges": judged.over_merges,
        "joined_rightly": judged.joined_rightly,
        "joined_wrongly": [list(pair) for pair in judged.joined_wrongly],
        "apart_rightly": judged.apart_rightly,
        "apart_wrongly": [list(pair) for pair in judged.apart_wrongly],
        "regressed": regressed,
        "compared": None,
    }
    if compared is not None:
        data["compared"] = {
            "since": compared.since,
            "labels": compared.labels,
            "newly_joined_wrongly": [list(pair) for pair in compared.newly_joined_wrongly],
            "newly_apart_wrongly": [list(pair) for pair in compared.newly_apart_wrongly],
            "mended": [list(pair) for pair in compared.mended],
        }
    return data


def rounded(share: float | None) -> float | None:
    """A share to four digits."""
    return None if share is None else round(share, 4)


def show_evaluation(console: Console, data: dict[str, Any], limit: int) -> None:
    """The figures, then the pairs that are wrong, then how it compares."""
    rows = [
        ("pairs people decided", f"{data['labels']:,}"),
        ("precision", percent(data["precision"])),
        ("recall", percent(data["recall"])),
        ("over-merged partners", f"{data['over_merges']:,}"),
    ]
    console.print(table(("by what people decided", "#"), rows))
    wrong = [
        *(("joined, but different", *pair) for pair in data["joined_wrongly"]),
        *(("apart, but the same", *pair) for pair in data["apart_wrongly"]),
    ]
    if wrong:
        console.print(table(("the rules alone", "one", "other"), wrong[:limit]))
        more = f" {len(wrong) - limit:,} more: `--json`." if len(wrong) > limit else ""
        prose(console, f"Decisions outrank the rules: the hub has these right.{more}")
        prose(console, f"→ `partnerhub why-not {wrong[0][1]} {wrong[0][2]}` shows the evidence.")
    compared = data["compared"]
    if compared is None:
        prose(console, "This is the first run; later ones are compared with it.")
        return
    newly = len(compared["newly_joined_wrongly"]) + len(compared["newly_apart_wrongly"])
    prose(
        console,
        f"Since {day(compared['since'])}, on the {counted(compared['labels'], 'pair')} known then:"
        f" {newly:,} newly wrong, {len(compared['mended']):,} mended.",
    )
    if data["regressed"]:
        prose(console, "Worse than before.", style="bold red")
        prose(console, "→ Mend the rules, or take this as the new standard: `partnerhub evaluate --accept`.")


def percent(share: float | None) -> str:
    """`97.5 %`, a dash where there is nothing to divide by."""
    return "–" if share is None else f"{share * 100:.1f} %"
