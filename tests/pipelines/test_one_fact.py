"""One deal, mail or meeting seen in several systems is one fact, with or without an id that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import Hub
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable

US, ANN, BO = "me@hub.example", "ann@acme.example", "bo@acme.example"
ACME, ACME_TOO, BETA = "hubspot/companies/1", "salesforce/Account/1", "hubspot/companies/2"
DEAL, OPPORTUNITY = "hubspot/deals/7", "salesforce/Opportunity/006D000000IqhSLIAZ"
MAIL, LOGGED, TASK = "mail/INBOX/1", "hubspot/emails/3", "salesforce/Task/5"
TEXT = "Thank you for the call. We would like to start the rollout in March, if the contract allows."


@pytest.fixture
def hub(sqlite_url: str) -> Hub:
    return hub_at(sqlite_url)


def hub_at(url: str) -> Hub:
    hub = Hub(Database(url), PublishSettings(own_domains=frozenset({"hub.example"})))
    hub.groups[ACME_TOO] = ACME
    for record in (ACME, ACME_TOO):
        hub.stage("organization", record, name="Acme")
    hub.stage("organization", BETA, name="Beta")
    return hub


def deal(hub: Hub, record: str, company: str, **values: Any) -> None:
    facts = {"name": "Renewal 2026", "amount_minor": 500_00, "currency": "EUR", "close_date": "2026-12-01"}
    hub.stage("deal", record, **{**facts, **values})
    hub.stage("relation", f"{record}#1", kind="party", from_record=record, to_record=company)


def mail(hub: Hub, record: str, minute: str = "08:00", **values: Any) -> None:
    people = values.pop("people", (ANN, US))
    at = f"2026-09-01T{minute}:00.000000Z" if len(minute) == 5 else minute
    hub.mail(record, *people, happened_at=at, **{"subject": "Rollout", "text": TEXT, **values})


def groups(hub: Hub, *prefixes: str) -> set[frozenset[str]]:
    """The records of each fact."""
    found: dict[str, set[str]] = {}
    for fact_id, record in hub.rows("fact_source", "fact_id", "record"):
        found.setdefault(fact_id, set()).add(record)
    assert {fact for (fact,) in hub.rows("fact", "fact_id")} == found.keys()
    return {frozenset(records) for records in found.values()}


def alone(*records: str) -> set[frozenset[str]]:
    return {frozenset({record}) for record in records}


def settled(hub: Hub) -> Iterable[frozenset[str]]:
    """The groups after a publication; computing everything anew gives the same rows."""
    hub.publish()
    step_by_step = hub.published()
    hub.rebuild()
    assert hub.published() == step_by_step
    return groups(hub)


def test_equal_deals_of_one_organization_in_two_systems_are_one(hub: Hub) -> None:
    deal(hub, DEAL, ACME)
    deal(hub, OPPORTUNITY, ACME_TOO, name="Renewal - (2026)", close_date="2026-12-03")
    assert settled(hub) == {frozenset({DEAL, OPPORTUNITY})}


@pytest.mark.parametrize(
    "values",
    [
        {"amount_minor": 600_00},
        {"currency": "USD"},
        {"name": "Rollout"},
        {"close_date": "2026-12-20"},
        {"close_date": None},
        {"amount_minor": None, "currency": None},
    ],
    ids=str,
)
def test_deals_that_differ_in_a_fact_stay_two(hub: Hub, values: dict[str, Any]) -> None:
    deal(hub, DEAL, ACME)
    deal(hub, OPPORTUNITY, ACME_TOO, **values)
    assert settled(hub) == alone(DEAL, OPPORTUNITY)


def test_equal_deals_of_two_organizations_become_one_when_these_do(hub: Hub) -> None:
    deal(hub, DEAL, BETA)
    deal(hub, OPPORTUNITY, ACME_TOO)
    assert settled(hub) == alone(DEAL, OPPORTUNITY)
    hub.groups[BETA] = ACME
    hub.stage("organization", BETA, name="Beta")
    assert settled(hub) == {frozenset({DEAL, OPPORTUNITY})}
    del hub.groups[BETA]
    hub.stage("organization", BETA, name="Beta")
    assert settled(hub) == alone(DEAL, OPPORTUNITY)


def test_two_equal_deals_of_one_system_leave_open_which_is_meant(hub: Hub) -> None:
    for record in (DEAL, "hubspot/deals/8"):
        deal(hub, record, ACME)
    deal(hub, OPPORTUNITY, ACME_TOO)
    assert settled(hub) == alone(DEAL, "hubspot/deals/8", OPPORTUNITY)
    deal(hub, "hubspot/deals/8", ACME, amount_minor=1)
    assert settled(hub) == alone("hubspot/deals/8") | {frozenset({DEAL, OPPORTUNITY})}


@pytest.mark.parametrize("number", ["006D000000IqhSL", "006D000000IqhSLIAZ"])
def test_a_deal_that_names_the_others_id_is_the_other(hub: Hub, number: str) -> None:
    deal(hub, DEAL, BETA, name="Something else", custom_json={"salesforce_opportunity_id": number})
    assert settled(hub) == alone(DEAL)
    deal(hub, OPPORTUNITY, ACME_TOO)
    assert settled(hub) == {frozenset({DEAL, OPPORTUNITY})}
    deal(hub, DEAL, BETA, name="Something else")
    assert settled(hub) == alone(DEAL, OPPORTUNITY)


def test_an_opportunity_may_name_the_deal(hub: Hub) -> None:
    deal(hub, OPPORTUNITY, ACME_TOO, amount_minor=1, custom_json={"HubSpot_Deal_ID__c": "7"})
    deal(hub, DEAL, BETA)
    assert settled(hub) == {frozenset({DEAL, OPPORTUNITY})}


def test_a_cloned_deal_that_kept_the_id_does_not_join(hub: Hub) -> None:
    named = {"salesforce_opportunity_id": "006D000000IqhSLIAZ"}
    deal(hub, DEAL, ACME, custom_json=named)
    deal(hub, "hubspot/deals/8", ACME, name="Second site", custom_json=named)
    deal(hub, OPPORTUNITY, ACME_TOO)
    assert settled(hub) == alone("hubspot/deals/8") | {frozenset({DEAL, OPPORTUNITY})}


def test_a_deal_keeps_its_id_and_a_verdict_on_it_when_a_later_copy_turns_up(hub: Hub) -> None:
    deal(hub, OPPORTUNITY, ACME_TOO, created_at="2026-01-01T00:00:00.000000Z")
    hub.publish()
    ((before,),) = hub.rows("fact", "fact_id")
    deal(hub, DEAL, ACME, created_at="2026-01-02T00:00:00.000000Z")
    hub.publish()
    assert hub.rows("fact", "fact_id") == [(before,)]


def test_a_mail_that_crms_logged_without_its_id_is_the_mail_in_the_mailbox(hub: Hub) -> None:
    mail(hub, MAIL, same_as="mail:1@acme.example:ab", direction="in")
    mail(hub, LOGGED, "08:01", direction="in", text=TEXT + "\n\nOn Monday you wrote: ...")
    hub.stage("person", "salesforce/Contact/1", [f"email:{ANN}"], name="Ann")
    mail(
        hub,
        TASK,
        "08:04",
        subject="Email: Re: Rollout",
        people=(US,),
        text=f"To: {US}\nSubject: x\nBody:\n{TEXT}",
    )
    hub.stage("relation", f"{TASK}#1", kind="about", from_record=TASK, to_record="salesforce/Contact/1")
    assert settled(hub) == {frozenset({MAIL, LOGGED, TASK})}


def test_logged_copies_find_each_other_before_the_mail_itself_is_read(hub: Hub) -> None:
    mail(hub, LOGGED)
    mail(hub, TASK, "08:02", subject="Email: Rollout")
    assert settled(hub) == {frozenset({LOGGED, TASK})}
    mail(hub, MAIL, same_as="mail:1@acme.example:ab")
    assert settled(hub) == {frozenset({LOGGED, TASK, MAIL})}
    hub.unstage("touchpoint", MAIL)
    assert settled(hub) == {frozenset({LOGGED, TASK})}


def test_a_task_that_knows_only_the_day_goes_by_its_text(hub: Hub) -> None:
    mail(hub, MAIL, "14:10", same_as="mail:1@acme.example:ab")
    mail(hub, TASK, "2026-09-01T00:00:00.000000Z")
    assert settled(hub) == {frozenset({MAIL, TASK})}


@pytest.mark.parametrize(
    "values",
    [
        {"minute": "09:00", "text": None},
        {"subject": "Another matter"},
        {"direction": "out"},
        {"people": (BO, US)},
        {"text": "Something else altogether, which was written in the same minute."},
        {"same_as": "mail:2@acme.example:ab"},
    ],
    ids=str,
)
def test_mails_that_differ_stay_two(hub: Hub, values: dict[str, Any]) -> None:
    mail(hub, MAIL, same_as="mail:1@acme.example:ab", direction="in")
    mail(hub, LOGGED, **values)
    assert settled(hub) == alone(MAIL, LOGGED)


def test_one_mail_to_many_partners_is_told_by_whom_it_went_to(hub: Hub) -> None:
    people = [f"p{number}@partner-{number}.example" for number in range(6)]
    for number, each in enumerate(people):
        mail(
            hub,
            f"mail/Sent/{number}",
            people=(US, each),
            same_as=f"mail:{number}@hub.example:ab",
            direction="out",
        )
        mail(hub, f"hubspot/emails/{number}", "08:01", people=(US, each), direction="out")
    assert settled(hub) == {frozenset({f"mail/Sent/{n}", f"hubspot/emails/{n}"}) for n in range(6)}


def test_two_mails_that_could_both_be_meant_take_neither_until_one_is_another(hub: Hub) -> None:
    mail(hub, LOGGED, text=None)
    mail(hub, "hubspot/emails/4", "08:02", text=None)
    mail(hub, TASK, "08:01", text=None)
    assert settled(hub) == alone(LOGGED, "hubspot/emails/4", TASK)
    mail(hub, "hubspot/emails/4", "08:02", text=None, subject="Lunch")
    assert settled(hub) == alone("hubspot/emails/4") | {frozenset({LOGGED, TASK})}


def test_a_contact_whose_address_is_learned_later_makes_the_copy_known(hub: Hub) -> None:
    mail(hub, MAIL, same_as="mail:1@acme.example:ab")
    mail(hub, TASK, people=(US,))
    hub.stage("person", "salesforce/Contact/1", name="Ann")
    hub.stage("relation", f"{TASK}#1", kind="about", from_record=TASK, to_record="salesforce/Contact/1")
    assert settled(hub) == alone(MAIL, TASK)
    hub.stage("person", "salesforce/Contact/1", [f"email:{ANN}"], name="Ann")
    assert settled(hub) == {frozenset({MAIL, TASK})}


def test_a_meeting_in_calendar_and_two_crms_is_one(hub: Hub) -> None:
    invite = {"kind": "meeting", "same_as": "ical:u1", "nature": "invite"}
    mail(
        hub,
        MAIL,
        **invite,
        subject="Invitation: Kickoff @ Tue Sep 1, 2026 10am - 11am (CEST) (ann@acme.example)",
    )
    mail(hub, "hubspot/meetings/1", kind="meeting", subject="Kickoff", text="We agreed on March.")
    mail(hub, "salesforce/Event/1", kind="meeting", subject="kickoff", text=None, people=(ANN,))
    mail(hub, "salesforce/Event/2", "10:00", kind="meeting", subject="Kickoff", people=(ANN,))
    one = frozenset({MAIL, "hubspot/meetings/1", "salesforce/Event/1"})
    assert settled(hub) == {one} | alone("salesforce/Event/2")


def test_a_deal_shows_the_later_word_and_says_whose_it_is(hub: Hub) -> None:
    deal(hub, DEAL, ACME, stage="contract", status="open", modified_at="2026-05-01T00:00:00.000000Z")
    deal(hub, OPPORTUNITY, ACME_TOO, stage="Negotiation", modified_at="2026-06-01T00:00:00.000000Z")
    settled(hub)
    assert hub.rows("deal", "stage", "status", "amount_minor", "record_count") == [
        ("contract", "open", 50000, 2)
    ]
    deal(hub, OPPORTUNITY, ACME_TOO, stage="Won", status="won", modified_at="2026-06-01T00:00:00.000000Z")
    settled(hub)
    assert hub.rows("deal", "stage", "status") == [("Won", "won")]
    said = [
        row for row in hub.rows("deal_value", "field", "record", "rule", "others_json") if row[0] == "stage"
    ]
    assert said == [("stage", OPPORTUNITY, "recency", '[{"record":"hubspot/deals/7","value":"contract"}]')]


def test_both_databases_find_the_same_copies(database_url: str) -> None:
    hub = hub_at(database_url)
    deal(hub, DEAL, ACME)
    deal(hub, OPPORTUNITY, ACME_TOO, name="Other words", custom_json={"HubSpot_Deal_ID__c": "7"})
    mail(hub, MAIL, same_as="mail:1@acme.example:ab")
    mail(hub, TASK, "08:02", subject="Email: Rollout")
    assert settled(hub) == {frozenset({DEAL, OPPORTUNITY}), frozenset({MAIL, TASK})}
