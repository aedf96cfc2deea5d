"""Reads CSV and its kin by pandas, in chunks, every cell a string; finds out encoding and delimiter first."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pandas as pd

from connectors.errors import FixSetup
from connectors.sheets.table import HEADER_SEARCHED, Line

DELIMITERS: Final = (",", ";", "\t", "|")
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BLOCK_BYTES, SAMPLE_LINES, CHUNK_ROWS = 1 << 20, 60, 500
NUL_SHARE = 0.2
"""Text in UTF-16 without a byte order mark shows as this share of NUL bytes or more."""
LARGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is to be read. `skip`: lines before the table (`sep=;`, which Excel writes)."""

    encoding: str
    delimiter: str
    skip: int = 0


def find_dialect(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Dialect:
    """Encoding and delimiter of a text file; what a person set is taken as it is."""
    csv.field_size_limit(LARGEST_CELL)
    found = encoding or find_encoding(path)
    with path.open(encoding=found, errors="surrogateescape", newline="") as file:
        sample = list(islice(file, SAMPLE_LINES))
    if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == len("sep=;"):
        return Dialect(found, delimiter or sample[0][4], skip=1)
    try:
        return Dialect(found, delimiter or find_delimiter(sample))
    except csv.Error as error:
        raise too_long(path) from error


def find_encoding(path: Path) -> str:
    """The encoding by byte order mark, else UTF-8 if (nearly) all of it is, else Windows-1252.

    A file of many UTF-8 letters and a few broken bytes stays UTF-8: the broken rows are told apart later. Reads the
    file once, in blocks.
    """
    with path.open("rb") as file:
        start = file.read(4096)
        for mark, name in BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return name
        if start and start.count(0) / len(start) > NUL_SHARE:
            return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        letters = broken = 0
        while block := file.read(BLOCK_BYTES):
            text = decoder.decode(block)
            beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
            if beyond_ascii:
                bad = sum("\udc80" <= char <= "\udcff" for char in text)
                broken, letters = broken + bad, letters + beyond_ascii - bad
    return "utf-8" if letters >= broken else "cp1252"


def find_delimiter(sample: list[str]) -> str:
    """The delimiter under which most lines have one and the same width; a comma when nothing separates."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if any(cells)]
        if not widths:
            continue
        width, lines = Counter(widths).most_common(1)[0]
        score = (lines / len(widths), width) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_lines(path: Path, dialect: Dialect) -> Iterator[Line]:
    """The lines of a text file that hold something, in order; memory stays flat. Raises `FixSetup` when damaged."""
    width, first_widths = measure(path, dialect)
    if width == 0:
        return
    try:
        # na_filter, dtype and header are what keeps `NA`, `007` and a first row of data what they are.
        with pd.read_csv(
            path,
            sep=dialect.delimiter,
            encoding=dialect.encoding,
            encoding_errors="surrogateescape",
            header=None,
            names=list(range(width)),
            index_col=False,
            dtype=object,
            na_filter=False,
            keep_default_na=False,
            skip_blank_lines=False,
            skiprows=dialect.skip,
            chunksize=CHUNK_ROWS,
            engine="c",
            low_memory=True,
        ) as chunks:
            number = dialect.skip
            for chunk in chunks:
                for cells in chunk.itertuples(index=False, name=None):
                    number += 1
                    # pandas fills every line up to the widest one; a header must not grow by that.
                    position = number - dialect.skip - 1
                    texts = list(cells[: first_widths[position]] if position < len(first_widths) else cells)
                    if any(text.strip() for text in texts):
                        yield Line(number, texts)
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, UnicodeError) as error:
        raise FixSetup(
            code="damaged_file",
            do="Look for a quote that is never closed, or save the file again as CSV (UTF-8) in a spreadsheet program.",
            happened=f"{path.name} cannot be read to its end ({type(error).__name__}).",
        ) from error


def measure(path: Path, dialect: Dialect) -> tuple[int, list[int]]:
    """The widest line's number of cells, which pandas wants beforehand, and the widths of the first lines."""
    with path.open(encoding=dialect.encoding, errors="surrogateescape", newline="") as file:
        lines = islice(csv.reader(file, delimiter=dialect.delimiter), dialect.skip, None)
        try:
            first = [len(cells) for cells in islice(lines, HEADER_SEARCHED)]
            return max(chain(first, map(len, lines)), default=0), first
        except csv.Error as error:
            raise too_long(path) from error


def too_long(path: Path) -> FixSetup:
    """What the `csv` module refuses a file for."""
    return FixSetup(
        code="damaged_file",
        do="Check that this is a CSV file and that every quote is closed, then save it again.",
        happened=f"{path.name} holds a cell of more than {LARGEST_CELL:,} characters.",
    )
