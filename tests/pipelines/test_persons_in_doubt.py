"""Who may be one person and is not joined waits for a steward, like organizations; who is deleted holds nobody."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.record import Op, SourceRecord
from pipelines.golden.questions import publish_questions
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from tests.pipelines.test_one_person import (
    ACME,
    ACME_TOO,
    ANN,
    ANN_TOO,
    BETA,
    LEAD,
    PeopleHub,
    alone,
    person,
    persons,
    verdict,
)
from tests.pipelines.test_promises import engine_at
from warehouse import bulk
from warehouse.commands.acts import Said
from warehouse.commands.judge import judge_different, judge_same, judge_unsure
from warehouse.commands.undo import act_to_undo, undo_act
from warehouse.database import Database
from warehouse.queries.review import questions

NOW = "2026-12-01T00:00:00.000000Z"


@pytest.fixture
def hub(database_url: str) -> PeopleHub:
    hub = PeopleHub(Database(database_url))
    hub.groups[ACME_TOO] = ACME
    for each in (ACME, ACME_TOO, BETA):
        hub.stage("organization", each, name=each)
    return hub


def asked(hub: PeopleHub, *, unsure: bool = False) -> set[tuple[str, str, str]]:
    """The questions about persons; those kept with every publication are those that making them anew gives."""
    hub.publish()
    kept = hub.rows("question")
    with hub.database.session() as connection, connection.transaction():
        publish_questions(connection, f"2026-10-01T00:{hub.runs:02}:00.000000Z", everything=True)
        found = questions(connection, unsure=unsure, limit=50)
    assert hub.rows("question") == kept
    return {(*each.pair, each.reason) for each in found if each.entity == "person"}


def listed(called: str, *rows: SourceRecord) -> ScriptedConnector:
    """A list with these rows."""
    return ScriptedConnector(source=called).plays(THINGS, pages(page(*rows)))


def leaves(hub: PeopleHub, each: str, company: str) -> None:
    """As a CRM says that somebody left."""
    values = {"from_record": each, "to_record": company, "until": "2026-08-31"}
    hub.stage("relation", f"{each}#at", kind="works_at", **values)


def gone(hub: PeopleHub, each: str, *keys: str, name: str = "ann miller") -> None:
    hub.stage("person", each, [f"name:{name}", *keys], name=name, deleted_at=NOW)


def test_one_name_and_employer_with_other_addresses_is_asked_about(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:a.miller@acme.example")
    assert persons(hub) == alone(ANN, ANN_TOO)
    assert asked(hub) == {(ANN, ANN_TOO, "addresses")}
    person(hub, ANN_TOO, ACME_TOO, "email:ann@acme.example")
    assert asked(hub) == set()


def test_who_could_be_either_of_two_is_asked_about_with_both(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:a.miller@acme.example")
    person(hub, LEAD, ACME)
    assert asked(hub) == {
        (ANN, ANN_TOO, "addresses"),
        (ANN, LEAD, "either"),
        (ANN_TOO, LEAD, "either"),
    }


def test_a_namesake_of_somebody_who_left_is_asked_about_unless_the_name_is_common(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, BETA, "email:ann@beta.example")
    assert persons(hub) == alone(ANN, ANN_TOO)
    assert asked(hub) == set()
    leaves(hub, ANN, ACME)
    assert asked(hub) == {(ANN, ANN_TOO, "moved")}
    namesakes = [f"hubspot/contacts/{number}" for number in range(10, 12)]
    for each in namesakes:
        person(hub, each, None)
    assert asked(hub) == set()
    person(hub, namesakes[0], None, name="bo lee")
    assert asked(hub) == {(ANN, ANN_TOO, "moved")}


def test_a_name_alone_is_not_even_asked_about(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, LEAD, None)
    assert asked(hub) == set()


def test_one_mailbox_of_two_names_is_two_persons_and_a_question(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:ann@acme.example", name="bo lee")
    assert persons(hub) == alone(ANN, ANN_TOO)
    assert asked(hub) == {(ANN, ANN_TOO, "mailbox")}


def test_a_mailbox_of_three_names_is_a_desk_nobody_is_asked_about(hub: PeopleHub) -> None:
    for each, name in (ANN, "ann miller"), (ANN_TOO, "bo lee"), (LEAD, "eva smith"):
        person(hub, each, None, "email:office4@acme.example", name=name)
    assert persons(hub) == alone(ANN, ANN_TOO, LEAD)
    assert asked(hub) == set()


def test_answers_join_part_and_stay_and_an_undo_asks_again(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    leaves(hub, ANN, ACME)
    person(hub, ANN_TOO, BETA, "email:ann@beta.example")
    question = {(ANN, ANN_TOO, "moved")}
    assert asked(hub) == question
    verdict(hub, judge_same, ANN, ANN_TOO)
    assert persons(hub) == {frozenset({ANN, ANN_TOO})}
    assert (asked(hub), len(hub.rows("person_organization"))) == (set(), 2)
    with hub.database.session() as connection, connection.transaction():
        undo_act(connection, act_to_undo(connection, None), Said("ann", NOW))
    assert persons(hub) == alone(ANN, ANN_TOO)
    assert asked(hub) == question


def test_nobody_is_asked_again_about_two_that_are_different_also_through_a_third_record(
    hub: PeopleHub,
) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    leaves(hub, ANN, ACME)
    person(hub, ANN_TOO, BETA, "email:ann@beta.example")
    persons(hub)
    verdict(hub, judge_different, ANN, ANN_TOO)
    assert asked(hub) == set()
    person(hub, LEAD, None, "email:ann@beta.example")
    assert persons(hub) == {frozenset({ANN_TOO, LEAD})} | alone(ANN)
    assert asked(hub) == set()


def test_what_nobody_could_tell_waits_apart(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    leaves(hub, ANN, ACME)
    person(hub, ANN_TOO, BETA, "email:ann@beta.example")
    persons(hub)
    said = Said("ann", "2026-10-03T00:00:00.000000Z")
    with hub.database.session() as connection, connection.transaction():
        judge_unsure(connection, ANN, ANN_TOO, "two", said, entity="person")
    assert asked(hub) == set()
    assert asked(hub, unsure=True) == {(ANN, ANN_TOO, "moved")}


def test_a_person_of_very_many_records_is_shown(hub: PeopleHub) -> None:
    for number in range(26):
        person(hub, f"hubspot/contacts/{number:02}", ACME, "email:ann@acme.example")
    assert len(persons(hub)) == 1
    assert asked(hub) == {("hubspot/contacts/00", "hubspot/contacts/01", "size")}


def test_two_numbers_of_which_one_person_has_one_keep_two_apart_and_are_asked_about(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:ann@acme.example")
    assert len(persons(hub)) == 1
    columns = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
    with hub.database.session() as connection, connection.transaction():
        for each, number in (ANN, "0000000218250097"), (ANN_TOO, "0000000114559647"):
            row = (each, "registry", "isni", number, number, "person", "crm")
            bulk.insert(connection, "key", columns, [row])
            hub.mark(connection, "person", each)
    assert persons(hub) == alone(ANN, ANN_TOO)
    assert asked(hub) == {(ANN, ANN_TOO, "registry")}


def test_a_deleted_person_holds_nobody_together_and_stays_with_the_founder(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, BETA, "email:ann@acme.example", "email:ann@home.example")
    person(hub, LEAD, None, "email:ann@home.example")
    assert persons(hub) == {frozenset({ANN, ANN_TOO, LEAD})}
    gone(hub, ANN_TOO, "email:ann@acme.example", "email:ann@home.example")
    assert persons(hub) == {frozenset({ANN, ANN_TOO})} | alone(LEAD)
    person(hub, ANN_TOO, BETA, "email:ann@acme.example", "email:ann@home.example")
    assert persons(hub) == {frozenset({ANN, ANN_TOO, LEAD})}


def test_a_deleted_namesake_keeps_nobody_in_doubt(hub: PeopleHub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:a.miller@acme.example")
    person(hub, LEAD, ACME)
    persons(hub)
    gone(hub, ANN_TOO, "email:a.miller@acme.example")
    assert persons(hub) == {frozenset({ANN, LEAD})} | alone(ANN_TOO)
    assert asked(hub) == set()


def test_a_row_that_is_deleted_at_its_source_no_longer_ties_its_contact_to_two_others(
    database_url: str,
) -> None:
    ann = {"contact name": "Ann Miller"}
    acme = {"name": "Acme Robotics", "website": "acme.example"}
    beta = {"name": "Beta Legal", "website": "beta.example"}
    address = {"contact email": "ann@acme.example"}
    one_row: dict[str, Any] = acme | ann | address
    other_row: dict[str, Any] = beta | ann | address
    third_row: dict[str, Any] = beta | ann
    engine = engine_at(database_url)
    engine.sync([listed("crm", record("1", **one_row))])
    engine.sync([listed("list", record("1", **other_row), record("2", **third_row))])
    one = "SELECT count(DISTINCT person_id), count(*) FROM person_link WHERE ended_at IS NULL"
    assert engine.query(one) == [(1, 3)]
    engine.sync([listed("list", record("1", op=Op.DELETE))])
    assert engine.query(one) == [(2, 3)]
