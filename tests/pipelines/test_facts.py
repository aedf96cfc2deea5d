from __future__ import annotations

import pytest

from pipelines.golden.fact_reading import UNDATED
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.database import Database

RULES = PublishSettings(own_domains=frozenset({"hub.example"}))
US, THEM = "me@hub.example", "ann@acme.example"
ACME, BETA = "crm/companies/1", "crm/companies/2"
ANN, MAIL = "crm/contacts/1", "mail/INBOX/1"


@pytest.fixture
def hub(sqlite_url):  # that both engines publish the same rows is shown in test_golden_rebuild
    return Hub(Database(sqlite_url), RULES)


def attached(hub):
    """(organization record, method, anchor) of every row of the timeline."""
    names = {hub.id_of(record): record for record in (BETA, ACME)}
    return [(names[row[0]], *row[1:]) for row in hub.rows("timeline", "organization_id", "method", "anchor")]


def states(hub):
    return [row[0] for row in hub.rows("fact", "attached")]


def company(hub, record=ACME, *keys, **values):
    return hub.stage("organization", record, keys, name=values.pop("name", "Acme"), **values)


def works_at(hub, person, company, **values):
    return hub.stage("relation", f"{person}#works", from_record=person, to_record=company, **values)


@pytest.mark.fault("F92")
def test_a_mail_attaches_by_the_address_of_a_known_person(hub):
    company(hub)
    hub.stage("person", ANN, [f"email:{THEM}"], name="Ann")
    works_at(hub, ANN, ACME)
    hub.mail(MAIL, THEM, US)
    hub.publish()
    assert attached(hub) == [(ACME, "person_address", f"email:{THEM}")]


def test_a_mail_from_an_unknown_person_attaches_by_domain(hub):
    company(hub, ACME, "domain:acme.example", "host:acme.example")
    hub.mail(MAIL, "new@sub.acme.example", US)
    hub.publish()
    assert attached(hub) == [(ACME, "domain", "domain:acme.example")]


def test_a_contact_entered_later_pulls_in_their_old_mail(hub):
    company(hub)
    hub.mail(MAIL, "ann@gmail.com", US)
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["generic"])
    hub.stage("person", ANN, ["email:ann@gmail.com"], name="Ann")
    works_at(hub, ANN, ACME)
    hub.publish()
    assert attached(hub) == [(ACME, "person_address", "email:ann@gmail.com")]


def test_an_employment_that_vanishes_lets_the_mail_go(hub):
    company(hub)
    hub.stage("person", ANN, ["email:ann@gmail.com"], name="Ann")
    relation = works_at(hub, ANN, ACME)
    hub.mail(MAIL, "ann@gmail.com", US)
    hub.publish()
    assert attached(hub)
    hub.unstage("relation", relation)
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["generic"])


def test_a_person_who_changed_employers_keeps_old_mail_at_the_old_one(hub):
    company(hub)
    company(hub, BETA, name="Beta")
    hub.stage("person", ANN, ["email:ann@gmail.com"], name="Ann")
    hub.stage("relation", f"{ANN}#1", from_record=ANN, to_record=ACME, until="2026-06-30")
    hub.stage("relation", f"{ANN}#2", from_record=ANN, to_record=BETA, since="2026-07-01")
    hub.mail(MAIL, "ann@gmail.com", US, happened_at="2026-03-01T08:00:00.000000Z")
    hub.mail("mail/INBOX/2", "ann@gmail.com", US, happened_at="2026-08-01T08:00:00.000000Z")
    hub.publish()
    assert [row[0] for row in attached(hub)] in ([ACME, BETA], [BETA, ACME])


def test_a_domain_two_organizations_hold_attaches_nothing_until_they_are_one(hub):
    company(hub, ACME, "domain:acme.example")
    company(hub, BETA, "domain:acme.example", name="Acme West")
    hub.mail(MAIL, THEM, US)
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["ambiguous"])
    hub.groups[BETA] = ACME
    company(hub, BETA, "domain:acme.example", name="Acme West")
    hub.publish()
    assert attached(hub) == [(ACME, "domain", "domain:acme.example")]


def test_a_split_moves_a_fact_back_to_the_record_it_names(hub):
    hub.groups[BETA] = ACME
    company(hub)
    company(hub, BETA, name="Beta")
    hub.stage("touchpoint", "crm/notes/1", kind="note")
    hub.stage("relation", "crm/notes/1#about", kind="about", from_record="crm/notes/1", to_record=BETA)
    hub.publish()
    assert attached(hub) == [(ACME, "crm_id", f"record:{BETA}")]
    del hub.groups[BETA]
    company(hub, BETA, name="Beta")
    hub.publish()
    assert attached(hub) == [(BETA, "crm_id", f"record:{BETA}")]


def test_a_link_of_the_crm_outranks_the_domain(hub):
    company(hub, ACME, "domain:acme.example")
    company(hub, BETA, name="Beta")
    hub.mail(MAIL, THEM, US)
    hub.stage("relation", f"{MAIL}#about", kind="about", from_record=MAIL, to_record=BETA)
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(BETA, "crm_id")]


def test_a_relation_the_crm_withdraws_lets_the_fact_go(hub):
    company(hub)
    hub.stage("touchpoint", "crm/notes/1", kind="note")
    hub.stage("relation", "crm/notes/1#about", kind="about", from_record="crm/notes/1", to_record=ACME)
    hub.publish()
    hub.unstage("relation", "crm/notes/1#about")
    hub.publish()
    assert (attached(hub), hub.rows("fact_link")) == ([], [])


def test_one_mail_in_two_mailboxes_and_the_crm_is_one_fact(hub):
    company(hub, ACME, "domain:acme.example")
    for record in (MAIL, "mail/Sent/9", "crm/emails/3"):
        hub.mail(record, THEM, US, same_as="mail:1@acme.example:ab")
    hub.publish()
    assert len(hub.rows("fact")) == 1
    assert [row[0] for row in hub.rows("fact", "record")] == ["crm/emails/3"]
    assert len(hub.rows("fact_source")) == 3
    assert len(attached(hub)) == 1


def test_a_note_about_a_deal_follows_the_deal(hub):
    company(hub)
    hub.stage("touchpoint", "crm/notes/1", kind="note")
    hub.stage(
        "relation", "crm/notes/1#about", kind="about", from_record="crm/notes/1", to_record="crm/deals/4"
    )
    hub.publish()
    assert states(hub) == ["unknown"]
    hub.stage("deal", "crm/deals/4", name="Big", created_at=DAY.format(2))
    hub.stage("relation", "crm/deals/4#party", kind="party", from_record="crm/deals/4", to_record=ACME)
    hub.publish()
    assert [row[:2] for row in attached(hub)] == [(ACME, "crm_id")] * 2


def test_an_attachment_attaches_with_its_mail(hub):
    hub.mail(MAIL, THEM, US)
    hub.stage("document", f"{MAIL}#part2", title="offer.pdf", parent_record=MAIL)
    hub.publish()
    assert attached(hub) == []
    company(hub, ACME, "domain:acme.example")
    hub.publish()
    assert len(attached(hub)) == 2


def test_an_attachment_whose_mail_is_taken_away_has_its_moment_no_more(hub):
    hub.mail(MAIL, THEM, US, happened_at=DAY.format(3))
    hub.stage("document", f"{MAIL}#part2", title="offer.pdf", parent_record=MAIL)
    hub.publish()
    moment = "SELECT happened_at FROM fact WHERE entity = 'document'"
    with hub.database.session() as connection:
        assert connection.one(moment) == (DAY.format(3),)
    hub.unstage("touchpoint", MAIL)
    hub.publish()
    with hub.database.session() as connection:
        assert connection.one(moment) == (UNDATED,)


@pytest.mark.parametrize(
    ("nature", "sender", "state"),
    [
        ("list", THEM, "bulk"),
        ("auto_reply", "robot@other.example", "bulk"),
        ("auto_reply", THEM, "attached"),
        ("bounce", "postmaster@acme.example", "attached"),
    ],
)
def test_bulk_mail_attaches_only_where_its_sender_is_known(hub, nature, sender, state):
    company(hub, ACME, "domain:acme.example")
    hub.mail(MAIL, sender, US, nature=nature)
    hub.publish()
    assert states(hub) == [state]


def test_mail_among_ourselves_is_internal_even_from_a_private_address(hub):
    hub.mail(MAIL, "boss@elsewhere.example", US)
    hub.publish()
    assert states(hub) == ["unknown"]
    hub.stage("colleague", "crm/owners/1", ["email:boss@elsewhere.example"], name="Boss")
    hub.publish()
    assert states(hub) == ["internal"]


def test_a_conversation_with_an_unknown_domain_makes_a_candidate_until_somebody_holds_it(hub):
    hub.mail(MAIL, "bo@beta.example", US, direction="in", subject="Hello", happened_at=DAY.format(1))
    hub.publish()
    assert hub.rows("candidate") == []
    hub.mail(
        "mail/Sent/1", US, "bo@beta.example", direction="out", subject="Re: Hello", happened_at=DAY.format(2)
    )
    hub.publish()
    assert hub.rows("candidate") == [("beta.example", 1, 1, 1, DAY.format(1), DAY.format(2), "Re: Hello")]
    company(hub, BETA, "domain:beta.example", name="Beta")
    hub.publish()
    assert (hub.rows("candidate"), len(attached(hub))) == ([], 2)


def test_a_mail_to_two_organizations_is_on_both_timelines(hub):
    company(hub, ACME, "domain:acme.example")
    company(hub, BETA, "domain:beta.example", name="Beta")
    hub.mail(MAIL, US, THEM, "bo@beta.example", direction="out")
    hub.publish()
    assert sorted(row[0] for row in attached(hub)) == [ACME, BETA]


def test_an_organization_that_loses_its_domain_lets_its_mail_go(hub):
    company(hub, ACME, "domain:acme.example")
    hub.mail(MAIL, THEM, US)
    hub.publish()
    assert len(attached(hub)) == 1
    company(hub, ACME)
    hub.publish()
    assert (attached(hub), states(hub)) == ([], ["unknown"])


def test_a_commitment_hangs_on_its_organization_else_on_its_agreement_and_dates_from_its_day(hub):
    acme = hub.stage("organization", "crm/companies/1")
    hub.stage("agreement", "crm/contracts/9", starts_on="2026-01-01", organization_record=acme)
    hub.stage("commitment", "crm/promises/1", promised_on="2026-02-03", agreement_record="crm/contracts/9")
    hub.stage("commitment", "crm/promises/2", due_on="2026-05-06", organization_record=acme)
    hub.publish()
    found = sorted(hub.rows("timeline", "organization_id", "entity", "happened_at"))
    at = "T00:00:00.000000Z"
    assert [row[1:] for row in sorted(found, key=lambda row: row[2])] == [
        ("agreement", "2026-01-01" + at), ("commitment", "2026-02-03" + at), ("commitment", "2026-05-06" + at),
    ]  # fmt: skip
    assert {row[0] for row in found} == {hub.id_of(acme)}


def test_a_meeting_is_shown_by_its_latest_revision_whatever_arrived_first(hub):
    uid = {"kind": "meeting", "same_as": "ical:1"}
    hub.stage("touchpoint", "mail/messages/a", **uid, revision="00000/2026-09-01", happened_at=DAY.format(5))
    hub.stage("touchpoint", "mail/messages/b", **uid, revision="00002/2026-09-02", status="cancelled")
    hub.stage("touchpoint", "mail/messages/c", **uid, revision="00001/2026-09-03", happened_at=DAY.format(7))
    hub.publish()
    assert hub.rows("fact", "record, happened_at") == [("mail/messages/b", DAY.format(1))]
