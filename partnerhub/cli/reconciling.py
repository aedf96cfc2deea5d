"""`partnerhub reconcile`: whether the hub holds what its sources hold, proven stream by stream."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from partnerhub.cli.copyable import program
from partnerhub.cli.demo_world import vendors_away
from partnerhub.cli.interruption import interruptible
from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer, counted, duration, prose
from partnerhub.cli.progress import watching
from partnerhub.cli.setup import chosen
from partnerhub.cli.syncing import require_sources

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from pipelines.reconcile import Proof, ReconcileReport


def reconcile(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Sources to compare; all by default.")] = None,
    every: Annotated[
        bool, typer.Option("--ids", help="List every record, also where source and hub count alike.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Prove that the hub holds what its sources hold; bring what was missed, find what went without a word."""
    from pipelines.reconcile import reconcile as compare
    from pipelines.sync import EXIT_CODES
    from warehouse.queries.problems import quarantine_reasons

    config = configuration(context)
    names = chosen(config, sources)
    require_sources(config)
    log_to_stderr(debug=context.obj.debug)
    with watching(as_json=as_json) as progress:
        report = interruptible(config, lambda: compare(config, names, every=every, progress=progress))
    with existing(config.warehouse_url).session() as connection:
        reasons = quarantine_reasons(connection)
    data = {**asdict(report), "quarantine": reasons}
    serve = "" if report.state == "complete" else simulator_command(config.folder)

    def told_all(console: Console) -> None:
        show(console, report, reasons, serve)

    answer({**data, "to_do": serve or None}, told_all, as_json=as_json)
    raise typer.Exit(EXIT_CODES.get(report.state, 1))


def simulator_command(folder: Path) -> str:
    """What serves the vendors of a demo again; empty where this is none, or they are served."""
    if not vendors_away(folder):
        return ""
    return f"{program()} simulator --dir {shlex.quote(str(folder))}"


def show(
    console: Console, report: ReconcileReport, reasons: dict[str, dict[str, int]], serve: str = ""
) -> None:
    """A line per source, a line per stream that differs, and what to do. serve: what starts a demo's vendors."""
    for source, found in groupby(report.proofs, key=lambda proof: proof.source):
        proofs = list(found)
        prose(console, told(source, proofs, reasons.get(source, {})))
        for proof in proofs:
            for line in differences(proof):
                prose(console, line, indent=2)
    words = {
        "complete": "✓ The hub holds what its sources hold",
        "needs_person": "! The hub does not hold all that its sources hold",
        "incomplete": "… Not everything could be compared yet" + ("" if serve else "; run it again"),
    }
    said = words.get(report.state, "✗ Not everything could be compared")
    if report.state == "needs_person" and all(proof.method and not proof.lacking for proof in report.proofs):
        said = "! The hub holds what its sources hold; something else there waits for a person"
    prose(console, f"{said}. {duration(report.seconds)}, run {report.run_id}.")
    if serve:
        prose(
            console, f"→ The demo's vendors are not served: `{serve}` in another terminal, then this again."
        )
    if report.state in {"needs_person", "failed"}:
        console.print("→ `partnerhub errors` says why.", markup=False)


def told(source: str, proofs: list[Proof], reasons: dict[str, int]) -> str:
    """`✓ mailbox 1,940/1,941 (1 quarantined: unreadable_mail 1)`; without a proof, how the reading ended."""
    at_source = sum(proof.in_source for proof in proofs)
    readable = sum(proof.in_hub - proof.quarantined for proof in proofs)
    held_back = sum(proof.quarantined for proof in proofs)
    broken = [proof.stream for proof in proofs if not proof.method]
    mark = "!" if broken or any(proof.lacking for proof in proofs) else "✓"
    why = ", ".join(f"{code} {count:,}" for code, count in reasons.items())
    aside = f" ({held_back:,} quarantined{': ' + why if why else ''})" if held_back else ""
    apart = f"; not compared: {', '.join(broken)}" if broken else ""
    return f"{mark} {source} {readable:,}/{at_source:,}{aside}{apart}"


def differences(proof: Proof) -> list[str]:
    """What one stream's comparison brought to light."""
    lines = []
    if proof.missed:
        lines.append(
            f"{proof.stream}: {counted(proof.missed, 'record')} missed by every sync so far; here now."
        )
    if proof.gone:
        lines.append(f"{proof.stream}: {counted(proof.gone, 'record')} gone at the source without a word.")
    if proof.lacking:
        lines.append(
            f"{proof.stream}: {counted(proof.lacking, 'record')} at the source that the hub does not hold"
            f" → `partnerhub sync {proof.source} --full`"
        )
    return lines
