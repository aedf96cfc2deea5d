"""Whatever somebody types into a table is what arrives, in CSV and in XLSX."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from connectors.sheets import SheetsConnector

HEADINGS = ["Company", "Account", "Notes"]
TYPED = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), max_size=12)
ODD = ["007", "NA", "None", "nan", "1e9", "12345678901234567", 'a "b"', "a;b", "a,b", "x\ny"]
CELL = st.one_of(TYPED, st.sampled_from(ODD))
LINE = st.tuples(CELL, CELL, CELL).filter(lambda cells: any(cell.strip() for cell in cells))
TABLE = st.lists(LINE, min_size=1, max_size=8)


def arrived(path: Path) -> list[tuple[str, ...]]:
    pages = SheetsConnector(path=path, header_row=1, page_size=3).pull("rows", None)
    return [
        tuple((record.payload or {})[name] for name in HEADINGS) for page in pages for record in page.records
    ]


@given(table=TABLE, delimiter=st.sampled_from([",", ";", "\t"]))
@example(table=[("Müller", "007", "ß")], delimiter=";")
@settings(max_examples=60)
def test_a_csv_table_arrives_as_typed(table: list[tuple[str, str, str]], delimiter: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADINGS, *table])
        assert arrived(path) == table


@given(table=TABLE.filter(lambda table: not any(cell.startswith("=") for line in table for cell in line)))
@settings(max_examples=25)
def test_a_workbook_table_arrives_as_typed(table: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as folder:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for line in [HEADINGS, *table]:
            sheet.append([cell or None for cell in line])
        book.save(Path(folder) / "a.xlsx")
        assert arrived(Path(folder) / "a.xlsx") == table
