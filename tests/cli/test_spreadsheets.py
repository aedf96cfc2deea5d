"""Looking at a spreadsheet before it comes in, and deduplicating one without a hub."""

import csv

import pyarrow as pa
import pytest

from partnerhub.cli import resolving
from partnerhub.cli.resolving import harmless
from partnerhub.config.edit import with_source

SHEET = "Firma,Webseite,Land,Telefon\nAcme GmbH,acme.example,DE,+49 30 901820\nBeta,beta.example,Atlantis,\n"


def test_a_dry_run_shows_rows_lists_problems_and_stores_nothing(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("sources:\n")
    (tmp_path / "list.csv").write_text(SHEET)
    said = run("import", "list.csv", "--dry-run", "--json")
    assert said.code == 0
    assert (said.json["rows"], said.json["readable"], said.json["refused"]) == (2, 2, 0)
    assert said.json["samples"][0]["phone"] == "+4930901820"
    with (tmp_path / "list.errors.csv").open(encoding="utf-8-sig") as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["3"]
    assert "list.csv" not in (tmp_path / "partnerhub.yaml").read_text()


def test_a_dry_run_needs_no_configuration_and_shows_which_heading_became_which_field(run, tmp_path):
    (tmp_path / "list.csv").write_text(SHEET.replace("Land", "Umsatz"))
    said = run("import", "list.csv", "--dry-run", "--json")
    assert said.code == 0
    fields = {each["heading"]: (each["field"], each["becomes"]) for each in said.json["headings"]}
    assert fields["Firma"] == ("name", "Acme GmbH")
    assert fields["Telefon"] == ("phone", "+4930901820")
    assert fields["Umsatz"] == ("custom.Umsatz", "DE")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv"]


def test_a_dry_run_takes_phones_for_those_of_the_named_country(run, tmp_path):
    (tmp_path / "list.csv").write_text("Firma,Telefon\nAcme,030 901820\n")
    said = run("import", "list.csv", "--dry-run", "--region", "DE", "--json")
    assert said.json["samples"][0]["phone"] == "+4930901820"


def test_without_a_configuration_nothing_is_imported_for_good(run, tmp_path):
    (tmp_path / "list.csv").write_text(SHEET)
    said = run("import", "list.csv")
    assert said.code == 2
    assert "partnerhub init" in said.err


def test_a_column_a_person_names_is_used(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("sources:\n")
    (tmp_path / "list.csv").write_text("Wer,Wo\nAcme,Berlin\n")
    said = run("import", "list.csv", "--dry-run", "--column", "name=Wer", "--column", "city=Wo", "--json")
    assert said.json["samples"] == [{"name": "Acme", "city": "Berlin"}]


def test_a_taken_source_name_is_refused(run, tmp_path):
    (tmp_path / "list.csv").write_text(SHEET)
    (tmp_path / "partnerhub.yaml").write_text("sources: {list: {connector: sheets, path: list.csv}}\n")
    said = run("import", "list.csv")
    assert said.code == 2
    assert "--source" in said.err


def test_adding_a_source_keeps_comments_and_order():
    text = "# mine\nsources:\n    # the CRM\n    crm:\n        connector: hubspot\nown_domains: []\n"
    changed = with_source(text, "list", {"connector": "sheets", "path": "list.csv"}, partners=True)
    assert changed == (
        "# mine\nsources:\n    list:\n      connector: sheets\n      path: list.csv\n    # the CRM\n    crm:\n"
        "        connector: hubspot\nown_domains: []\n\npartners:\n  - source: list\n"
    )


def test_adding_a_source_to_an_empty_section():
    assert with_source("sources: {}\n", "a", {"connector": "sheets"}, partners=False) == (
        "sources:\n  a:\n    connector: sheets\n"
    )


def test_resolve_joins_duplicates_and_needs_only_a_name(run, tmp_path):
    (tmp_path / "in.csv").write_text(
        "Company,website,city\nAcme GmbH,acme.example,Bonn\nAcme Gesellschaft mbH,www.acme.example,Bonn\nOther,,Rome\n"
    )
    said = run("resolve", "in.csv", "-o", "out.csv", "--column", "name=Company", "--json")
    assert said.code == 0
    assert (said.json["rows"], said.json["organizations"], len(said.json["groups"])) == (3, 2, 1)
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["source_id"]) for row in rows] == [("in", "1"), ("in", "2"), ("in", "3")]
    assert rows[0]["partner_id"] == rows[1]["partner_id"] != rows[2]["partner_id"]


def test_resolve_names_the_columns_there_are_when_none_holds_names(run, tmp_path):
    (tmp_path / "in.csv").write_text("Wer,City\nAcme,Berlin\n")
    said = run("resolve", "in.csv", "-o", "out.csv")
    assert said.code == 2
    assert '"Wer", "City"' in said.err
    assert '--column name="…"' in said.err


def test_resolve_recognizes_headings_as_the_import_does_and_says_so(run, tmp_path):
    rows = "Nordlicht,nordlicht.example,Kassel\nNordlicht GmbH,anders.example,Rom\n"
    (tmp_path / "in.csv").write_text(f"Firma,Webseite,Ort\n{rows}")
    said = run("resolve", "in.csv", "-o", "out.csv")
    assert "2 organizations" in said.out
    assert "name from “Firma”, website from “Webseite”, city from “Ort”" in said.out
    alone = run("resolve", "in.csv", "-o", "out.csv", "--column", "name=Webseite", "--json").json
    assert alone["columns"] == {"name": "Webseite", "city": "Ort"}


def test_resolve_shows_so_many_groups_and_writes_all(run, tmp_path):
    names = ("Nordlicht Akademie", "Südwind Verlag", "Hafenkante Logistik")
    (tmp_path / "in.csv").write_text("name\n" + "".join(f"{name}\n{name} GmbH\n" for name in names))
    said = run("resolve", "in.csv", "-o", "out.csv", "--groups", "1", "--json")
    assert (len(said.json["groups"]), said.json["in_several_rows"], said.json["organizations"]) == (1, 3, 3)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 7
    assert "2 more" in run("resolve", "in.csv", "-o", "out.csv", "--groups", "1").out


def test_rows_that_are_all_different_are_written_without_a_group(run, tmp_path):
    (tmp_path / "in.csv").write_text("name\nAcme\n")
    said = run("resolve", "in.csv", "-o", "out.csv", "--json")
    assert (said.code, said.json["organizations"], said.json["groups"]) == (0, 1, [])
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        (b"", ("-o", "out.csv"), "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), ("-o", "out.csv"), "Save it as CSV (UTF-8) or XLSX"),
        (b"name\nAcme\n", ("-o", "in.csv"), "is the spreadsheet itself"),
        (b"name\nAcme\n", ("-o", "nowhere/out.csv"), "There is no folder nowhere"),
        (b"name\nAcme\n", ("-o", "out.csv", "--column", "city=Town"), "has no column `Town`"),
    ],
)
def test_what_resolve_cannot_begin_with_is_told_and_nothing_is_written(
    run, tmp_path, content, arguments, told
):
    (tmp_path / "in.csv").write_bytes(content)
    said = run("resolve", "in.csv", *arguments)
    assert said.code == 2
    assert told in said.err
    assert (tmp_path / "in.csv").read_bytes() == content
    assert not (tmp_path / "out.csv").exists()


def test_rows_that_are_not_in_the_answer_are_told(run, tmp_path):
    rows = ("Acme,crm,1,acme.example", "Bellago,crm,1,", "Acme Works,crm,2,,one cell too many")
    (tmp_path / "in.csv").write_text("\n".join(("name,source,source_id,Webseite", *rows)))
    said = run("resolve", "in.csv", "-o", "out.csv", "--json").json
    assert (said["rows"], said["organizations"], said["repeated"], said["left_out"]) == (3, 1, 1, 1)
    shown = run("resolve", "in.csv", "-o", "out.csv").out
    assert "1 row left out" in shown
    assert "1 row repeats the source and source_id" in shown


def test_no_cell_of_ours_is_run_as_a_formula():
    assert harmless("=1+1") == "'=1+1"
    assert harmless("Acme") == "Acme"


@pytest.mark.parametrize("odd", ["=1+1", "-2", "\tx", "a,b", 'say "a"', "two\nlines", "\rx", "", "Ä"])
def test_an_answer_is_what_csv_writes_row_by_row(tmp_path, monkeypatch, odd):
    monkeypatch.setattr(resolving, "BLOCK", 2)
    sources, ids = pa.array(["crm", "crm", odd, "crm", "crm"]), pa.array(["1", odd, "3", "4", "5"])
    entity, weight = pa.array(["a", "b", "a", "b", "a"]), pa.array([8.125, None, -0.4, 1.0, None])
    resolving.write_answer(
        tmp_path / "out.csv",
        resolving.Found(sources, ids, ids, entity.dictionary_encode(), weight, lambda _: []),
    )
    weights = ["8.12", "", "-0.40", "1.00", ""]
    columns = (
        map(harmless, sources.to_pylist()),
        map(harmless, ids.to_pylist()),
        entity.to_pylist(),
        weights,
    )
    with (tmp_path / "again.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([resolving.HEADINGS, *zip(*columns, strict=True)])
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
