"""`partnerhub export` from a shell."""

from __future__ import annotations

import json

import pytest

from partnerhub.cli.app import main


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
