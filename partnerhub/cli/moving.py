"""`partnerhub migrate-db`: the whole warehouse into another database, compared before it counts."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.output import answer, counted, error_console, prose, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from warehouse.moving import Moved

PASSWORD: Final = re.compile(r"(?<=://)([^/?#@\s:]*):[^/?#@\s]*@")
PARAMETER: Final = re.compile(r"([?&]password=)[^&#\s]*")
WITHOUT: Final = "${PARTNERHUB_DB_PASSWORD}"
"""What is shown in a password's place: what the configuration can say instead of one."""
SHOWN: Final = 12
"""Digits of a sum that people compare."""


def migrate_db(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            help="An empty database, as `warehouse:` names it (postgresql://…); ${NAME} and ${FILE:…} are read.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Copy the warehouse into another, empty database (SQLite to PostgreSQL or back) and compare every table."""
    from warehouse.database import Database
    from warehouse.moving import move

    config = configuration(context, with_settings=False)
    target = Database(read_target(to, config.folder))
    source = existing(config.warehouse_url)
    with telling(as_json=as_json) as tell:
        moved = move(source, target, tell)
    rows = sum(each.rows for each in moved)
    named = without_password(to)

    def show(console: Console) -> None:
        console.print(table(("table", "#rows", "same on both sides"), shown(moved)))
        prose(console, f"✓ {counted(rows, 'row')} of {counted(len(moved), 'table')} are in the new database.")
        prose(
            console, f"→ Write `warehouse: {named}` into {config.path.name}, and start `partnerhub up` anew."
        )
        prose(
            console,
            "→ Then `partnerhub doctor`, and `partnerhub sync`, which goes on where the last one ended.",
        )
        prose(
            console,
            f"! {config.warehouse_label} is as it was: nothing that is written there from now on comes along.",
        )

    answer({"to": named, "rows": rows, "tables": [each._asdict() for each in moved]}, show, as_json=as_json)


def read_target(to: str, folder: Path) -> str:
    """The URL that was named, with references resolved; a SQLite file is sought beside the configuration."""
    from partnerhub.config.load import warehouse_at

    def refuse(happened: str, do: str) -> None:
        raise typer.BadParameter(f"{happened} {do}", param_hint="--to")

    return warehouse_at(to, folder, refuse)


def without_password(written: str) -> str:
    """A URL as it was written, with a reference in the place of a password."""
    if "${" in written:
        return written
    return PARAMETER.sub(rf"\1{WITHOUT}", PASSWORD.sub(rf"\1:{WITHOUT}@", written))


def shown(moved: list[Moved]) -> list[tuple[Any, ...]]:
    """The tables with rows, the largest first, and one line for all others."""
    full = sorted((each for each in moved if each.rows), key=lambda each: (-each.rows, each.name))
    empty = len(moved) - len(full)
    rows: list[tuple[Any, ...]] = [(each.name, each.rows, each.digest[:SHOWN]) for each in full]
    return [*rows, (f"{counted(empty, 'table')} without rows", 0, "")] if empty else rows


@contextmanager
def telling(*, as_json: bool) -> Iterator[Callable[[str], None]]:
    """What shows a person at a terminal which table is being copied or compared."""
    console = error_console()
    if as_json or not console.is_terminal:
        yield lambda _: None
        return
    with console.status("copying") as status:
        yield lambda name: status.update(f"copying and comparing: {name}")
