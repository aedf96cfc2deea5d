"""Write the tables of today into `initial/`: `python -m warehouse.migrations.freeze`.

Only while 0001 has not been released: afterwards a change of a table is a migration of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Float, LargeBinary

from warehouse.tables import LAYERS, columns, layer_of, metadata

if TYPE_CHECKING:
    from sqlalchemy import Column, Index, Table

FOLDER = Path(__file__).parent / "initial"
NAMED = {
    id(columns.TIME): "time",
    id(columns.DATE): "date",
    id(columns.JSON_TEXT): "json",
    id(columns.PLAIN): "text",
    id(columns.BIG): "int",
}
CLASSES = {Float: "float", Boolean: "bool", LargeBinary: "bytes"}
PARTS = {"golden": {"organizations": ("organization", "golden", "partner", "signal", "change")}}
"""A layer too long for one file → part → beginnings of the names of its tables; the rest goes into a part `facts`."""


def main() -> None:
    """Write a file per layer, or part of one."""
    for layer in LAYERS:
        tables = [table for table in metadata.sorted_tables if layer_of(table.name) == layer]
        for part, chosen in divided(layer, sorted(tables, key=lambda each: each.name)).items():
            write(FOLDER / f"{part}.py", layer, chosen)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(FOLDER)], check=True)  # noqa: S603


def divided(layer: str, tables: list[Table]) -> dict[str, list[Table]]:
    """File name → tables."""
    files: dict[str, list[Table]] = {}
    for table in tables:
        parts = PARTS.get(layer, {})
        found = next((part for part, starts in parts.items() if table.name.startswith(starts)), None)
        name = layer if not parts else f"{layer}_{found or 'facts'}"
        files.setdefault(name, []).append(table)
    return files


def write(path: Path, layer: str, tables: list[Table]) -> None:
    """One file."""
    body = "".join(f"    {spelled(table)},\n" for table in tables)
    used = ["Field", "Index", "Table"] if any(table.indexes for table in tables) else ["Field", "Table"]
    path.write_text(
        f'"""Tables of the {layer} layer as migration 0001 creates them. Frozen: later changes are migrations."""\n\n'
        f"from __future__ import annotations\n\n"
        f"from warehouse.migrations.tables import {', '.join(used)}\n\n"
        f"TABLES = (\n{body})\n",
        encoding="utf-8",
    )


def spelled(table: Table) -> str:
    """One table as Python."""
    fields = "".join(f"{field(column)}," for column in table.columns)
    indexes = "".join(f"{index(each)}," for each in sorted(table.indexes, key=lambda each: str(each.name)))
    parts = [repr(table.name), repr(table.comment or ""), f"({fields})"]
    if indexes:
        parts.append(f"({indexes})")
    if table.dialect_options["sqlite"]["with_rowid"] is False:
        parts.append("by_key=True")
    return f"Table({', '.join(parts)})"


def field(column: Column[object]) -> str:
    """One column as Python."""
    kind = NAMED.get(id(column.type)) or next(
        name for each, name in CLASSES.items() if isinstance(column.type, each)
    )
    kind += " key" if column.primary_key else " null" if column.nullable else ""
    parts = [repr(column.name), repr(kind)]
    if column.comment:
        parts.append(repr(column.comment))
    if column.server_default is not None:
        parts.append(f"default={str(column.server_default.arg)!r}")  # type: ignore[attr-defined]  # ours are DefaultClause
    return f"Field({', '.join(parts)})"


def index(found: Index) -> str:
    """One index as Python."""
    names = tuple(column.name for column in found.columns)
    where = found.dialect_options["sqlite"]["where"]
    condition = "" if where is None else f", where={str(where)!r}"
    return f"Index({found.name!r}, {names!r}{condition})"


if __name__ == "__main__":
    main()
