"""What `partnerhub resolve` refuses before it begins, and what of a spreadsheet it would leave unread."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from pathlib import Path

import typer

from partnerhub.cli.output import printable

LAYOUT = frozenset("\t\n\r")
NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
"""What Unicode calls control characters, and what no program writes as text."""


def require_files(table: Path, output: Path) -> None:
    """Refuse a spreadsheet that is not there, and to write over it or where no file can be."""
    if not table.exists():
        raise typer.BadParameter(f"There is no file {table}. Correct its name, or put it there.")
    if output.is_dir():
        raise typer.BadParameter(f"{output} is a folder. Name a file in it.")
    if not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {output.parent}. Make it, or name another one.")
    if output.exists() and output.samefile(table):
        raise typer.BadParameter(f"{output} is the spreadsheet itself. Name another file to write.")


def require_columns(path: Path, headings: list[str], columns: dict[str, str]) -> None:
    """Refuse a spreadsheet without names or without a column that was asked for, saying which ones it has.

    columns: our column → theirs, as `understood` has them.
    """
    if not headings:
        raise typer.BadParameter(f"{path.name} is empty: its first row must say what the columns hold.")
    if any(unicodedata.category(letter) in NO_TEXT for name in headings for letter in {*name} - LAYOUT):
        raise typer.BadParameter(
            f"{path.name} is no text a spreadsheet program would write. Save it as CSV (UTF-8) or XLSX again."
        )
    absent = [
        (ours, theirs) for ours, theirs in {"name": "name", **columns}.items() if theirs not in headings
    ]
    if absent:
        (ours, theirs), *_ = absent
        listed = ", ".join(f'"{printable(heading)}"' for heading in headings)
        raise typer.BadParameter(
            f"{path.name} has no column `{theirs}`. Its columns are {listed}. "
            f'Say which one holds the {ours}: --column {ours}="…".'
        )


def understood(headings: list[str], columns: dict[str, str], known: Collection[str]) -> dict[str, str]:
    """Our column → theirs: as asked for, else called as ours is, else what the import would take a heading for.

    columns: as asked for. known: our columns.
    """
    from mappings.sheets import recognize

    found = {ours: ours for ours in known if ours in headings} | columns
    for heading, target in recognize(tuple(headings)).items():
        if target in known and heading not in columns.values():
            found.setdefault(target, heading)
    return {ours: found[ours] for ours in known if ours in found}
