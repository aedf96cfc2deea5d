"""From lines of cells to rows with names: which line is the header, what the columns are called, what a row's id is.

Knows nothing of file formats. A cell is text; nothing in it is interpreted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

from connectors.errors import FixSetup
from connectors.record import JsonObject, Remedy, SourceRecord

ROW_NUMBER, FILE_NAME = "_row", "_file"
"""Payload fields of the connector's own: where the row stood. They move without the row changing."""
HEADER_SEARCHED = 30
HEADER_FILL = 0.6
"""A header names at least this share of the columns that the rows below it fill."""
SURROGATE = re.compile(r"[\udc80-\udcff]")
NUMBER_LIKE = re.compile(r"[-+]?[\d.,:/\s%€$£-]+")
VALUE_LIKE = re.compile(r"@\S+\.\w|^https?://|^www\.", re.IGNORECASE)
"""E-mail and web addresses: what stands in columns, never above them."""


class Line(NamedTuple):
    """One line of a table as the file has it. `number` counts from 1, as a spreadsheet program shows it."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns and the line they stand on.

    A column without a heading is called `Column 3`, and shows only in rows where it holds something.
    """

    names: list[str]
    number: int
    unnamed: frozenset[str] = frozenset()


@dataclass(slots=True)
class RowIds:
    """Gives every row its id: the declared columns, else a hash of what stands in it, counted for exact repeats."""

    key: tuple[str, ...]
    _seen: set[int] = field(default_factory=set)
    _repeats: Counter[int] = field(default_factory=Counter)

    def of(self, row: dict[str, str]) -> tuple[str, str | None]:
        """Id of a row, and the reason code when it cannot have one (its id is then empty)."""
        if not self.key:
            digest = content_digest(row)
            repeat = self._occurrence(int(digest[:16], 16))
            return (digest if repeat == 1 else f"{digest}-{repeat}"), None
        values = [row[name].strip() for name in self.key]
        if not all(values):
            return "", "missing_key"
        identity = "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)
        if self._occurrence(int(hashlib.sha256(identity.encode()).hexdigest()[:16], 16)) > 1:
            return "", "duplicate_key"
        return identity, None

    def _occurrence(self, mark: int) -> int:
        """How often this mark came up, this time included. 64-bit marks keep a million rows under 100 MB."""
        if mark not in self._seen:
            self._seen.add(mark)
            return 1
        self._repeats[mark] += 1
        return self._repeats[mark] + 1


def content_digest(row: dict[str, str]) -> str:
    """32 hex digits over the filled cells by name: moving rows or columns, or an added empty column, change nothing."""
    filled = {name: value for name, value in row.items() if value}
    text = json.dumps(filled, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def find_header(lines: Sequence[Line], wanted: Sequence[str] = (), row: int | None = None) -> Header | None:
    """The header among the first lines of a table, or None when there is nothing but blank lines.

    wanted: column names the settings speak of; a line that holds them all is the header. row: the line a person named.
    Otherwise the first line of several different words under which the columns are filled. Raises `FixSetup` where
    there is no such line: a row of data must never be taken for the header and so be lost.
    """
    filled = [line for line in lines[:HEADER_SEARCHED] if any(cell.strip() for cell in line.cells)]
    if not filled:
        return None
    needed = {tidy(name) for name in wanted}
    named_by_person = (line for line in filled if line.number == row)
    holders = (line for line in filled if needed and needed <= {tidy(cell) for cell in line.cells})
    found = next(named_by_person if row is not None else chain(holders, likely_headers(filled)), None)
    if found is None:
        raise FixSetup(
            code="no_header",
            do="Put headings above the columns (Company, Website, …), or set `header_row` to the row they stand on.",
            happened=f"None of the first {HEADER_SEARCHED} rows"
            + (f" that hold something is row {row}." if row is not None else " looks like headings."),
        )
    return named(found)


def likely_headers(filled: Sequence[Line]) -> Iterator[Line]:
    """Lines that look like a header, first one first: nearly as wide as the table, made of words rather than values."""
    usual = Counter(count_filled(line) for line in filled[1:] or filled).most_common(1)[0][0]
    for line in filled:
        words = [cell.strip() for cell in line.cells if cell.strip()]
        wide = len(words) >= HEADER_FILL * max(usual, 1) and (len(words) > 1 or usual == 1)
        numbers = sum(bool(NUMBER_LIKE.fullmatch(word)) for word in words)
        if wide and 2 * numbers < len(words) and not any(VALUE_LIKE.search(word) for word in words):
            yield line


def count_filled(line: Line) -> int:
    """How many cells of a line hold something."""
    return sum(bool(cell.strip()) for cell in line.cells)


def named(line: Line) -> Header:
    """A header with every column named, each name once."""
    names: list[str] = []
    unnamed: set[str] = set()
    for position, cell in enumerate(map(tidy, line.cells), start=1):
        names.append(free_name(cell or f"Column {position}", names))
        if not cell:
            unnamed.add(names[-1])
    return Header(names, line.number, frozenset(unnamed))


def free_name(name: str, taken: Sequence[str]) -> str:
    """The name, with a number behind it when another column already has it."""
    candidate, number = name, 2
    while candidate in taken or candidate in {ROW_NUMBER, FILE_NAME}:
        candidate, number = f"{name} ({number})", number + 1
    return candidate


def tidy(cell: str) -> str:
    """A heading on one line: line breaks and repeated spaces become one space."""
    return " ".join(cell.split())


UNDECODABLE: Final = Remedy(
    "Say the file's `encoding` in the source's settings, or save the file as UTF-8.",
    "The row holds bytes that are no text in the file's encoding.",
)
REMEDIES: Final = {
    "missing_key": Remedy(
        "Fill in the key column of this row, or name another column in `key`.",
        "The row has no value in a column that identifies it.",
    ),
    "duplicate_key": Remedy(
        "Give one of the rows another key, or delete the row that is one too many.",
        "An earlier row of the table has the same key; this one is kept apart.",
    ),
}
"""Reason → what to do and what happened."""
TOO_MANY: Final = Remedy(
    "Put the cell with the separator in it into quotes, or give every column a heading.",
    "The row has more cells than the header has headings, so what stands where is not certain.",
)


def check_columns(header: Header, key: Sequence[str], columns: dict[str, str]) -> None:
    """Raise `FixSetup` when the settings name a column that the file does not have."""
    missing = [name for name in (*key, *columns.values()) if tidy(name) not in header.names]
    if missing:
        raise FixSetup(
            code="missing_column",
            do=f"Name one of the columns the file has: {', '.join(header.names)}.",
            happened=f"The settings name the column {missing[0]!r}, which is not in the header (row {header.number}).",
        )


def read_row(
    header: Header, line: Line, ids: RowIds, *, strict_width: bool, file_name: str | None
) -> SourceRecord:
    """One line as a source record.

    strict_width: more cells than headings make it malformed (CSV, where a comma too many shifts all that follows);
    otherwise they are called by their position (XLSX, where somebody wrote beside the table).
    """
    place: JsonObject = {ROW_NUMBER: line.number} | ({FILE_NAME: file_name} if file_name else {})
    if any(SURROGATE.search(cell) for cell in line.cells):
        cells = [readable(cell) for cell in line.cells]
        return SourceRecord("", {"cells": cells, **place}, malformed="undecodable_text", remedy=UNDECODABLE)
    beyond = [cell for cell in line.cells[len(header.names) :] if cell.strip()]
    if beyond and strict_width:
        return SourceRecord(
            "", {"cells": list(line.cells), **place}, malformed="too_many_cells", remedy=TOO_MANY
        )
    row = {name: "" for name in header.names if name not in header.unnamed}
    for position, cell in enumerate(line.cells):
        name = header.names[position] if position < len(header.names) else f"Column {position + 1}"
        if cell or name in row:
            row[name] = cell
    identity, reason = ids.of(row)
    return SourceRecord(
        identity, {**row, **place}, malformed=reason, remedy=REMEDIES.get(reason) if reason else None
    )


def cells_under(
    header: Header, lines: Iterable[Line], wanted: Sequence[str], *, strict_width: bool
) -> Iterator[tuple[str, ...]]:
    """Of every line the cells under the wanted headings, "" where there is none; all empty where `read_row` refuses."""
    width, nothing = len(header.names), ("",) * len(wanted)
    places = [header.names.index(name) if name in header.names else None for name in wanted]
    last = max((place for place in places if place is not None), default=-1)
    for _, cells in lines:
        beyond = strict_width and len(cells) > width and any(cell.strip() for cell in cells[width:])
        if beyond or (not "".join(cells).isprintable() and any(map(SURROGATE.search, cells))):
            yield nothing
        elif len(cells) > last:
            yield tuple([cells[place] if place is not None else "" for place in places])
        else:
            yield tuple(cells[place] if place is not None and place < len(cells) else "" for place in places)


def readable(cell: str) -> str:
    """A cell whose undecodable bytes are spelled out in hexadecimal, so that it can be stored as text."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
