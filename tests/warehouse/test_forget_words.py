"""What people wrote about a record that is redacted goes with it; what they wrote near it is listed."""

from __future__ import annotations

import pytest

from tests.pipelines.golden_rig import DAY, Hub
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.ask import Asking, ask, close
from warehouse.commands.decide import decide_pair
from warehouse.commands.forget_words import forget_words, remaining
from warehouse.database import Database

ACME, BETA, ANN = "crm/companies/1", "crm/companies/2", "crm/contacts/1"
CALL = "hub/touchpoints/77"
SAID = Said("ana@hub.example", DAY.format(20), "Ann told me")


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url))
    hub.stage("organization", ACME, name="Acme", tier="Silver")
    hub.stage("organization", BETA, name="Beta")
    hub.stage("person", ANN, ["email:ann@acme.example"], name="Ann Lee")
    hub.publish()
    return hub


def within(hub, act):
    with hub.database.session() as connection, connection.transaction():
        return act(connection)


def asked(hub, record, words="Ann says no", answer="Ann again"):
    asking = Asking(
        hub.id_of(ACME), f"tier{words}", "Gold", {}, record, "wrong", words, ("", "bo@hub.example")
    )

    def put(connection):
        number = ask(connection, asking, SAID)
        close(connection, number, "answered", answer, SAID)
        return number

    return within(hub, put)


def test_questions_answers_and_reasons_on_the_record_are_blanked(hub):
    asked(hub, ACME)
    within(
        hub,
        lambda c: decide_pair(c, ACME, BETA, "same", actor="ann", now=DAY.format(21), reason="Ann said so"),
    )
    pairs = Act("same", "Acme and Beta of Ann", detail={"pairs": [[ACME, BETA]]})
    within(hub, lambda c: remember_act(c, pairs, SAID))
    within(hub, lambda c: forget_words(c, BETA))
    assert hub.rows("decision", "reason") == [(None,)]
    assert ("(redacted)", None) in hub.rows("steward_act", "subject", "reason")
    assert ("Acme and Beta of Ann", "Ann told me") not in hub.rows("steward_act", "subject", "reason")
    assert hub.rows("value_question", "words", "answer") == [("Ann says no", "Ann again")]
    within(hub, lambda c: forget_words(c, ACME))
    assert hub.rows("value_question", "value", "words", "answer") == [("", "", "")]


def test_words_about_a_record_whose_key_begins_alike_stay(hub):
    asked(hub, "crm/companies/12")
    within(hub, lambda c: forget_words(c, ACME))
    assert hub.rows("value_question", "words") == [("Ann says no",)]


@pytest.mark.parametrize(
    "named", [("ANN LEE", None, None), (None, "ann@acme.example", None), (None, None, ANN)]
)
def test_entries_that_name_a_person_are_listed_with_what_redacts_them(hub, named):
    hub.stage("touchpoint", CALL, kind="call")
    name, address, person = named
    within(
        hub,
        lambda c: c.execute(
            "INSERT INTO participant (record, position, role, address, name, person_record)"
            " VALUES (?, 0, 'with', ?, ?, ?)",
            (CALL, address, name, person),
        ),
    )
    left = within(hub, lambda c: remaining(c, ANN))
    assert [(each.what, each.look) for each in left] == [
        (f"entry {CALL}", f"`partnerhub redact {CALL} --reason …`")
    ]


def test_what_was_written_of_the_partner_otherwise_is_listed_where_it_stands(hub):
    number = asked(hub, "sheet/list/9")
    left = within(hub, lambda c: remaining(c, ACME))
    assert {each.what for each in left} >= {f"question {number}", "act 1"}
    assert {each.look for each in left} == {f"/asked/{number}", "/review/acts"}
    assert within(hub, lambda c: remaining(c, BETA)) == []
