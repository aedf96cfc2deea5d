"""Reads XLSX, row by row, every cell a string.

By openpyxl itself rather than through pandas: pandas takes the whole sheet into memory and hides number formats,
without which `007` (a 7 shown with the format 000) cannot be told from 7.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connectors.errors import FixSetup
from connectors.sheets.table import Line

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

OLE_MAGIC: Final = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED_MARK: Final = "EncryptedPackage".encode("utf-16-le")
ZERO_PADDED: Final = re.compile(r"0{2,}")
TIME_IN_FORMAT: Final = re.compile(r"[hs]", re.IGNORECASE)
EXACT_FLOATS: Final = 1e22


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """The workbook, read-only and with the values formulas had when it was saved. Raises `FixSetup` if unreadable."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    refuse_old_formats(path)
    with path.open("rb") as file:  # an open file, because openpyxl judges paths by their ending
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except (
            zipfile.BadZipFile,
            InvalidFileException,
            KeyError,
            ValueError,
            EOFError,
            SyntaxError,
        ) as error:
            raise damaged(path, error) from error
        yield book


def refuse_old_formats(path: Path) -> None:
    """Raise `FixSetup` for old Excel files and for password-protected ones; both share one container format."""
    with path.open("rb") as file:
        if file.read(len(OLE_MAGIC)) != OLE_MAGIC:
            return
        protected = ENCRYPTED_MARK in file.read()
    if protected:
        raise FixSetup(
            code="password_protected",
            do="Save a copy without a password, and name that one.",
            happened=f"{path.name} is protected by a password.",
        )
    raise FixSetup(
        code="old_excel_format",
        do="Open it in a spreadsheet program and save it as .xlsx or CSV.",
        happened=f"{path.name} is in the Excel format of before 2007.",
    )


def damaged(path: Path, error: Exception) -> FixSetup:
    """The error for a file that is not the workbook its name says."""
    return FixSetup(
        code="damaged_file",
        do="Open the file in a spreadsheet program and save it again as .xlsx.",
        happened=f"{path.name} is not a readable workbook ({type(error).__name__}).",
    )


def read_lines(path: Path, worksheet: str | None = None) -> Iterator[Line]:
    """The lines of one worksheet that hold something, in order.

    worksheet: its name; without one the first visible worksheet with anything in it. Raises `FixSetup`.
    """
    with opened(path) as book:
        try:
            for sheet in chosen_sheets(path, book, worksheet):
                found = False
                for line in sheet_lines(sheet):
                    found = True
                    yield line
                if found:
                    return
        except (zipfile.BadZipFile, SyntaxError, EOFError) as error:
            raise damaged(path, error) from error


def chosen_sheets(path: Path, book: Workbook, worksheet: str | None) -> list[Any]:
    """The worksheets to look at: the named one, else all visible ones. Raises `FixSetup` for an unknown name."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if worksheet is None:
        return visible
    named = [sheet for sheet in book.worksheets if sheet.title.strip() == worksheet.strip()]
    if not named:
        raise FixSetup(
            code="missing_worksheet",
            do=f"Set `worksheet` to one of: {', '.join(sheet.title for sheet in book.worksheets)}.",
            happened=f"{path.name} has no worksheet called {worksheet!r}.",
        )
    return named


def sheet_lines(sheet: Any) -> Iterator[Line]:
    """The filled lines of a worksheet. What it says about its own size is ignored: programs write it wrong."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [cell_text(cell.value, getattr(cell, "number_format", None)) for cell in cells]
        if any(text.strip() for text in texts):
            yield Line(number, texts)


def cell_text(value: object, number_format: str | None = None) -> str:
    """A cell as text: numbers without exponent or `.0`, zero-padded where the format pads, dates as ISO text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and (not value.is_integer() or abs(value) >= EXACT_FLOATS):
        return repr(value)
    if isinstance(value, (int, float)):
        return digits_text(int(value), number_format or "")
    if isinstance(value, datetime):
        midnight = value.time() == time(0) and not TIME_IN_FORMAT.search(number_format or "")
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def digits_text(value: int, number_format: str) -> str:
    """A whole number as digits; one shown under a format of zeros (`00000`) gets its leading zeros back."""
    digits = str(value)
    return digits.zfill(len(number_format)) if ZERO_PADDED.fullmatch(number_format) else digits
