"""Spreadsheets: CSV and XLSX files, or a folder of them, every cell a string.

A sheet is read whole each time; rows that are no longer in it are gone. A row's id is what stands in its declared key
columns, else a hash of its content, so that a row may move without becoming another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, PrivateAttr
from pydantic_settings import SettingsConfigDict

from connectors.errors import FixSetup, SyncError
from connectors.record import (
    CheckResult,
    Connector,
    CursorState,
    JsonObject,
    Page,
    SourceRecord,
    Stream,
)
from connectors.sheets import delimited, workbook
from connectors.sheets.files import demand_unchanged, find_files, fingerprint, is_workbook
from connectors.sheets.table import (
    FILE_NAME,
    HEADER_SEARCHED,
    ROW_NUMBER,
    Header,
    Line,
    RowIds,
    cells_under,
    check_columns,
    find_header,
    read_row,
)

DEFAULT_PAGE_SIZE = 500
READING_VERSION = 1
"""Raised whenever the same file is read differently than before, so that it is read again."""


def as_list(value: object) -> object:
    """One column name counts as a list of one."""
    return (value,) if isinstance(value, str) else value


class SheetsConnector(Connector):
    """One spreadsheet, or several of the same shape, as one stream of rows."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_SHEETS_")

    name: ClassVar[str] = "sheets"
    title: ClassVar[str] = "Spreadsheet"

    path: Path = Field(description="a CSV or XLSX file, a folder of them, or a pattern such as lists/*.csv")
    columns: dict[str, str] = Field(
        default={}, description="staged field → column heading, where it is not recognized"
    )
    key: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        default=(), description="columns that identify a row for good, such as an account number"
    )
    stream: str = Field(
        default="rows", pattern=r"^[a-z][a-z0-9_]*$", description="what the stream of rows is called"
    )
    worksheet: str | None = Field(
        default=None, description="worksheet of a workbook; the first one that is filled"
    )
    header_row: int | None = Field(
        default=None, ge=1, description="row of the headings, where it is not found"
    )
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="what separates CSV cells"
    )
    encoding: str | None = Field(default=None, description="encoding of CSV files, where it is not found")
    page_size: int = Field(
        default=DEFAULT_PAGE_SIZE, ge=1, le=10_000, description="rows stored in one transaction"
    )

    _headings: dict[str, list[str]] | None = PrivateAttr(default=None)

    def streams(self) -> tuple[Stream, ...]:
        """One stream, read whole; a row that is missing from a complete reading was deleted."""
        return (
            Stream(
                name=self.stream,
                mode="full",
                primary_key=",".join(self.key) or "content",
                volatile=(ROW_NUMBER, FILE_NAME),
                one_maker=False,
                deletes="absence",
            ),
        )

    def check(self) -> CheckResult:
        """Prove that the file is there, can be opened, and has the columns the settings name. Writes nothing."""
        details = {name: ", ".join(headings) or "empty" for name, headings in self.headings().items()}
        return CheckResult(account=self.path.name, details=details)

    def headings(self) -> dict[str, list[str]]:
        """The headings of every file by its name, as rows will carry them; none when empty. Raises `FixSetup`."""
        with self._places_in_errors():
            found = {path.name: self._open(path)[0] for path in find_files(self.path)}
        self._headings = {name: header.names if header else [] for name, header in found.items()}
        return self._headings

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """All rows in pages, or no page at all when nothing changed since `cursor` and `full` is not asked for.

        Only the last page carries a cursor: a reading that was cut short starts over. Raises `FixSetup` for files that
        are missing, locked or damaged, and `RetryLater` for one that is saved while it is read.
        """
        with self._places_in_errors(stream):
            files = find_files(self.path)
            before = fingerprint(files)
            state: CursorState = {"files": before, "reading": self._reading()}
            if not full and cursor is not None and content_of(cursor) == content_of(state):
                return
            records, total = self._records(files), 0
            page = list(islice(records, self.page_size))
            while True:
                following = list(islice(records, self.page_size))
                total += len(page)
                if not following:
                    break
                yield Page(stream, page, reading="full")
                page = following
            demand_unchanged(files, before)
            yield Page(stream, page, cursor=state, reading="full", last=True, in_source=total)

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The headings of the files; None while all of them are empty. Raises `FixSetup`."""
        del stream
        known = self.headings() if self._headings is None else self._headings
        return {name: name for names in known.values() for name in names} or None

    def cells(self, wanted: Sequence[str]) -> tuple[list[str], Iterator[tuple[str, ...]]]:
        """All headings, and of every row the cells under the wanted ones; "" where there is none.

        The rows of `pull`, in order, without ids and what they cost; a malformed row is empty. Raises as `pull` does.
        """
        with self._places_in_errors():
            files = find_files(self.path)
            before = fingerprint(files)
            opened = [(path, *self._open(path)) for path in files]
        headings = dict.fromkeys(name for _, header, _ in opened for name in (header.names if header else ()))
        return list(headings), self._wanted_cells(opened, before, wanted)

    def _wanted_cells(
        self,
        opened: list[tuple[Path, Header | None, Iterator[Line]]],
        before: dict[str, JsonObject],
        wanted: Sequence[str],
    ) -> Iterator[tuple[str, ...]]:
        """The wanted cells of every row of every file."""
        with self._places_in_errors():
            for path, header, lines in opened:
                if header is not None:
                    yield from cells_under(header, lines, wanted, strict_width=not is_workbook(path))
            demand_unchanged([path for path, *_ in opened], before)

    def _records(self, files: list[Path]) -> Iterator[SourceRecord]:
        """Every row of every file, ids counted across them."""
        ids = RowIds(tuple(self.key))
        for path in files:
            header, lines = self._open(path)
            if header is not None:
                strict, shown = not is_workbook(path), path.name if len(files) > 1 else None
                for line in lines:
                    yield read_row(header, line, ids, strict_width=strict, file_name=shown)

    def _open(self, path: Path) -> tuple[Header | None, Iterator[Line]]:
        """The header of a file, checked against the settings, and the lines below it."""
        if is_workbook(path):
            lines = workbook.read_lines(path, self.worksheet)
        else:
            lines = delimited.read_lines(path, delimited.find_dialect(path, self.delimiter, self.encoding))
        first = list(islice(lines, HEADER_SEARCHED))
        header = find_header(first, (*self.key, *self.columns.values()), self.header_row)
        if header is None:
            return None, iter(())
        check_columns(header, self.key, self.columns)
        return header, (line for line in chain(first, lines) if line.number > header.number)

    def _reading(self) -> str:
        """A mark of everything that decides how the file is read; another one means reading it again."""
        facts = (READING_VERSION, self.key, self.worksheet, self.header_row, self.delimiter, self.encoding)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    @contextmanager
    def _places_in_errors(self, stream: str = "") -> Iterator[None]:
        """Say in every error which source and stream it is about; turn the system's refusals into `FixSetup`."""
        try:
            yield
        except SyncError as error:
            raise error.at(source=self.source, stream=stream) from error.__cause__
        except OSError as error:
            raise FixSetup(
                code="unreadable_file",
                do="Close it in other programs and check that this user may read it.",
                happened=f"{self.path} cannot be opened ({type(error).__name__}).",
                source=self.source,
                stream=stream,
            ) from error


def content_of(cursor: CursorState) -> tuple[object, object]:
    """What decides whether anything changed: contents and way of reading. A file merely touched is the same file."""
    files = cursor.get("files") or {}
    return sorted((name, facts.get("sha256")) for name, facts in files.items()), cursor.get("reading")
