"""Lists of organizations read and checked against the hub, for the page and for `partnerhub check-list`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.config import HubConfig
    from pipelines.resolve.checked_list import CheckedRow
    from warehouse.database import Connection

MOST_ROWS: Final = 10_000
FIRST_ROWS: Final = 1000
"""So many rows of a file are looked at before it is imported."""
FIELDS: Final = ("name", "website", "email", "phone", "street", "postcode", "city", "country", "tier")
"""What a list may say of an organization."""
ALSO: Final = {"email": ("contact.email", "email_domain"), "phone": ("contact.phone",)}
"""Fields that a column of another meaning fills where no other does."""
COMPARED: Final = ("name", "website", "phone", "street", "city", "postcode", "country")
WORKBOOK: Final = b"PK"
"""How an XLSX file begins, whatever it is called."""


@dataclass(frozen=True, slots=True)
class ListsChecked:
    """Reads and checks lists by the rules of one hub; nothing of them is kept."""

    config: HubConfig

    def read(self, name: str, content: bytes) -> tuple[list[str], list[list[str]]]:
        """Headings and rows of a CSV or XLSX file. Raises FixSetup for one that cannot be read, or is too long."""
        suffix = ".xlsx" if content.startswith(WORKBOOK) else ".csv"
        with TemporaryDirectory(prefix="partnerhub-list-") as folder:
            path = Path(folder) / f"list{suffix}"
            path.write_bytes(content)
            return read_list(path, name)

    def guess(self, headings: Sequence[str]) -> dict[str, str]:
        """Our field → the heading that stands for it, as an import would take it."""
        return guessed(headings)

    def check(self, connection: Connection, rows: Sequence[Mapping[str, str]]) -> list[CheckedRow]:
        """Each row, in order, by our fields. Writes temporary tables only."""
        from pipelines.resolve.checked_list import check_rows
        from pipelines.settings import policy_of

        region = self.config.default_region
        return check_rows(connection, [compared(row) for row in rows], policy_of(self.config), region)


def read_list(
    path: Path, name: str, most: int = MOST_ROWS, *, whole: bool = True
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a file. name: what its owner calls it. Raises FixSetup; where whole, for more."""
    from connectors.errors import FixSetup
    from pipelines.resolve.sheet_rows import read_table

    headings, found = read_table(path)
    rows = [list(row) for row in islice(found, most + 1)]
    if not whole:
        return headings, rows[:most]
    if len(rows) > most:
        raise FixSetup(
            code="list_too_long",
            do=f"Check it in parts, or bring it in as a source: `partnerhub import {name}`.",
            happened=f"A list has at most {MOST_ROWS:,} rows here.",
        )
    return headings, rows


def known_already(config: HubConfig, file: Path, asked: Mapping[str, str]) -> dict[str, int] | None:
    """Of the first rows of a file, how many are known for certain, perhaps, and are like another row.

    None where there is no warehouse of this version yet, or the file cannot be read. asked: our field → heading.
    """
    from connectors.errors import SyncError
    from partnerhub.cli.invocation import existing
    from warehouse.errors import WarehouseError

    if not config.warehouse_url:
        return None
    try:
        headings, rows = read_list(file, file.name, most=FIRST_ROWS, whole=False)
        known = {ours: theirs for ours, theirs in asked.items() if ours in FIELDS and theirs in headings}
        said = said_rows(headings, rows, guessed(headings, known))
        with existing(config.warehouse_url).session() as connection:
            found = ListsChecked(config).check(connection, said)
    except (SyncError, WarehouseError):
        return None
    states = Counter(each.state for each in found)
    return {
        "rows": len(found), "certain": states["certain"], "likely": states["likely"],
        "twice": sum(bool(each.twins) for each in found),
    }  # fmt: skip


def guessed(headings: Sequence[str], asked: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our field → heading: as asked for, else as an import would take it."""
    from partnerhub.cli.sheet_checks import understood

    known = (*FIELDS, *(each for several in ALSO.values() for each in several))
    found = understood(list(headings), dict(asked or {}), known)
    for ours, others in ALSO.items():
        heading = next((found[each] for each in others if each in found), None)
        if heading is not None:
            found.setdefault(ours, heading)
    return {ours: found[ours] for ours in FIELDS if ours in found}


def compared(row: Mapping[str, str]) -> dict[str, str]:
    """A row as matching takes it: of an address its domain counts."""
    return {name: row.get(name, "") for name in COMPARED} | {"email_domain": row.get("email", "")}


def said_rows(
    headings: Sequence[str], rows: Sequence[Sequence[str]], columns: Mapping[str, str]
) -> list[dict[str, str]]:
    """Rows by our fields. columns: our field → heading."""
    places = {ours: headings.index(theirs) for ours, theirs in columns.items() if theirs in headings}
    return [
        {ours: text for ours, place in places.items() if place < len(row) and (text := row[place].strip())}
        for row in rows
    ]
