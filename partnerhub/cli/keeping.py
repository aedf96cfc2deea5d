"""`partnerhub backup`, `restore` and `prune`: a copy that counts, putting it back, letting old history go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, counted, prose
from partnerhub.cli.stewardship import Actor, Reason, by_command, now_text, user

if TYPE_CHECKING:
    from rich.console import Console


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to; its facts go beside it, as FILE.json.")],
    as_json: AsJson = False,
) -> None:
    """Copy the whole warehouse to a file, while syncs run if need be; the copy is checked before it gets its name."""
    from warehouse.backup import backup as copy
    from warehouse.commands.audit import Deed, did

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    with database.session() as connection, connection.transaction():
        done = Deed("hub.backup", "hub:backup", {"to": str(file.absolute())})
        did(connection, now_text(), by_command(user()), done)
    facts = copy(config.warehouse_url, file, now_text())

    def show(console: Console) -> None:
        size = facts["bytes"] / 2**20
        prose(console, f"✓ {file}: {size:,.1f} MB, {facts['rows'].get('raw_record', 0):,} versions, checked.")
        prose(console, f"→ `partnerhub restore {file}` puts it back.")

    answer({"file": str(file), **facts}, show, as_json=as_json)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `backup` made, with its .json beside it.")],
    actor: Actor,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the warehouse's place; the next sync reads on from its cursors and brings what came since."""
    from warehouse.backup import restore as put_back
    from warehouse.commands.operate import Who, note
    from warehouse.database import Database

    config = configuration(context, with_settings=False)
    facts = put_back(config.warehouse_url, file)
    with Database(config.warehouse_url).session() as connection, connection.transaction():
        note(
            connection,
            Who(actor, now_text(), reason),
            ("restore", file.name),
            None,
            {"made_at": facts["made_at"]},
        )

    def show(console: Console) -> None:
        prose(console, f"✓ The warehouse is that of {facts['made_at'][:16].replace('T', ' ')} UTC.")
        if facts["kept"]:
            prose(console, f"What stood there before is kept as {facts['kept']}.", indent=2)
        prose(console, "! What people entered, decided or redacted since then is not in it: enter it again.")
        prose(console, "→ `partnerhub sync`, then `partnerhub reconcile --ids`.")

    answer({"file": str(file), **facts}, show, as_json=as_json)


def prune(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, help="Keep the history of so many days.")] = 90,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let old history go: runs, resolved problems, closed incidents, and Dagster's runs. No record or decision."""
    from connectors.record import utc_text
    from pipelines.pruning import prune as let_go

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    before = datetime.now(UTC) - timedelta(days=days)
    gone = let_go(database, utc_text(before), dry_run=dry_run)

    def show(console: Console) -> None:
        said = "would go" if dry_run else "went"
        parts = [counted(gone.runs, "run"), counted(gone.problems, "resolved problem")]
        parts.append(counted(gone.incidents, "closed incident"))
        parts.append(counted(gone.dagster_runs, "Dagster run"))
        prose(console, f"✓ {', '.join(parts)} from before {before:%Y-%m-%d} {said}.")

    answer({"before": utc_text(before), "dry_run": dry_run, **gone._asdict()}, show, as_json=as_json)
