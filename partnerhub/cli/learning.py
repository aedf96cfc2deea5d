"""`partnerhub learn`: weights of a hub's own, from what its stewards decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, Limit, configuration, existing
from partnerhub.cli.output import answer, counted, prose, table

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.resolve.own_weights import Learned

FILE: Final = "weights.json"


def learn(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help=f"The file to write; {FILE} beside partnerhub.yaml.")
    ] = None,
    even_if_worse: Annotated[
        bool,
        typer.Option("--even-if-worse", help="Write them even if they tell what they never saw no better."),
    ] = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Learn weights from what people decided, on top of the shipped ones, and write them to a file."""
    from pipelines.resolve.own_weights import learn_from_verdicts
    from pipelines.settings import policy_of

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    found = learn_from_verdicts(database, policy_of(config))
    if found is None:
        answer({"verdicts": None, "written": None}, show_too_few, as_json=as_json)
        return
    file = out or config.folder / FILE
    written = found.better or even_if_worse
    if written:
        file.write_text(found.weights.as_text(), encoding="utf-8")
    data = learned_data(found, file if written else None)
    answer(data, lambda console: show_learned(console, data, limit), as_json=as_json)


def show_too_few(console: Console) -> None:
    """What it takes to learn."""
    from pipelines.resolve.own_weights import FEWEST

    prose(console, f"It takes {FEWEST} verdicts, of both kinds, to learn anything.")
    prose(console, "→ `partnerhub review` asks about the pairs that matter most.")


def learned_data(found: Learned, file: Path | None) -> dict[str, Any]:
    """The figures, and the levels whose weights moved."""
    return {
        "verdicts": {"same": found.same, "different": found.different},
        "surprise_before": round(found.surprise_before, 4),
        "surprise_after": round(found.surprise_after, 4),
        "written": None if file is None else str(file),
        "moved": [list(move) for move in found.moved],
    }


def show_learned(console: Console, data: dict[str, Any], limit: int) -> None:
    """What changed, whether it is any better, and how to use it."""
    said = data["verdicts"]
    rows = [
        ("verdicts", f"{said['same']:,} same, {said['different']:,} different"),
        ("surprise by the shipped weights", f"{data['surprise_before']:.3f} bits a verdict"),
        ("surprise by the new ones, which never saw it", f"{data['surprise_after']:.3f} bits a verdict"),
    ]
    console.print(table(("learned from what people decided", ""), rows))
    moved = [(f"{name}: {level}", f"{was:+.2f}", f"{now:+.2f}") for name, level, was, now in data["moved"]]
    if moved:
        console.print(table(("weights that moved most, in bits", "before", "after"), moved[:limit]))
        if len(moved) > limit:
            prose(console, f"{counted(len(moved) - limit, 'weight')} more: `--json`.")
    if data["written"] is None:
        prose(console, "Nothing was written: the shipped weights tell your verdicts at least as well.")
        prose(console, "→ More verdicts, or `--even-if-worse`.")
        return
    prose(console, f"Written to {data['written']}.")
    prose(
        console,
        "→ Name the file under `matching:` as `weights:` in partnerhub.yaml. The next sync scores every pair",
    )
    prose(
        console,
        "  anew; no id moves by itself, and what would come out otherwise waits in `partnerhub review`.",
    )
