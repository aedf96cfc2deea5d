"""`partnerhub rebuild`: prove that what is derived comes out of raw layer and ledger again, or put it in its place."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.interruption import Interrupted, Terminated, terminable
from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer, counted, duration, prose, table
from partnerhub.cli.progress import watching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from pipelines.rebuild.verify import Proof
    from pipelines.scratch.compare import Compared, Difference

SIDES: Final = {
    "hub": "only in the hub",
    "scratch": "only in the rebuilt warehouse",
    "differs": "differs in",
}


@contextmanager
def stoppable() -> Iterator[None]:
    """What a block made is put away when somebody ends it; then Interrupted is raised for SIGTERM."""
    with terminable():
        try:
            yield
        except Terminated:
            raise Interrupted(signal.SIGTERM) from None


def rebuild(
    context: typer.Context,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only prove it: compare, and write nothing to the hub.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Differing rows shown of each table.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Make staged and golden records and marts again from the raw layer and the ledger, beside the hub, and compare."""
    from pipelines.rebuild.replace import replace_derived
    from pipelines.rebuild.verify import verify as prove

    config = configuration(context)
    existing(config.warehouse_url)
    log_to_stderr(debug=context.obj.debug)
    with stoppable(), watching(as_json=as_json) as progress:
        work = prove if verify else replace_derived
        proof = work(config, shown=limit, progress=progress)
    answer(as_data(proof), lambda console: show(console, proof, verify=verify), as_json=as_json)
    raise typer.Exit(exit_codes.COMPLETE if proof.equal or not verify else exit_codes.FAILED)


def as_data(proof: Proof) -> dict[str, Any]:
    """Everything, for `--json`."""
    from pipelines.rebuild.tables import JOURNALS, LEFT_OUT

    return {
        "equal": proof.equal,
        "raw_records": proof.raw_records,
        "seconds": proof.seconds,
        "tables": [
            {
                "table": each.name,
                "equal": each.equal,
                "rows": each.rows_hub,
                "rows_rebuilt": each.rows_scratch,
                "hash": each.hash_hub,
                "hash_rebuilt": each.hash_scratch,
                "differing": each.differing,
                "first": [row._asdict() for row in each.first],
            }
            for each in proof.tables
        ],
        "not_compared": {name: left._asdict() for name, left in LEFT_OUT.items()},
        "kept": JOURNALS,
    }


def show(console: Console, proof: Proof, *, verify: bool) -> None:
    """A line a table, the first differing rows, and the verdict."""
    rows = (
        (
            each.name,
            f"{each.rows_hub:,}",
            "equal" if each.equal else f"{each.differing:,} differ",
            each.hash_hub,
        )
        for each in proof.tables
    )
    console.print(table(("table", "#rows", "rebuilt", "hash"), rows))
    wrong = [each for each in proof.tables if not each.equal]
    for each in wrong:
        show_differences(console, each)
    total = sum(each.rows_hub for each in proof.tables)
    took = f"{duration(proof.seconds['whole'])}, from {counted(proof.raw_records, 'raw version')}"
    if not wrong:
        prose(
            console,
            f"✓ {total:,} rows of {len(proof.tables)} tables come out again, every one equal. {took}.",
        )
        return
    differing = sum(each.differing for each in wrong)
    said = "differ" if verify else "differed and are replaced"
    prose(
        console,
        f"{'✗' if verify else '✓'} {counted(differing, 'row')} of {counted(len(wrong), 'table')} {said}. {took}.",
    )
    if verify:
        prose(
            console, "→ `partnerhub rebuild` puts what comes out in its place; say what differed in a report."
        )


def show_differences(console: Console, found: Compared) -> None:
    """The first differing rows of one table, by key."""
    for row in found.first:
        prose(console, told(row, found.name))
    more = found.differing - len(found.first)
    if more > 0:
        prose(
            console,
            f"… and {counted(more, 'row')} more of {found.name}: `--limit {found.differing}`.",
            indent=2,
        )


def told(row: Difference, name: str) -> str:
    """`staged_deal crm/deals/7 differs in stage, status`."""
    key = " ".join(str(part) for part in row.key)
    columns = f" {', '.join(row.columns)}" if row.columns else ""
    return f"! {name} {key} {SIDES[row.kind]}{columns}"
