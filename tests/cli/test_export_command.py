"""`partnerhub export` from a shell."""

from __future__ import annotations

import json

import pytest

from partnerhub.cli.app import main
from partnerhub.cli.exit_codes import NEEDS_PERSON, USAGE


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_an_export_says_what_it_wrote_and_refuses_what_is_no_export(configured, capsys):
    assert code("export", "out", "--format", "csv", "--table", "dim_date", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(table["name"], table["rows"]) for table in told["tables"]] == [("dim_date", 11323)]
    assert (configured / "out/dim_date.csv").exists()
    assert code("export", ".") != 0
    assert "holds files" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--raw",), ("--since", "soon"), ("--table", "dim_nobody")])
def test_what_makes_no_sense_is_refused_with_what_to_do(configured, capsys, wrong):
    assert code("export", "out", *wrong) != 0
    assert capsys.readouterr().err
    assert not (configured / "out").exists()


def test_an_hsds_package_says_what_was_written_and_refuses_what_it_cannot_be(configured, capsys):
    assert code("export", "out", "--format", "hsds") == 0
    assert "out: 11 tables, 0 rows, 11 files" in capsys.readouterr().out
    assert code("export", "other", "--format", "hsds", "--table", "dim_date") != 0
    assert "`--table` does not go with it" in capsys.readouterr().err
    assert not (configured / "other").exists()


def test_a_copy_of_the_whole_hub_stands_in_the_audit_log(configured, capsys):
    assert code("backup", "all.db", "--json") == 0
    capsys.readouterr()
    assert code("audit", "tail", "--json") == 0
    assert "hub.backup" in capsys.readouterr().out
    assert code("audit", "verify") == 0


@pytest.mark.parametrize("option", ["--as-of", "--since"])
def test_a_day_that_has_not_begun_is_refused(configured, capsys, option):
    assert code("export", "out", option, "2999-01-01") == USAGE
    assert "has not begun: 2999-01-01" in capsys.readouterr().err
    assert not (configured / "out").exists()


def test_of_a_moment_before_anything_landed_the_export_says_that_nothing_was_known(configured, capsys):
    assert code("export", "out", "--as-of", "2019-01-01") == 0
    assert "At 2019-01-01 23:59 UTC the hub knew nothing yet: nothing landed." in capsys.readouterr().out
    told = json.loads((configured / "out/manifest.json").read_text())
    assert (told["as_of"], told["known_since"]) == ("2019-01-01T23:59:59.999999Z", None)


def test_a_day_no_month_has_is_refused_as_a_date(configured, capsys):
    assert code("export", "out", "--as-of", "2026-02-31") == USAGE
    assert "is not a date" in capsys.readouterr().err


def test_a_former_export_that_is_not_there_is_no_run_but_a_place(configured, capsys):
    assert code("export", "out", "--since", "lake/monday") == NEEDS_PERSON
    said = capsys.readouterr().err
    assert f"No export can build on {configured}/lake/monday: there is no manifest.json." in said


@pytest.mark.parametrize(("place", "why"), [("taken", "it is a file"), ("taken/below", "Not a directory")])
def test_a_place_nothing_can_be_written_to_is_told_in_words(configured, capsys, place, why):
    (configured / "taken").write_text("whose", encoding="utf-8")
    assert code("export", place, "--table", "dim_date") == NEEDS_PERSON
    said = capsys.readouterr().err
    assert f"{place} cannot be read or written: {why}." in said
    assert "name another folder or URL" in said
    assert (configured / "taken").read_text(encoding="utf-8") == "whose"


def test_an_address_nobody_answers_at_is_told_without_what_signs_in(configured, capsys):
    assert code("export", "ftp://data:pass-of-data@127.0.0.1:1/lake", "--table", "dim_date") == NEEDS_PERSON
    said = capsys.readouterr().err
    assert "ftp://127.0.0.1:1/lake cannot be read or written: Connection refused." in said
    assert "pass-of-data" not in said


def test_a_folder_no_package_can_be_written_to_is_told_in_words(configured, capsys):
    (configured / "taken").write_text("whose", encoding="utf-8")
    assert code("contract", "dbt", "taken/package", "--marts-only") == NEEDS_PERSON
    assert "taken/package cannot be read or written: Not a directory." in capsys.readouterr().err


def test_without_a_configuration_that_of_the_demo_is_named_where_it_stands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert code("export", "out") == USAGE
    assert ".demo" not in capsys.readouterr().err
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo/partnerhub.yaml").write_text("sources: {}", encoding="utf-8")
    assert code("export", "out") == USAGE
    assert "`--config .demo/partnerhub.yaml`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "blank", [("out", "--list", ""), ("out", "--as-of", ""), ("out", "--since", " "), ("",)]
)
def test_what_a_variable_nobody_set_leaves_empty_is_refused_and_does_not_mean_everything(
    configured, capsys, blank
):
    assert code("export", *blank) == USAGE
    assert "is empty. Write what it names, or leave it away." in capsys.readouterr().err
    assert not (configured / "out").exists()
