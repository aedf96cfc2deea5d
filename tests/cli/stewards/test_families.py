"""Two organizations of one family: a steward says so, both pages show it, an undo takes it back."""

from __future__ import annotations

import pytest

from tests.cli.conftest import subprocess_command
from tests.cli.stewards.doubt import suggested


def family(ask, name):
    return [
        (each["words"], each["name"]) for each in ask("show", f"{name}.example", "--json").json["relations"]
    ]


def waiting(ask):
    return ask("review", "queue", "--json").json["waiting"]


def test_a_branch_stands_on_both_pages_and_is_asked_about_no_more(ask, database, keys):
    suggested(database, keys["Bellago S.r.l."], keys["Corvina Kft."], "related", "branch")
    question = ask("review", "queue", "--json").json["questions"][0]["id"]
    said = ask("review", "related", question, "--as", "head-of", "--actor", "ann").out
    assert "Bellago S.r.l. is the head office of Corvina Kft." in said
    assert family(ask, "bellago") == [("head office of", "Corvina Kft.")]
    assert family(ask, "corvina") == [("branch of", "Bellago S.r.l.")]
    assert "head office of" in ask("show", "bellago.example").out
    assert waiting(ask) == 0


def test_they_are_two_for_ever_and_the_relation_says_why_not(ask, folder):
    ask("review", "related", "bellago.example", "corvina.example", "--as", "parent-of")
    assert ask("merge", "bellago.example", "corvina.example").code == 3
    assert "is the parent of" in ask("why-not", "bellago.example", "corvina.example").out
    assert subprocess_command(folder, "sync", "--full").code == 0
    assert family(ask, "bellago") == [("parent of", "Corvina Kft.")]


def test_an_undo_takes_the_relation_and_the_verdict_back(ask, database):
    ask("review", "related", "bellago.example", "corvina.example", "--as", "branch-of")
    undone = ask("undo", "--json").json["undone"]
    assert undone["kind"] == "related"
    assert family(ask, "bellago") == family(ask, "corvina") == []
    assert len(ask("merge", "bellago.example", "corvina.example", "--json").json["after"]) == 1
    with database.session() as connection:
        assert connection.query("SELECT count(*) FROM raw_record WHERE source = 'hub'") == [(2,)]


def test_a_relation_a_source_states_is_not_entered_beside_it(ask, database, keys):
    ask("review", "related", "bellago.example", "corvina.example", "--as", "parent-of")
    again = ask("review", "related", "bellago.example", "corvina.example", "--as", "parent-of", "--json").json
    assert (again["news"], again["act"]) == (False, None)
    guessed = ask("review", "related", keys["Corvina Kft."], keys["Bellago S.r.l."], "--json").json
    assert guessed["news"] is False
    with database.session() as connection:
        assert connection.query("SELECT count(*) FROM staged_relation") == [(1,)]


def test_a_relation_follows_when_its_partner_merges(ask):
    ask("review", "related", "bellago.example", "corvina.example", "--as", "parent-of")
    ask("merge", "corvina.example", "dorado.example")
    assert family(ask, "bellago") == [
        ("parent of", ask("show", "dorado.example", "--json").json["organization"]["name"])
    ]
    assert family(ask, "dorado") == [("subsidiary of", "Bellago S.r.l.")]


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_other_answers_enter_no_relation(ask, database, verdict):
    ask("review", verdict, "bellago.example", "corvina.example")
    with database.session() as connection:
        assert connection.query("SELECT count(*) FROM staged_relation") == [(0,)]
