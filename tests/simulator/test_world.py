"""The generated world: always the same, realistic in size, and hard but decidable."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from time import process_time

import phonenumbers
import pytest

from partnerhub.simulator.world.generate import generate_world
from partnerhub.simulator.world.model import CrmCompany, Org, World
from partnerhub.simulator.world.naming import unaccented
from partnerhub.simulator.world.places import COUNTRIES, Country
from partnerhub.simulator.world.words import FREE_MAIL, FREE_MAIL_ELSEWHERE

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
FREE = {*FREE_MAIL_ELSEWHERE, *(host for hosts in FREE_MAIL.values() for host in hosts)}


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(1, now=NOW)


def live(world: World) -> list[CrmCompany]:
    return [
        company for company in world.companies.values() if not company.archived_at and not company.merged_into
    ]


def test_one_seed_gives_one_world_byte_for_byte(world: World) -> None:
    assert repr(generate_world(1, now=NOW)) == repr(world)


def test_another_seed_gives_another_world(world: World) -> None:
    assert repr(generate_world(2, now=NOW)) != repr(world)


def test_a_world_of_400_partners_takes_less_than_two_seconds() -> None:
    begun = process_time()
    generate_world(5, now=NOW)
    assert process_time() - begun < 2


@pytest.mark.parametrize("partners", [3, 40, 1000])
def test_the_number_of_partners_is_what_was_asked_for(partners: int) -> None:
    roles = Counter(org.role for org in generate_world(1, partners, NOW).orgs.values())
    assert roles["partner"] == partners
    assert sum(roles.values()) > 2 * partners


def test_the_demo_world_has_the_size_the_demo_is_promised_for(world: World) -> None:
    things = [world.companies, world.humans, world.deals, world.activities, world.mails, world.sheet]
    assert 8_000 < sum(len(thing) for thing in things) < 12_000  # type: ignore[arg-type]
    assert 2_800 < len(world.mails) < 3_600
    assert 230 < len(world.sheet) < 280


def test_about_900_others_and_internal_mail_must_not_become_partners(world: World) -> None:
    roles = Counter(org.role for org in world.orgs.values())
    assert 850 < roles.total() - roles["partner"] < 1_000
    assert min(roles["customer"], roles["supplier"], roles["newsletter"], roles["prospect"]) > 100
    assert sum(mail.kind == "internal" for mail in world.mails) > 100


def test_everything_happened_before_now(world: World) -> None:
    moments = [mail.sent_at for mail in world.mails]
    moments += [company.modified_at for company in world.companies.values()]
    moments += [activity.happened_at for activity in world.activities.values()]
    moments += [since for deal in world.deals.values() for _, since in deal.history]
    assert max(moments) < NOW


def test_ids_and_addresses_are_unique(world: World) -> None:
    ids = [*world.orgs, *world.humans, *world.staff, *world.companies, *world.deals, *world.activities]
    ids += [mail.id for mail in world.mails] + [row.id for row in world.sheet]
    assert len(set(ids)) == len(ids)
    addresses = [address for human in world.humans.values() for address in human.emails]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_phone_numbers_are_valid_in_their_country(country: Country, world: World) -> None:
    for org in world.orgs.values():
        if org.country == country.code:
            number = phonenumbers.parse(org.phone)
            assert phonenumbers.is_valid_number_for_region(number, country.code), org.phone


def test_partners_live_in_the_crm_the_sheet_or_both(world: World) -> None:
    in_crm, in_sheet = {company.org_id for company in live(world)}, {row.org_id for row in world.sheet}
    where = Counter(
        (org.id in in_crm, org.id in in_sheet) for org in world.orgs.values() if org.role == "partner"
    )
    assert where[False, False] == 0
    assert min(where[True, True], where[True, False], where[False, True]) > 40


def test_only_partners_stand_on_the_partner_list(world: World) -> None:
    assert {world.orgs[row.org_id].role for row in world.sheet} == {"partner"}


def test_two_records_of_a_partner_always_share_something_to_tell_by(world: World) -> None:
    """A domain, a telephone number, or the plain name in one city, along a chain of records."""
    for org_id, marks in evidence(world).items():
        joined, rest = marks[0], marks[1:]
        while rest:
            near = [each for each in rest if each & joined]
            assert near, (world.orgs[org_id], marks)
            joined = joined.union(*near)
            rest = [each for each in rest if each not in near]


def evidence(world: World) -> dict[str, list[set[str]]]:
    """Per organization, what each of its records can be recognized by."""
    found: dict[str, list[set[str]]] = {}
    for company in live(world):
        org = world.orgs[company.org_id]
        found.setdefault(org.id, []).append(
            marks_of(org, company.name, company.domain, company.phone, company.city)
        )
    for row in world.sheet:
        org, cells = world.orgs[row.org_id], row.values
        marks = marks_of(org, cells["Company"], cells["Website"], cells["Phone"], cells["City"])
        found.setdefault(org.id, []).append(marks)
    return found


def marks_of(org: Org, name: str, site: str | None, phone: str | None, city: str | None) -> set[str]:
    marks = {f"domain:{domain}" for domain in org.domains if domain in (site or "")}
    marks |= {"phone"} if phone else set()
    plain = name.strip().casefold()
    mild = {each.casefold() for each in (org.name, org.aliases[0], unaccented(org.aliases[0]))}
    return marks | ({"name and city"} if plain in mild and city else set())


def test_organizations_are_easily_confused_and_told_apart(world: World) -> None:
    names = Counter(org.aliases[0] for org in world.orgs.values())
    hosts = Counter(org.domains[0] for org in world.orgs.values() if org.domains)
    phones = Counter(org.phone for org in world.orgs.values())
    assert sum(count > 1 for count in names.values()) >= 8
    assert sum(count > 1 for count in hosts.values()) >= 3
    assert sum(count > 1 for count in phones.values()) >= 6
    assert sum(not org.domains for org in world.orgs.values()) >= 10


def test_a_mail_about_a_recorded_organization_shows_it(world: World) -> None:
    recorded = {company.org_id for company in live(world)} | {row.org_id for row in world.sheet}
    contacts = {human.emails[0]: human.org_id for human in world.humans.values() if human.in_crm}
    contacts |= {row.values["E-Mail"]: row.org_id for row in world.sheet if row.values["E-Mail"]}
    hosts = {domain: org.id for org in world.orgs.values() for domain in org.domains}
    for mail in world.mails:
        if mail.kind in {"person", "invite", "auto_reply"} and mail.org_id in recorded:
            outside = [address for _, address in (mail.sender, *mail.to, *mail.cc)]
            shown = {contacts.get(address) or hosts.get(address.rpartition("@")[2]) for address in outside}
            assert mail.org_id in shown


def test_no_invented_domain_is_a_mailbox_provider(world: World) -> None:
    assert not FREE & {domain for org in world.orgs.values() for domain in org.domains}


def test_mail_of_every_kind_is_there_and_reaches_a_mailbox(world: World) -> None:
    boxes = {staff.email for staff in world.staff.values() if staff.has_mailbox}
    kinds = Counter(mail.kind for mail in world.mails)
    assert set(kinds) == {"person", "auto_reply", "bounce", "newsletter", "invite", "internal"}
    assert all(boxes & {address for _, address in (mail.sender, *mail.to, *mail.cc)} for mail in world.mails)


def test_threads_hang_together(world: World) -> None:
    known = {mail.message_id: mail for mail in world.mails}
    answers = [mail for mail in world.mails if mail.in_reply_to]
    assert len(answers) > 1000
    assert all(known[mail.in_reply_to].sent_at < mail.sent_at for mail in answers)
    assert all(mail.references[-1] == mail.in_reply_to for mail in answers)


def test_mail_is_encodable_in_its_charset(world: World) -> None:
    for mail in world.mails:
        f"{mail.subject}{mail.text}{mail.quoted}".encode(mail.charset)


def test_the_crm_holds_copies_of_mails_and_invitations(world: World) -> None:
    mails = {mail.id: mail for mail in world.mails}
    copies = [activity for activity in world.activities.values() if activity.mail_id]
    assert Counter(activity.kind for activity in copies).keys() == {"email", "meeting"}
    assert all(mails[activity.mail_id or ""].org_id == activity.org_id for activity in copies)


def test_only_entered_contacts_stand_on_deals_and_activities(world: World) -> None:
    named = {human for deal in world.deals.values() for human in deal.contact_ids}
    named |= {human for activity in world.activities.values() for human in activity.contact_ids}
    assert all(world.humans[human].in_crm for human in named)
