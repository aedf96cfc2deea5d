"""A question about a value: put to whoever owns it, seen where the value stands, over when the value changes."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from tests.web.browsing import client as client_of
from tests.web.browsing import link_for
from tests.web.partner_rig import ACME, LONE, SHEET, Page, PublishingActs, browsing, put
from warehouse.commands.acts import Said
from warehouse.commands.undo import act_to_undo, undo_act

OWNER = "crm/owners/7"
WHY = {"wrong": "outdated", "words": "They told me Platinum on the phone."}


@pytest.fixture
def owned(partners):
    """Acme's CRM record belongs to Cleo."""
    partners.stage(
        "colleague", OWNER, ["email:cleo@hub.example"], name="Cleo Marsh", email="Cleo@hub.example"
    )
    partners.stage(
        "organization", ACME, ["domain:acme.example"], name="Acme", tier="Gold", domain="acme.example",
        annual_value_minor=120_000, currency="EUR", owner_record=OWNER,
    )  # fmt: skip
    partners.publish()
    return partners


@pytest.fixture
def page(owned, database_url):
    with browsing(database_url, owned) as client:
        yield Page(client, owned.id_of(ACME))


def ask(page, **said):
    return page.client.post(f"{page.address}/ask", data={"field": "tier", **WHY, **said})


def state(hub):
    return hub.rows("value_question", "closed_by", "outcome")


def test_whoever_owns_the_record_at_its_source_is_proposed(page):
    form = page.text("/ask", field="tier")
    assert 'value="Cleo Marsh <cleo@hub.example>"' in form.replace("Cleo@", "cleo@")
    assert "Cleo Marsh owns HubSpot company 1" in form
    assert f'href="{page.address}/ask?field=tier"' in page.value("tier")


def test_a_question_stands_at_its_value_and_in_the_list_and_offers_a_mail(page):
    told = ask(page, to="Cleo Marsh <cleo@hub.example>")
    assert "Cleo Marsh is asked" in told.text
    mail = unquote(told.text.partition('href="mailto:')[2].partition('"')[0])
    assert mail.startswith("cleo@hub.example?subject=Tier of Acme")
    assert "Gold" in mail
    assert "They told me Platinum" in mail
    assert "asked Cleo Marsh, just now" in page.value("tier")
    assert "They told me Platinum" in page.client.get("/asked").text
    assert "it waits" in page.text("/values", field="tier")


def test_whoever_is_asked_finds_it_under_their_own_name(owned, database_url):
    with browsing(database_url, owned) as client:
        ask(Page(client, owned.id_of(ACME)), to="cleo@hub.example")
    with browsing(database_url, owned, "manager", login="cleo@hub.example") as cleo:
        assert "to you" in cleo.get("/asked?whose=mine").text
    with browsing(database_url, owned, "manager", login="other@hub.example") as other:
        assert "No question waits" in other.get("/asked?whose=mine").text


def test_a_question_ends_with_the_publication_that_changes_the_value(page, owned):
    ask(page)
    page.post(act="use", field="tier", record=SHEET)
    assert state(owned) == [("hub", "changed")]
    assert "The value changed" in page.client.get("/asked/1").text


def test_a_change_of_another_value_leaves_it_open(page, owned):
    ask(page)
    page.post(act="pin", field="city", value="York")
    assert state(owned) == [(None, None)]


def test_a_question_is_closed_by_hand_with_its_answer_and_no_second_time(page, owned):
    ask(page)
    page.client.post("/asked/1", data={"outcome": "answered", "answer": "Gold it is."})
    assert state(owned) == [("ana@hub.example", "answered")]
    assert "Gold it is." in page.text("/values", field="tier")
    assert page.client.post("/asked/1", data={"outcome": "answered"}).status_code == 409


def test_each_value_has_one_open_question_and_what_was_written_is_kept(page, owned):
    ask(page)
    again = ask(page, words="Once more")
    assert (again.status_code, "Once more" in again.text) == (422, True)
    assert "asked Cleo Marsh about this value already" in again.text
    assert len(state(owned)) == 1


def test_somebody_nobody_knows_is_not_asked(page, owned):
    assert "Nobody here is called" in ask(page, to="Somebody Else").text
    assert ask(page, to="new@else.example").status_code == 200
    assert len(state(owned)) == 1


def test_a_question_is_audited_and_taken_back(page, owned):
    ask(page)
    assert "value.ask" in {verb for (verb,) in owned.rows("audit_entry", "verb")}
    with owned.database.session() as connection, connection.transaction():
        undo_act(connection, act_to_undo(connection, None), Said("ana", "2026-11-01T00:00:00.000000Z"))
    assert state(owned) == [("ana", "withdrawn")]


def test_programs_ask_and_close_as_people_do(page, owned):
    address = f"/api{page.address}/questions"
    told = page.client.post(address, json={"field": "annual_value", "wrong": "wrong"}).json()
    assert (told["to_name"], told["value"]) == ("Cleo Marsh", "1,200.00 EUR")
    waits = page.client.get("/api/questions-of-values?mine=true").json()["questions"]
    assert [each["number"] for each in waits] == [told["number"]]
    page.client.post(f"/api/questions-of-values/{told['number']}/close", json={"answer": "fine"})
    assert state(owned) == [("ana@hub.example", "answered")]


def test_who_may_see_other_partners_only_knows_of_no_question(small):
    hub, url = small
    columns = (
        "number",
        "organization_id",
        "field",
        "value",
        "stood_json",
        "wrong",
        "words",
        "asked_by",
        "asked_at",
    )
    put(hub, "value_question", columns, [
        (1, hub.id_of(ACME), "tier", "Gold", "{}", "wrong", "hm", "x", "2026-09-01T00:00:00.000000Z"),
    ])  # fmt: skip
    secret = link_for(url, "pia@partner.example", "manager", only=[hub.id_of(LONE)])
    with client_of(url, acts=PublishingActs(hub)) as client:
        client.post(f"/sign-in/{secret}")
        assert "No question waits" in client.get("/asked").text
        assert client.get("/asked/1").status_code == 404
        assert client.post("/asked/1", data={}).status_code == 404
