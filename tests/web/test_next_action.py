"""What is next with a partner: done, not before a day, and back when the day comes or the evidence is another."""

from __future__ import annotations

import re

import pytest

from tests.web.partner_rig import ACME, LONE, Page, browsing
from tests.web.test_partner_page import signal
from warehouse.commands.acts import Said
from warehouse.commands.undo import act_to_undo, undo_act

MAIL = {
    "record": "mail/inbox/1",
    "fact_id": "f1",
    "at": "2026-09-01T09:00:00.000000Z",
    "quote": "Please answer",
}
LATER = "2031-01-01"


@pytest.fixture
def page(partners, database_url):
    signal(partners, evidence_json=[MAIL])
    signal(partners, signal_id="2", rule="overdue", level="info", sentence="The training is late.")
    with browsing(database_url, partners) as client:
        yield Page(client, partners.id_of(ACME))


def say(page, act, about="1", **more):
    text = page.client.get(page.address).text
    seen = re.search(rf'name="about" value="{about}"><input type="hidden" name="seen" value="(\w+)"', text)
    data = {"act": act, "about": about, "seen": seen[1] if seen else "", **more}
    return page.client.post(f"{page.address}/next", data=data)


def heading(page):
    return re.search(r'id="next">([^<]+)<', page.text())[1]


def change(partners, statement, *values):
    with partners.database.session() as connection, connection.transaction():
        connection.execute(statement, values)


def test_what_is_done_makes_room_for_the_next_thing_and_says_who_did_it(page):
    assert heading(page) == "Answer them"
    say(page, "done", reason="called them")
    assert heading(page) == "Get the overdue item moving"
    aside = page.text().partition("1 set aside")[2]
    assert "Done, says ana@hub.example" in aside
    assert "called them" in aside


def test_when_nothing_is_left_to_do_the_page_says_so_and_brings_back(page):
    say(page, "done")
    say(page, "done", about="2")
    assert heading(page) == "Nothing to do now"
    say(page, "back")
    assert heading(page) == "Answer them"


def test_a_snoozed_thing_is_back_on_its_day(page, partners):
    say(page, "snooze", until=LATER)
    assert heading(page) == "Get the overdue item moving"
    assert "Not before 1 Jan 2031" in page.text()
    change(partners, "UPDATE next_word SET until_on = ?", "2026-01-01")
    assert heading(page) == "Answer them"


@pytest.mark.parametrize("until", ["", "2020-01-01", "soon"])
def test_a_day_that_is_not_to_come_is_refused(page, partners, until):
    assert say(page, "snooze", until=until).status_code == 409
    assert partners.rows("next_word") == []


def test_it_is_back_when_it_rests_on_something_else(page, partners):
    say(page, "done")
    change(
        partners, "UPDATE signal SET evidence_json = ? WHERE signal_id = '1'", '[{"record": "mail/inbox/2"}]'
    )
    assert heading(page) == "Answer them"


def test_it_is_back_when_its_signal_closed_and_opened_again(page, partners):
    say(page, "done")
    change(partners, "UPDATE signal SET opened_at = ? WHERE signal_id = '1'", "2026-10-05T00:00:00.000000Z")
    assert heading(page) == "Answer them"


def test_who_looked_at_other_evidence_sets_nothing_aside(page, partners):
    refused = page.client.post(f"{page.address}/next", data={"act": "done", "about": "1", "seen": "0" * 16})
    assert (refused.status_code, partners.rows("next_word")) == (409, [])
    assert page.client.post(f"{page.address}/next", data={"act": "done", "about": "9"}).status_code == 409


def test_an_overdue_promise_no_signal_tells_of_can_be_set_aside_too(partners, database_url):
    partners.stage("commitment", "hub/commitments/1", title="Training", due_on="2026-01-01")
    partners.stage("relation", "hub/commitments/1#about", kind="about", from_record="hub/commitments/1",
                   to_record=ACME)  # fmt: skip
    partners.publish()
    with browsing(database_url, partners) as client:
        page = Page(client, partners.id_of(ACME))
        assert heading(page) == "Get the overdue item moving"
        say(page, "done", about="overdue:hub/commitments/1 2026-01-01")
        assert heading(page) == "Nothing to do now"


def test_setting_aside_is_audited_and_taken_back_and_keeps_no_words_of_a_mail(page, partners):
    say(page, "done")
    ((written,),) = partners.rows("next_word", "evidence_json")
    assert "mail/inbox/1" in written
    assert "Please answer" not in written
    assert "next.done" in {verb for (verb,) in partners.rows("audit_entry", "verb")}
    with partners.database.session() as connection, connection.transaction():
        undo_act(connection, act_to_undo(connection, None), Said("ana", "2026-11-01T00:00:00.000000Z"))
    assert heading(page) == "Answer them"


def test_programs_set_aside_and_see_what_is_next(page):
    address = f"/api{page.address}/next"
    first = page.client.get(address).json()["next"]
    told = page.client.post(address, json={"act": "snooze", "about": first["about"], "until": LATER}).json()
    assert (told["next"]["about"], told["set_aside"][0]["until"]) == ("2", LATER)
    assert page.client.post(address, json={"act": "back", "about": "1"}).json()["next"]["about"] == "1"


def test_who_may_not_write_sees_no_forms(small):
    hub, url = small
    signal(hub)
    with browsing(url, hub, "auditor") as client:
        page = Page(client, hub.id_of(ACME))
        assert "Answer them" in page.text()
        assert "Snooze" not in page.text()
        assert say(page, "done").status_code == 403


def merged(partners):
    """Lone becomes one with Acme, as a merge leaves it: an id that leads on, and a signal under another name."""
    lone, acme = partners.id_of(LONE), partners.id_of(ACME)
    change(
        partners, "INSERT INTO redirect (from_id, started_at, entity, to_id) VALUES (?, ?, 'organization', ?)",
        lone, "2026-09-01T00:00:00.000000Z", acme,
    )  # fmt: skip
    return lone


def test_what_was_set_aside_follows_the_partner_through_a_merge(page, partners):
    lone = merged(partners)
    say(page, "done", reason="called them")
    change(
        partners, "UPDATE next_word SET organization_id = ?, about = 'signal of Lone', opened_at = NULL", lone
    )
    assert heading(page) == "Get the overdue item moving"
    assert "called them" in page.text()
    change(partners, "UPDATE redirect SET ended_at = ?", "2026-09-02T00:00:00.000000Z")
    assert heading(page) == "Answer them"


def test_a_word_that_followed_is_taken_back_with_the_survivor(page, partners):
    lone = merged(partners)
    say(page, "done")
    change(partners, "UPDATE next_word SET organization_id = ?, about = 'signal of Lone'", lone)
    say(page, "back")
    assert heading(page) == "Answer them"


def test_what_waits_for_an_answer_has_a_reply_made_ready_for_who_wrote(partners, database_url):
    hub, url = partners, database_url
    hub.mail(
        "mail/I/1", "ann@acme.example", "me@hub.example", subject="Prices & terms", direction="in",
        text="When?",
    )  # fmt: skip
    hub.publish()
    (fact, _), *_ = hub.rows("fact", "fact_id", "kind")
    evidence = [{"at": "2026-09-01", "quote": "When?", "record": "mail/I/1", "fact_id": fact}]
    signal(hub, evidence_json=evidence)
    with browsing(url, hub, "admin", mail_levels={"mail": "everything"}) as client:
        page = Page(client, hub.id_of(ACME))
        assert f'href="{page.address}/reply/{fact}"' in page.text()
        text = page.text(f"/reply/{fact}")
        assert "mailto:ann@acme.example?subject=Re%3A%20Prices%20%26%20terms" in text
        assert client.get(f"/partners/{hub.id_of(LONE)}/reply/{fact}").status_code == 404
