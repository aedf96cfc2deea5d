"""Spreadsheets arrive as they were typed, whatever wrote the file."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.errors import FixSetup, RetryLater
from connectors.record import JsonObject, Page, SourceRecord
from connectors.sheets import SheetsConnector
from connectors.sheets.files import demand_unchanged, fingerprint


def read(path: Path, content: str | bytes | None = None, **settings: object) -> list[SourceRecord]:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [record for page in pages(path, **settings) for record in page.records]


def pages(
    path: Path, cursor: JsonObject | None = None, *, full: bool = False, **settings: object
) -> list[Page]:
    return list(SheetsConnector(path=path, **settings).pull("rows", cursor, full=full))  # type: ignore[arg-type]


def rows(path: Path, content: str | bytes | None = None, **settings: object) -> list[JsonObject]:
    found = [record.payload or {} for record in read(path, content, **settings)]
    return [{name: cell for name, cell in row.items() if not name.startswith("_")} for row in found]


def save_workbook(path: Path, *lines: list[object], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.save(path)
    return path


def refusal(path: Path, **settings: object) -> FixSetup:
    with pytest.raises(FixSetup) as caught:
        read(path, **settings)
    assert caught.value.do
    return caught.value


@pytest.mark.parametrize(
    "cell", ["007", "NA", "None", "null", "nan", "", "12345678901234567", "1e5", "TRUE", "-", " x "]
)
@pytest.mark.fault("F55", "F56")
def test_a_csv_cell_survives_as_typed(tmp_path: Path, cell: str) -> None:
    assert rows(tmp_path / "a.csv", f"Company,Value\nAcme,{cell}\n") == [{"Company": "Acme", "Value": cell}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    content = "Company,City\nAcme,Bonn\nBeta,Ulm\n".replace(",", delimiter)
    assert rows(tmp_path / "a.csv", content)[0] == {"Company": "Acme", "City": "Bonn"}


def test_a_semicolon_file_with_commas_in_its_texts_is_split_at_semicolons(tmp_path: Path) -> None:
    content = "Company;Services\nAcme;a, b\nBeta;a, b, c\n"
    assert rows(tmp_path / "a.csv", content)[1] == {"Company": "Beta", "Services": "a, b, c"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    content = "Company,City\nMüller,Köln\n".encode(encoding)
    assert rows(tmp_path / "a.csv", content) == [{"Company": "Müller", "City": "Köln"}]


def test_the_header_is_found_below_a_title(tmp_path: Path) -> None:
    content = "Partner list 2026,,\n\nCompany,City,Phone\nAcme,Bonn,1\n"
    assert rows(tmp_path / "a.csv", content) == [{"Company": "Acme", "City": "Bonn", "Phone": "1"}]


@pytest.mark.parametrize("content", ["Company\nAcme\nBeta, Inc\n", "Company\nAcme\n"])
def test_a_single_column_loses_no_row(tmp_path: Path, content: str) -> None:
    assert len(read(tmp_path / "a.csv", content)) == content.count("\n") - 1


@pytest.mark.parametrize("settings", [{}, {"header_row": 9}])
def test_without_headings_no_row_is_taken_for_them(tmp_path: Path, settings: dict[str, int]) -> None:
    (tmp_path / "a.csv").write_text("Acme,www.acme.de,0561 23\nBeta,www.beta.de,0561 24\n")
    assert refusal(tmp_path / "a.csv", **settings).code == "no_header"


def test_headings_that_are_years_are_headings(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", "Company,Sector,2025\nAcme,IT,1\n")[0]["2025"] == "1"


def test_headings_that_repeat_or_are_missing_get_names(tmp_path: Path) -> None:
    content = "Company,Mail,Mail,\nAcme,a,b,c\nBeta,d,e,\n"
    first, second = rows(tmp_path / "a.csv", content)
    assert first == {"Company": "Acme", "Mail": "a", "Mail (2)": "b", "Column 4": "c"}
    assert "Column 4" not in second


def test_a_cell_of_pages_of_text_is_read(tmp_path: Path) -> None:
    text = "x" * 200_000
    assert rows(tmp_path / "list.csv", f"name,note\nAcme,{text}\n") == [{"name": "Acme", "note": text}]


def test_blank_lines_are_no_rows_and_numbers_are_those_of_the_program(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "Company,City\nAcme,Bonn\n,\n\nBeta,Ulm\n")
    assert [(record.payload or {})["_row"] for record in found] == [2, 5]


def test_a_row_with_too_many_cells_is_malformed_and_its_neighbors_are_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "Company,City\nAcme,Bonn,Rhine\nBeta,Ulm\n")
    assert [record.malformed for record in found] == ["too_many_cells", None]
    assert found[0].payload == {"cells": ["Acme", "Bonn", "Rhine"], "_row": 2}


def test_a_row_with_a_broken_byte_is_malformed_and_kept_readable(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "Company,City\nMüller,Köln\n".encode() + b"Bad\xff,Ulm\n")
    assert [record.malformed for record in found] == [None, "undecodable_text"]
    assert (found[1].payload or {})["cells"] == ["Bad\\xff", "Ulm"]


def test_a_quoted_cell_keeps_its_line_breaks(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", 'Company,Notes\nAcme,"one\ntwo"\n')[0]["Notes"] == "one\ntwo"


def test_a_row_keeps_its_id_when_it_or_a_column_moves(tmp_path: Path) -> None:
    before = read(tmp_path / "a.csv", "Company,City\nAcme,Bonn\nBeta,Ulm\n")
    after = read(tmp_path / "b.csv", "City,New,Company\nUlm,,Beta\nBonn,,Acme\n")
    assert [record.source_id for record in after] == [record.source_id for record in reversed(before)]


def test_exact_repeats_are_rows_of_their_own(tmp_path: Path) -> None:
    first, second = read(tmp_path / "a.csv", "Company,City\nAcme,Bonn\nAcme,Bonn\n")
    assert second.source_id == f"{first.source_id}-2"


def test_declared_columns_are_the_id_with_their_zeros(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "Account,Company\n007,Acme\n7,Beta\n", key="Account")
    assert [record.source_id for record in found] == ["007", "7"]


def test_a_repeated_or_empty_key_is_malformed_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "Account,Company\n1,Acme\n1,Beta\n,Gamma\n", key=["Account"])
    assert [record.malformed for record in found] == [None, "duplicate_key", "missing_key"]


def test_an_unchanged_file_gives_no_page_until_a_full_read_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    read(path, "Company,City\nAcme,Bonn\n")
    cursor = pages(path)[-1].cursor
    path.touch()
    assert pages(path, cursor) == []
    assert len(pages(path, cursor, full=True)) == 1


def test_a_changed_file_or_another_key_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    read(path, "Company,City\nAcme,Bonn\n")
    cursor = pages(path)[-1].cursor
    assert len(pages(path, cursor, key=["Company"])) == 1
    path.write_text("Company,City\nAcme,Ulm\n")
    assert len(pages(path, cursor)) == 1


def test_a_reading_is_full_and_says_how_many_rows_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Company,City\n" + "Acme,Bonn\n" * 5)
    found = pages(tmp_path / "a.csv", page_size=2)
    assert [page.reading for page in found] == ["full"] * 3
    assert [page.in_source for page in found] == [None, None, 5]
    assert [page.cursor is None for page in found] == [True, True, False]


WORKBOOK_CELLS: list[tuple[object, str, str]] = [
    ("007", "General", "007"),
    (7, "000", "007"),
    (41, "00000", "00041"),
    (1.0, "General", "1"),
    (2.5, "General", "2.5"),
    ("12345678901234567", "@", "12345678901234567"),
    (date(2024, 3, 1), "dd.mm.yyyy", "2024-03-01"),
    (datetime(2024, 3, 1, 9, 30), "yyyy-mm-dd hh:mm", "2024-03-01T09:30:00"),  # noqa: DTZ001
    (True, "General", "TRUE"),
    ("NA", "General", "NA"),
    (None, "General", ""),
]


@pytest.mark.parametrize(("value", "number_format", "text"), WORKBOOK_CELLS)
def test_a_workbook_cell_survives_as_shown(
    tmp_path: Path, value: object, number_format: str, text: str
) -> None:
    path = save_workbook(
        tmp_path / "a.xlsx", ["Company", "Value"], ["Acme", value], formats={"B2": number_format}
    )
    assert rows(path) == [{"Company": "Acme", "Value": text}]


@pytest.mark.fault("F55")
def test_a_long_number_in_a_workbook_keeps_every_digit_that_is_stored(tmp_path: Path) -> None:
    save_workbook(tmp_path / "a.xlsx", ["Company", "Value"], ["Acme", 4711])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as plain, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as other:
        for name in plain.namelist():
            other.writestr(name, plain.read(name).replace(b"<v>4711</v>", b"<v>12345678901234567</v>"))
    assert rows(tmp_path / "b.xlsx")[0]["Value"] == "12345678901234567"


def test_the_first_filled_visible_worksheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Hidden").append(["secret"])
    book["Hidden"].sheet_state = "hidden"
    for title in ("Partners", "Old"):
        book.create_sheet(title).append(["Company", "City"])
        book[title].append([title, "Bonn"])
    book.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx")[0]["Company"] == "Partners"
    assert rows(tmp_path / "a.xlsx", worksheet="Old")[0]["Company"] == "Old"
    assert "Old" in refusal(tmp_path / "a.xlsx", worksheet="None").do


def test_merged_titles_and_blank_rows_of_a_workbook_are_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["Our partners"], [], ["Company", "City"], ["Acme", "Bonn"], [None, None], ["Beta", "Ulm"]):
        sheet.append(line)
    sheet.merge_cells("A1:B1")
    book.save(tmp_path / "a.xlsx")
    assert [row["Company"] for row in rows(tmp_path / "a.xlsx")] == ["Acme", "Beta"]


def test_a_workbook_called_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    save_workbook(tmp_path / "a.xlsx", ["Company", "City"], ["Acme", "Bonn"]).rename(tmp_path / "a.csv")
    assert rows(tmp_path / "a.csv") == [{"Company": "Acme", "City": "Bonn"}]


def test_a_folder_or_pattern_is_one_stream_that_names_the_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"Company,City\n{name},Bonn\n")
    (tmp_path / "~$a.xlsx").write_text("lock")
    for path in (tmp_path, tmp_path / "*.csv"):
        assert [(record.payload or {})["_file"] for record in read(path)] == ["a.csv", "b.csv"]


def test_a_missing_file_names_the_path(tmp_path: Path) -> None:
    assert str(tmp_path / "gone.csv") in refusal(tmp_path / "gone.csv").happened


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xls", b"anything", "old_excel_format"),
        ("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1"), "old_excel_format"),
        (
            "a.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "password_protected",
        ),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged_file"),
        ("a.csv", b'Company,City\nAcme,"Bonn\n', "damaged_file"),
        ("a.ods", b"PK\x03\x04", "unknown_file_format"),
    ],
)
def test_a_file_the_hub_cannot_read_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).code == code


def test_settings_that_name_a_missing_column_say_which_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Company,City\nAcme,Bonn\n")
    assert "Company, City" in refusal(tmp_path / "a.csv", key=["Account"]).do


def test_a_file_saved_while_it_is_read_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Company,City\nAcme,Bonn\n")
    before = fingerprint([path])
    path.write_text("Company,City\nAcme,Bonn\nBeta,Ulm\n")
    with pytest.raises(RetryLater):
        demand_unchanged([path], before)


def test_check_shows_the_headings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Company,City\nAcme,Bonn\n")
    assert SheetsConnector(path=tmp_path / "a.csv").check().details == {"a.csv": "Company, City"}


def test_memory_stays_flat_over_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Company,Notes\n" + "".join(f"Acme {number},{'x' * 2000}\n" for number in range(3_000)))
    next(SheetsConnector(path=path).pull("rows", None))
    tracemalloc.start()
    for _ in SheetsConnector(path=path).pull("rows", None):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size


def test_wanted_cells_are_those_of_the_rows_and_nothing_of_a_malformed_one(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(
        "Firma,Ort,Land\nAcme,Ulm,DE\nBeta\n\nGamma,Bonn,DE,zu,viel\nDelta,\udcff,DE\n".encode(
            "utf-8", "surrogateescape"
        )
    )
    headings, found = SheetsConnector(path=path, encoding="utf-8").cells(("Land", "Firma", "Telefon"))
    assert headings == ["Firma", "Ort", "Land"]
    assert list(found) == [("DE", "Acme", ""), ("", "Beta", ""), ("", "", ""), ("", "", "")]
