"""An HSDS package: a tabular data package of CSV files, every row of which is as the specification wants it.

Machines read it: cells are as they are, without marks for spreadsheet programs. What does not fit is left out, counted.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from warehouse.database import Database
from warehouse.digest import digest
from warehouse.errors import WarehouseError
from warehouse.exports import columnar, hsds_rows
from warehouse.exports.apart import apart
from warehouse.exports.destination import MANIFEST, aside
from warehouse.exports.hsds import PACKAGE_VERSION, TABLES, VERSION
from warehouse.exports.hsds_reading import CHANGES, CONTACTS, NUMBERS, PARTNERS, PROGRAMS, RECORDS, by_partner
from warehouse.exports.logged import as_text, log_export
from warehouse.exports.manifest import manifest, runs_behind
from warehouse.exports.reading import snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from warehouse.database import Connection
    from warehouse.exports.hsds import Field, Table
    from warehouse.exports.hsds_reading import Row
    from warehouse.exports.listed import OnlyOf

PACKAGE: Final = "datapackage.json"
FORMATS: Final = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+", re.IGNORECASE),
    "number": re.compile(r"-?\d+(\.\d+)?"),
}
"""What a text of a format, or of a type, looks like."""
ONCE: Final = frozenset({"taxonomy", "taxonomy_term"})
"""Tables whose rows follow from several partners."""
CHANGING: Final = frozenset({"organization", "address", "phone"})
"""Tables whose rows changes are about; one that was left out has none."""
INFERRED: Final = {
    ("service", "status"): "active",
    ("location", "location_type"): "physical",
    ("address", "address_type"): "physical",
}
"""Column → what every row of the table says there, as no source does."""


class NotInHsds(WarehouseError):
    """Something was asked for that an HSDS package cannot be."""

    def __init__(self, option: str) -> None:
        """Name it."""
        super().__init__(
            f"An HSDS package is written whole: `{option}` does not go with it.",
            "Leave it away, or take `--format parquet`; `--list` goes with both.",
        )


class Written(NamedTuple):
    """Tables as the manifest tells them, the runs behind, what was left out or filled in, counted."""

    tables: list[dict[str, Any]]
    runs: dict[str, Any]
    without: list[dict[str, Any]]
    filled: list[dict[str, Any]]


def export_package(
    database: Database, place: str, only_of: OnlyOf | None, now: str, actor: str
) -> dict[str, Any]:
    """Write the package to a folder or URL and return its manifest; what stood there before is replaced.

    It holds the partner list, or the partners of a saved list. The audit log names the actor before the files stand.
    Raises NotAnExport or WarehouseError, and leaves the former export as it was.
    """
    with aside(place) as folder:
        partners = frozenset(only_of.partners) if only_of else None
        written = apart(write_tables, Database(database.url), folder, partners)
        (folder / PACKAGE).write_text(as_text(data_package(now)), encoding="utf-8")
        facts = {
            "made_at": now,
            "format": "hsds",
            "hsds": VERSION,
            **({"list": {"name": only_of.name, "partners": len(only_of.partners)}} if only_of else {}),
            "without": written.without,
            "filled": written.filled,
        }
        told = manifest(facts, written.runs, written.tables, [PACKAGE])
        (folder / MANIFEST).write_text(as_text(told), encoding="utf-8")
        log_export(database, actor, place, told)
    return told


def write_tables(database: Database, folder: Path, partners: Collection[str] | None) -> Written:
    """Write every table below a folder. For a process of its own: it opens the file by another library."""
    with columnar.session(database) as connection, snapshot(connection), Files(folder) as files:
        chosen = write_partners(connection, files, partners)
        for asked, made_of in (
            (PROGRAMS, hsds_rows.of_program),
            (NUMBERS, hsds_rows.of_number),
            (RECORDS, hsds_rows.of_record),
        ):
            for partner, rows in by_partner(connection, asked):
                if partner in chosen:
                    files.add(made for row in rows for made in made_of(row))
        for partner, rows in by_partner(connection, CONTACTS):
            if partner in chosen:
                files.add(hsds_rows.of_contacts(rows))
        write_changes(connection, files, chosen)
        runs = runs_behind(connection)
    return Written([told_of(folder, table, files.rows[table.name]) for table in TABLES], runs, *files.told())


def write_partners(connection: Connection, files: Files, partners: Collection[str] | None) -> set[str]:
    """Write the partners, and what their records say; their ids."""
    chosen = set()
    for partner, rows in by_partner(connection, PARTNERS):
        row = rows[0]
        if partners is None and not row["is_partner"]:
            files.without["organization", "", "not on the partner list"] += 1
        elif partners is None or partner in partners:
            chosen.add(partner)
            files.add(hsds_rows.of_partner(row))
            if not row["description"]:
                files.filled["organization", "description", "the name"] += 1
    return chosen


def write_changes(connection: Connection, files: Files, chosen: Collection[str]) -> None:
    """Write what was published when, of the partners and rows that are there."""
    for partner, rows in by_partner(connection, CHANGES):
        if partner not in chosen:
            continue
        for row in rows:
            change = hsds_rows.of_change(row, files.made)
            if change is None:
                files.without["metadata", "", "a change of what the package does not hold"] += 1
                continue
            files.add([("metadata", change)])
            for name in ("previous_value", "replacement_value"):
                if change[name] == hsds_rows.NOTHING:
                    files.filled["metadata", name, hsds_rows.NOTHING] += 1


class Files:
    """The open files of the tables, and what came of the rows for them."""

    def __init__(self, folder: Path) -> None:
        """Write below a folder."""
        self.folder, self.open_ones = folder, ExitStack()
        self.tables = {table.name: table for table in TABLES}
        self.rows: Counter[str] = Counter()
        self.without: Counter[tuple[str, str, str]] = Counter()
        self.filled: Counter[tuple[str, str, str]] = Counter()
        self.seen: set[str] = set()
        self.made: set[str] = set()

    def __enter__(self) -> Self:
        """Open them, each with its heading."""
        self.writers = {}
        for table in TABLES:
            file = self.open_ones.enter_context(
                (self.folder / table.path).open("w", encoding="utf-8", newline="")
            )
            self.writers[table.name] = csv.DictWriter(file, table.columns, lineterminator="\n")
            self.writers[table.name].writeheader()
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.open_ones.close()

    def add(self, made: Iterable[tuple[str, Row]]) -> None:
        """Write rows that are as they have to be; count the others, and cells that cannot stay."""
        for name, row in made:
            if name in ONCE and row["id"] in self.seen:
                continue
            table = self.tables[name]
            missing = [field.name for field in table.fields if field.needed and not row.get(field.name)]
            if missing:
                self.without[name, "", f"no {', no '.join(missing)}"] += 1
                continue
            self.remember(name, row)
            self.writers[name].writerow({**row, **self.emptied(table, row)})
            self.rows[name] += 1

    def remember(self, name: str, row: Row) -> None:
        """Keep the ids that later rows ask for."""
        if name in ONCE:
            self.seen.add(row["id"])
        if name in CHANGING:
            self.made.add(row["id"])

    def emptied(self, table: Table, row: Row) -> Row:
        """The cells that are not of their format, emptied."""
        wrong = {field.name: None for field in table.fields if not fits(field, row.get(field.name))}
        for name in wrong:
            self.without[table.name, name, "not of its format"] += 1
        return dict(wrong)

    def told(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What was left out, and what stands in for values the hub does not know, as the manifest tells it."""
        without = [
            {"table": table, **({"field": field} if field else {}), "rows": rows, "why": why}
            for (table, field, why), rows in sorted(self.without.items())
        ]
        every = {(*column, by): self.rows[column[0]] for column, by in INFERRED.items()}
        filled = [
            {"table": table, "field": field, "rows": rows, "by": by}
            for (table, field, by), rows in sorted({**self.filled, **every}.items())
            if rows
        ]
        return without, filled


def fits(field: Field, value: str | None) -> bool:
    """Whether a cell is of the format of its field; an empty one is."""
    looks = FORMATS.get(field.format or field.type)
    return not value or looks is None or bool(looks.fullmatch(value))


def told_of(folder: Path, table: Table, rows: int) -> dict[str, Any]:
    """What the manifest says of a table."""
    path = folder / table.path
    file = {"path": table.path, "rows": rows, "bytes": path.stat().st_size, "sha256": digest(path)}
    return {"name": table.name, "rows": rows, "files": [file], "key": ["id"]}


def data_package(made_at: str) -> dict[str, Any]:
    """The descriptor: a tabular data package, as HSDS is published."""
    return {
        "profile": "tabular-data-package",
        "name": "partner-hub-hsds",
        "title": "Partner Hub: partners by the Human Services Data Specification",
        "version": PACKAGE_VERSION,
        "created": made_at,
        "homepage": "https://docs.openreferral.org",
        "resources": [resource(table) for table in TABLES],
    }


def resource(table: Table) -> dict[str, Any]:
    """One table of the descriptor."""
    keys = [
        {"fields": column, "reference": {"resource": other, "fields": "id"}} for column, other in table.refers
    ]
    return {
        "name": table.name,
        "path": table.path,
        "description": table.grain,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [described(field) for field in table.fields],
            "primaryKey": "id",
            **({"foreignKeys": keys} if keys else {}),
            "missingValues": [""],
        },
    }


def described(field: Field) -> dict[str, Any]:
    """One column of the descriptor."""
    constraints = {
        "required": field.needed,
        **({"unique": True} if field.name == "id" else {}),
        **({"enum": list(field.among)} if field.among else {}),
    }
    return {
        "name": field.name,
        "type": field.type,
        **({"format": field.format} if field.format else {}),
        "description": field.of or "Not known to the hub.",
        "constraints": constraints,
        **({"tags": list(field.tags)} if field.tags else {}),
    }
