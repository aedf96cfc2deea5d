"""One human in several systems is one person: by address, or by name where they work. Decided by key."""

from __future__ import annotations

import pytest

from pipelines.golden.publish import Identity
from pipelines.resolve import assign_persons
from tests.pipelines.golden_rig import Hub
from warehouse.commands.acts import Said
from warehouse.commands.judge import judge_different, judge_same
from warehouse.database import Database

ACME, ACME_TOO, BETA = "hubspot/companies/1", "salesforce/Account/1", "hubspot/companies/2"
ANN, ANN_TOO, LEAD = "hubspot/contacts/1", "salesforce/Contact/1", "salesforce/Lead/1"


class PeopleHub(Hub):
    """Persons by the real rules; organizations as the test says."""

    def identity(self) -> Identity:
        return Identity(super().identity().assign_organizations, assign_persons)


@pytest.fixture
def hub(sqlite_url: str) -> PeopleHub:
    hub = PeopleHub(Database(sqlite_url))
    hub.groups[ACME_TOO] = ACME
    for record in (ACME, ACME_TOO, BETA):
        hub.stage("organization", record, name=record)
    return hub


def person(hub: Hub, record: str, company: str | None, *keys: str, name: str = "ann miller") -> None:
    hub.stage("person", record, [f"name:{name}", *keys], name=name)
    if company:
        hub.stage("relation", f"{record}#at", kind="works_at", from_record=record, to_record=company)


def persons(hub: Hub) -> set[frozenset[str]]:
    """The records of each person; computing everything anew gives the same golden rows."""
    hub.publish()
    step_by_step = hub.published()
    hub.rebuild()
    assert hub.published() == step_by_step
    found: dict[str, set[str]] = {}
    with hub.database.session() as connection:
        for record, person_id in connection.query(
            "SELECT record, person_id FROM person_link WHERE ended_at IS NULL"
        ):
            found.setdefault(person_id, set()).add(record)
    return {frozenset(records) for records in found.values()}


def alone(*records: str) -> set[frozenset[str]]:
    return {frozenset({record}) for record in records}


def test_contact_lead_and_account_contact_of_one_address_are_one_person(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:ann@acme.example", name="miller")
    person(hub, LEAD, None, "email:ann@acme.example")
    assert persons(hub) == {frozenset({ANN, ANN_TOO, LEAD})}
    assert [row[0] for row in hub.rows("person", "record_count")] == [3]


def test_a_contact_without_address_is_the_one_of_that_name_who_works_there(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO)
    assert persons(hub) == {frozenset({ANN, ANN_TOO})}


def test_a_lead_of_that_name_behind_the_same_phone_is_the_same_person(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example", "phone:+493012345")
    person(hub, LEAD, None, "phone:+493012345")
    person(hub, "salesforce/Lead/2", None)
    assert persons(hub) == {frozenset({ANN, LEAD})} | alone("salesforce/Lead/2")


def test_namesakes_of_two_organizations_become_one_only_when_these_do(hub: Hub) -> None:
    person(hub, ANN, BETA)
    person(hub, ANN_TOO, ACME_TOO)
    assert persons(hub) == alone(ANN, ANN_TOO)
    hub.groups[BETA] = ACME
    hub.stage("organization", BETA, name="Beta")
    assert persons(hub) == {frozenset({ANN, ANN_TOO})}
    del hub.groups[BETA]
    hub.stage("organization", BETA, name="Beta")
    assert persons(hub) == alone(ANN, ANN_TOO)


def test_a_relation_that_comes_and_goes_joins_and_parts(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, None)
    assert persons(hub) == alone(ANN, ANN_TOO)
    person(hub, ANN_TOO, ACME_TOO)
    assert persons(hub) == {frozenset({ANN, ANN_TOO})}
    hub.unstage("relation", f"{ANN_TOO}#at")
    assert persons(hub) == alone(ANN, ANN_TOO)


def test_a_namesake_who_goes_clears_the_doubt(hub: Hub) -> None:
    namesake = "hubspot/contacts/2"
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, namesake, ACME, "email:ann.miller@acme.example")
    person(hub, ANN_TOO, ACME_TOO)
    assert persons(hub) == alone(ANN, namesake, ANN_TOO)
    person(hub, namesake, ACME, "email:ann.miller@acme.example", name="anna schmidt")
    assert persons(hub) == {frozenset({ANN, ANN_TOO})} | alone(namesake)
    person(hub, namesake, ACME, "email:ann.miller@acme.example")
    assert persons(hub) == alone(ANN, namesake, ANN_TOO)
    hub.unstage("relation", f"{namesake}#at")
    assert persons(hub) == {frozenset({ANN, ANN_TOO})} | alone(namesake)


def test_an_organization_that_takes_its_namesake_along_clears_the_doubt(hub: Hub) -> None:
    hub.groups[BETA] = ACME
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, "hubspot/contacts/2", BETA, "email:ann.miller@acme.example")
    person(hub, ANN_TOO, ACME_TOO)
    assert persons(hub) == alone(ANN, "hubspot/contacts/2", ANN_TOO)
    del hub.groups[BETA]
    hub.stage("organization", BETA, name="Beta")
    assert persons(hub) == {frozenset({ANN, ANN_TOO})} | alone("hubspot/contacts/2")


def test_everybody_at_the_desk_stays_who_they_are(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:info@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:info@acme.example", name="bo lee")
    assert persons(hub) == alone(ANN, ANN_TOO)


def affiliations(hub: Hub) -> list[tuple[str | None, ...]]:
    """(organization, since, until) of everybody, by id and day."""
    return sorted(hub.rows("person_organization", "organization_id", "since", "until"), key=repr)


def test_a_person_who_moves_keeps_one_identity_and_both_affiliations(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    (before,) = persons(hub)
    ids = hub.rows("person", "person_id")
    person(hub, ANN, BETA, "email:ann@beta.example")
    assert persons(hub) == {before}
    assert hub.rows("person", "person_id") == ids
    moved = sorted([(hub.id_of(ACME), None, "2026-10-02"), (hub.id_of(BETA), "2026-10-02", None)], key=repr)
    assert affiliations(hub) == moved
    person(hub, ANN, BETA, "email:ann@beta.example", name="ann miller-lee")
    persons(hub)
    assert affiliations(hub) == moved


def test_somebody_who_comes_back_works_there_again(hub: Hub) -> None:
    person(hub, ANN, ACME)
    persons(hub)
    person(hub, ANN, BETA)
    persons(hub)
    person(hub, ANN, ACME)
    persons(hub)
    assert {(row[0], row[2]) for row in affiliations(hub)} == {
        (hub.id_of(ACME), None), (hub.id_of(BETA), "2026-10-02"),
    }  # fmt: skip


def test_an_employer_that_merges_or_splits_is_no_move(hub: Hub) -> None:
    person(hub, ANN, ACME_TOO)
    persons(hub)
    del hub.groups[ACME_TOO]
    hub.stage("organization", ACME_TOO, name="Acme")
    persons(hub)
    assert affiliations(hub) == [(hub.id_of(ACME_TOO), None, None)]


def test_a_relation_that_was_wrong_leaves_no_former_employer(hub: Hub) -> None:
    person(hub, ANN, ACME)
    persons(hub)
    hub.unstage("relation", f"{ANN}#at")
    persons(hub)
    assert affiliations(hub) == []


def verdict(hub: Hub, judge, left: str, right: str) -> None:
    said = Said("ann", "2026-10-03T00:00:00.000000Z")
    with hub.database.session() as connection, connection.transaction():
        judge(connection, [left], [right], "two records", said, entity="person")


def test_a_person_s_word_outranks_one_address_and_joins_what_no_rule_would(hub: Hub) -> None:
    person(hub, ANN, ACME, "email:ann@acme.example")
    person(hub, ANN_TOO, ACME_TOO, "email:ann@acme.example")
    person(hub, LEAD, None, name="ann")
    persons(hub)
    verdict(hub, judge_different, ANN, ANN_TOO)
    verdict(hub, judge_same, ANN, LEAD)
    assert persons(hub) == {frozenset({ANN, LEAD})} | alone(ANN_TOO)


def test_a_name_alone_joins_nobody(hub: Hub) -> None:
    person(hub, ANN, ACME)
    person(hub, ANN_TOO, BETA)
    person(hub, LEAD, None)
    assert persons(hub) == alone(ANN, ANN_TOO, LEAD)
