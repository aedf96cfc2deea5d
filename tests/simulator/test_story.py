"""The story inside the made-up world: every line of it stands in the tools as it was written."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest

from partnerhub.simulator.hubspot.simulator import HubSpotSimulator
from partnerhub.simulator.imap.world_mail import message_bytes
from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import Mail, Org, World
from partnerhub.simulator.world.story import Cast, place_story

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
PARTNERS = 60


@pytest.fixture(scope="module")
def told() -> tuple[World, Cast]:
    world = generate_world(1, PARTNERS, NOW)
    return world, place_story(world)


@pytest.fixture(scope="module")
def world(told: tuple[World, Cast]) -> World:
    return told[0]


@pytest.fixture(scope="module")
def cast(told: tuple[World, Cast]) -> Cast:
    return told[1]


def mails_of(world: World, org: Org) -> list[Mail]:
    return [mail for mail in world.mails if mail.org_id == org.id]


# ---------------------------------------------------------------- Brightwater


def test_the_renewal_is_in_negotiation_and_untouched_for_97_days(cast: Cast) -> None:
    renewal = cast.brightwater.renewal
    assert renewal.stage == "Negotiation"
    assert (NOW - renewal.modified_at).days == 97
    assert renewal.close_date > NOW.date()


def test_the_owner_of_the_renewal_has_left(world: World, cast: Cast) -> None:
    owner = world.staff[cast.brightwater.renewal.owner_id]
    assert owner.left_at is not None
    assert owner.left_at < NOW.date()
    with HubSpotSimulator(world) as hubspot:
        archived = [one["email"] for one in hubspot.store.owners if one["archived"]]
    assert archived == [owner.email]


def test_hubspot_holds_brightwater_twice_with_another_tier(world: World, cast: Cast) -> None:
    companies = [c for c in world.companies.values() if c.org_id == cast.brightwater.org.id]
    assert [company.name for company in companies] == ["Brightwater Energy", "BrightWater"]
    assert len({company.domain for company in companies}) == 1
    tiers = [company.tier or cast.brightwater.org.tier for company in companies]
    assert tiers[0] != tiers[1]


def test_a_mail_pauses_the_rollout_and_is_unanswered_for_12_days(world: World, cast: Cast) -> None:
    mails = mails_of(world, cast.brightwater.org)
    last = mails[-1]
    assert last.sender[1] == cast.brightwater.maya.emails[0]
    assert (NOW - last.sent_at).days == 12
    assert "pause the rollout" in last.text
    assert "until single sign-on passes" in last.text
    assert "I am leaving Brightwater" in last.text


def test_the_contacts_address_bounces(world: World, cast: Cast) -> None:
    lost = cast.brightwater.maya.emails[0]
    bounce = next(mail for mail in world.mails if mail.bounced == lost)
    assert (bounce.kind, bounce.to[0][1]) == ("bounce", world.staff["owner-1"].email)
    assert f"Final-Recipient: rfc822; {lost}".encode() in message_bytes(bounce)


def test_the_blocker_is_overdue(cast: Cast) -> None:
    blocker = cast.brightwater.blocker
    assert blocker.due == (NOW - timedelta(days=9)).date()
    assert (blocker.status_category, blocker.resolved_at) == ("indeterminate", None)
    assert "single sign-on" in blocker.summary


def test_the_deck_says_on_track_gold_480k_against_silver_310k_in_the_crm(world: World, cast: Cast) -> None:
    deck = next(deck for deck in world.decks if deck.org_id == cast.brightwater.org.id)
    assert deck.values == {"Status": "On track", "Tier": "Gold", "ARR": "$480k"}
    assert [row for row in deck.slides[1].table if row[0] in {"Tier", "ARR"}] == [
        ["Tier", "Gold"],
        ["ARR", "$480k"],
    ]
    account = cast.brightwater.account
    assert (account.tier, account.annual_value_minor, account.currency) == ("Silver", 31_000_000, "USD")


def test_training_was_promised_14_months_ago_and_is_in_no_task(world: World, cast: Cast) -> None:
    org = cast.brightwater.org
    promise = next(
        mail for mail in mails_of(world, org) if "We will train your six field planners" in mail.text
    )
    assert 13 * 30 < (NOW - promise.sent_at).days < 15 * 30
    work = [task.name + task.notes for task in world.projects.tasks.values() if task.org_id == org.id]
    work += [i.summary + i.description for i in world.projects.issues.values() if i.org_id == org.id]
    work += [a.subject + a.text for a in world.sales.activities.values() if a.org_id == org.id]
    assert len(work) >= 6
    assert not [text for text in work if "train" in text.lower()]


# ---------------------------------------------------------------- who is who


def test_mueller_logistik_is_one_in_three_tools_and_muller_logistics_in_leeds_is_not(
    world: World, cast: Cast
) -> None:
    kassel, leeds = cast.lookalikes.mueller, cast.lookalikes.muller_leeds
    names = {c.name for c in world.companies.values() if c.org_id == kassel.id}
    names |= {a.name for a in world.sales.accounts.values() if a.org_id == kassel.id}
    names |= {row.values["Company"] for row in world.sheet if row.org_id == kassel.id}
    assert names == {"Müller Logistik GmbH", "Mueller Logistik", "Mueller Logistik GmbH"}
    assert (leeds.name, leeds.role, leeds.city) == ("Muller Logistics Ltd", "customer", "Leeds")
    assert not {kassel.phone, *kassel.domains} & {leeds.phone, *leeds.domains}


def test_a_foundation_hangs_under_a_company_and_is_not_it(world: World, cast: Cast) -> None:
    company, foundation = cast.lookalikes.halden, cast.lookalikes.foundation
    assert (foundation.parent_id, foundation.street) == (company.id, company.street)
    assert (company.role, foundation.role) == ("customer", "partner")
    accounts = {account.org_id: account for account in world.sales.accounts.values()}
    assert accounts[foundation.id].parent_id == accounts[company.id].id


def test_a_consultant_writes_from_free_mail(world: World, cast: Cast) -> None:
    consultant = cast.lookalikes.consultant
    assert (consultant.domains, consultant.role) == ([], "partner")
    assert mails_of(world, consultant)[0].sender[1].endswith("@gmail.com")


def test_one_partner_exists_only_as_a_contact(world: World, cast: Cast) -> None:
    org = cast.lookalikes.contact_only
    recorded = {company.org_id for company in world.companies.values()} | {row.org_id for row in world.sheet}
    assert org.id not in recorded | {account.org_id for account in world.sales.accounts.values()}
    with HubSpotSimulator(world) as hubspot:
        found = [
            c.properties
            for c in hubspot.store.objects["contacts"].values()
            if c.properties["company"] == org.name
        ]
    assert [(one["lastname"], one["associatedcompanyid"]) for one in found] == [("Wróbel", None)]
    assert {mail.sender[1].partition("@")[2] for mail in mails_of(world, org)} == {
        *org.domains,
        world.own_domain,
    }


# ---------------------------------------------------------------- who left


def test_a_manager_left_14_partners_most_held_by_one_person(world: World, cast: Cast) -> None:
    manager = cast.departed.manager
    assert manager.left_at == (NOW - timedelta(days=41)).date()
    owned = [org for org in world.orgs.values() if org.owner_id == manager.id]
    assert {org.role for org in owned} == {"partner"}
    assert len(owned) == 14
    people = Counter(human.org_id for human in world.humans.values())
    assert sum(people[org.id] == 1 for org in owned) == 11


def test_one_deck_of_a_partner_is_damaged(world: World, cast: Cast) -> None:
    damaged = [deck for deck in world.decks if deck.damage and deck.org_id]
    assert damaged == [cast.departed.damaged]


# ---------------------------------------------------------------- inside the world


def test_the_story_changes_nothing_that_was_drawn(world: World) -> None:
    drawn = generate_world(1, PARTNERS, NOW)
    assert drawn.companies.items() <= world.companies.items()
    assert drawn.sales.accounts.items() <= world.sales.accounts.items()
    assert drawn.projects.issues.items() <= world.projects.issues.items()
    assert drawn.staff.items() <= world.staff.items()
    assert [mail for mail in world.mails if not mail.id.startswith("mail-9")] == drawn.mails


def test_everything_happened_before_now(world: World) -> None:
    sales, projects = world.sales, world.projects
    moments = [mail.sent_at for mail in world.mails] + [deck.saved_at for deck in world.decks]
    moments += [company.modified_at for company in world.companies.values()]
    moments += [account.modified_at for account in sales.accounts.values()]
    moments += [contact.modified_at for contact in sales.contacts.values()]
    moments += [opportunity.modified_at for opportunity in sales.opportunities.values()]
    moments += [activity.modified_at for activity in sales.activities.values()]
    moments += [i.updated_at for i in projects.issues.values()] + [
        t.modified_at for t in projects.tasks.values()
    ]
    assert max(moments) < NOW


def test_story_mail_reaches_a_mailbox_and_its_phones_exist(world: World) -> None:
    boxes = {staff.email for staff in world.staff.values() if staff.has_mailbox}
    told = [mail for mail in world.mails if mail.id.startswith("mail-9")]
    assert len(told) > 30
    assert all(boxes & {address for _, address in (mail.sender, *mail.to, *mail.cc)} for mail in told)
    for org in world.orgs.values():
        if org.id.startswith("org-9"):
            number = phonenumbers.parse(org.phone)
            assert phonenumbers.is_possible_number(number), org.phone
            assert phonenumbers.region_code_for_country_code(number.country_code or 0) == org.country
