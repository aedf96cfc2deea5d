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


def require_columns(path: Path, headings: list[str], columns: dict[str, str], known: Collection[str]) -> None:
    """Refuse a spreadsheet without names or without a column that was asked for, saying which ones it has.

    columns: our column → theirs, as asked for. known: our columns.
    """
    if not headings:
        raise typer.BadParameter(f"{path.name} is empty: its first row must say what the columns hold.")
    if any(unicodedata.category(letter) in NO_TEXT for name in headings for letter in {*name} - LAYOUT):
        raise typer.BadParameter(
            f"{path.name} is no text a spreadsheet program would write. Save it as CSV (UTF-8) or XLSX again."
        )
    wanted = {"name": "name", **columns}
    absent = [theirs for theirs in wanted.values() if theirs not in headings]
    if not absent:
        return
    listed = ", ".join(f'"{printable(heading)}"' for heading in headings)
    likely = " ".join(unread_columns(headings, columns, known)) or '--column name="…"'
    raise typer.BadParameter(
        f"{path.name} has no column `{absent[0]}`. Its columns are {listed}. Say which ones hold what: {likely}."
    )


def unread_columns(headings: list[str], columns: dict[str, str], known: Collection[str]) -> list[str]:
    """Options to copy: what the import would take those headings for that nothing is read from; the name first.

    columns, known: as for `require_columns`.
    """
    from mappings.sheets import recognize

    read = {ours for ours, theirs in columns.items() if theirs in headings}
    read |= {ours for ours in known if ours in headings and ours not in columns}
    likely = [
        f'--column {target}="{printable(heading)}"'
        for heading, target in recognize(tuple(headings)).items()
        if target in known and target not in read
    ]
    return sorted(likely, key=lambda each: "name=" not in each)
