"""Persons in doubt go through the stewards' queue as partners do."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.conftest import subprocess_command

CONTACTS = """\
No,Company,Website,Contact name,Contact email
1,Acme GmbH,acme.example,Ann Miller,ann@acme.example
2,Acme GmbH,acme.example,Ann Miller,a.miller@acme.example
3,Acme GmbH,acme.example,Bo Lee,bo@acme.example
"""


@pytest.fixture(scope="session")
def with_contacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contacts")
    subprocess_command(folder, "init")
    (folder / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    assert subprocess_command(folder, "import", "contacts.csv", "--partners", "--key", "No").code == 0
    return folder


@pytest.fixture
def folder(with_contacts, tmp_path):
    return shutil.copytree(with_contacts, tmp_path / "hub")


def waiting(ask):
    return [each for each in ask("review", "queue", "--json").json["questions"] if each["entity"] == "person"]


def people(database):
    with database.session() as connection:
        return connection.query("SELECT count(*) FROM person")[0][0]


def test_two_addresses_of_one_name_are_shown_side_by_side_with_the_reason_in_words(ask):
    assert "person, 2 records; one name and employer, different addresses" in ask("review").out
    shown = ask("review", "next").out
    for words in (
        "ann@acme.example",
        "a.miller@acme.example",
        "Acme GmbH",
        "two people, or one with two addresses",
    ):
        assert words in shown
    assert "related" not in shown


def test_same_makes_one_person_and_its_undo_asks_again(ask, database):
    before = people(database)
    (question,) = waiting(ask)
    said = ask("review", "same", question["id"], "--reason", "asked her", "--json").json
    assert (said["entity"], len(said["after"]), said["after"][0]["records"]) == ("person", 1, 2)
    assert (people(database), waiting(ask)) == (before - 1, [])
    ask("undo")
    assert (people(database), waiting(ask)) == (before, [question])


def test_different_is_never_asked_again_and_unsure_waits_behind(ask):
    (question,) = waiting(ask)
    ask("review", "unsure", question["id"])
    assert waiting(ask) == []
    assert [each["id"] for each in ask("review", "queue", "--unsure", "--json").json["questions"]] == [
        question["id"]
    ]
    ask("review", "different", question["id"], "--actor", "ann")
    assert ask("review", "queue", "--unsure", "--json").json["questions"] == []
    assert "ann said on" in ask("why-not", *question["pair"]).out


def test_why_not_says_what_the_rules_ask_and_how_lists_the_records_of_a_person(ask):
    (question,) = waiting(ask)
    assert "two people, or one with two addresses" in ask("why-not", *question["pair"]).out
    one, *_ = ask("review", "same", question["id"], "--json").json["after"]
    told = ask("how", one["id"])
    assert all(
        words in told.out for words in ("Ann Miller", "the first record of this person", "somebody said so")
    )


def test_persons_are_no_family(ask):
    (question,) = waiting(ask)
    refused = ask("review", "related", question["id"])
    assert (refused.code, "are persons" in refused.err) == (3, True)


def test_a_person_is_parted_by_its_id_as_why_proposes(ask, database):
    before = people(database)
    (question,) = waiting(ask)
    one, *_ = ask("review", "same", question["id"], "--json").json["after"]
    left, right = question["pair"]
    assert f"partnerhub split {one['id']} {right}" in ask("why", left, right).out
    ask("undo")
    ask("merge", left, right)
    ask("split", one["id"], right)
    assert (people(database), waiting(ask)) == (before, [])
