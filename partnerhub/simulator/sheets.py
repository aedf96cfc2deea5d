"""Writes the partner list of the world as the spreadsheet somebody keeps: XLSX or CSV. One world, the same bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

from partnerhub.simulator.world.model import World

WORKSHEET = "Partners"
FIXED_ZIP_TIME, FIXED_MOMENT = (2020, 1, 1, 0, 0, 0), b">2020-01-01T00:00:00Z<"
PROPERTIES, MOMENT = "docProps/core.xml", re.compile(rb">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<")


def write_sheet(world: World, path: Path) -> Path:
    """Write the list to `path` (`.csv`, else XLSX) and return it. A file that already says the same is left alone."""
    content = csv_bytes(world) if path.suffix.lower() == ".csv" else xlsx_bytes(world)
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def table(world: World) -> list[list[str]]:
    """Headings, then a line per row. Columns in the order in which rows first name them."""
    headings = list(dict.fromkeys(name for row in world.sheet for name in row.values))
    return [headings, *([row.values.get(name, "") for name in headings] for row in world.sheet)]


def csv_bytes(world: World) -> bytes:
    """The list as a spreadsheet program exports it: UTF-8 with a mark, commas, CRLF."""
    text = io.StringIO()
    csv.writer(text).writerows(table(world))
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(world: World) -> bytes:
    """The list as a workbook of text cells."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(WORKSHEET)
    for line in table(world):
        sheet.append([cell or None for cell in line])
    written = io.BytesIO()
    book.save(written)
    return without_times(written)


def without_times(archive: io.BytesIO) -> bytes:
    """The same workbook without the moment of writing, so that writing it twice gives the same bytes."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == PROPERTIES:
                content = MOMENT.sub(FIXED_MOMENT, content)
            target.writestr(zipfile.ZipInfo(name, FIXED_ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
