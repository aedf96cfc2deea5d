"""`partnerhub preview`: what another mapping, rule or threshold would change, before it is applied."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer
from partnerhub.cli.progress import watching
from partnerhub.cli.rebuilding import stoppable

if TYPE_CHECKING:
    from pipelines.preview.effects import Effects


def preview(
    context: typer.Context,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            exists=True,
            help="A changed partnerhub.yaml, a part of one (only what changes), or a mapping module (.py).",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One key, such as matching.auto=0.9; several times."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Examples of each sort.")] = 10,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="End with 1 if anything would change.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run changed rules over all that ever landed, in a copy, and say what they change; the hub stays as it is.

    Without options it says what the next sync would change because partnerhub.yaml is another one than at the last.
    """
    from partnerhub.cli.previewed import show
    from pipelines.preview.changed import ON_THE_LINE, InvalidChange
    from pipelines.preview.run import preview as try_out
    from pipelines.preview.run import read_change

    config = configuration(context)
    existing(config.warehouse_url)
    log_to_stderr(debug=context.obj.debug)
    try:
        change = read_change(config, mapping, settings or ())
    except InvalidChange as error:
        if error.path == ON_THE_LINE:
            said = (f"{each.where}: {each.happened} {each.do}" for each in error.problems)
            raise typer.BadParameter(" ".join(said), param_hint="--set") from None
        raise
    with stoppable(), watching(as_json=as_json) as progress:
        effects = try_out(config, change, shown=limit, progress=progress)
    answer(as_data(effects), lambda console: show(console, effects), as_json=as_json)
    raise typer.Exit(exit_codes.FAILED if fail_on_change and not effects.nothing else exit_codes.COMPLETE)


def as_data(effects: Effects) -> dict[str, Any]:
    """Everything, for `--json`."""
    return {
        "changes": not effects.nothing,
        "rules": effects.rules,
        "notes": effects.notes,
        "values": {kind: as_values(each) for kind, each in effects.values.items()},
        "merged": [move._asdict() for move in effects.moves if move.kind == "merged"],
        "split": [move._asdict() for move in effects.moves if move.kind == "split"],
        **{each.sort.replace(" ", "_"): as_sort(each) for each in effects.sorts},
        "figures": [figure._asdict() for figure in effects.figures],
        "findings": effects.findings,
        "seconds": effects.seconds,
    }


def as_values(effects: Any) -> dict[str, Any]:
    """The changed values of one kind."""
    return {
        "things": effects.things,
        "partners": effects.partners,
        "appear": effects.appear,
        "vanish": effects.vanish,
        "fields": [asdict(effects.fields[name]) for name in sorted(effects.fields)],
        "examples": [
            {**each._asdict(), "changes": [change._asdict() for change in each.changes]}
            for each in effects.examples
        ],
    }


def as_sort(found: Any) -> dict[str, Any]:
    """What comes and goes of one sort."""
    return {
        "come": found.come,
        "go": found.go,
        "differ": found.differ,
        "came": [each._asdict() for each in found.came],
        "went": [each._asdict() for each in found.went],
    }
