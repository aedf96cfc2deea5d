"""Draws what sales typed into Salesforce about organizations and people: accounts, contacts, leads.

Typed with the care of CRM companies: the first account of an organization is complete, a second one is thinner or
spelled more freely, and accounts of organizations that are easily confused are always complete.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import words
from partnerhub.simulator.world.engagements import CURRENCIES
from partnerhub.simulator.world.model import Human, Org
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.records import Typed, type_record, written_phone
from partnerhub.simulator.world.sales import Sales, SalesAccount, SalesContact
from partnerhub.simulator.world.sales_ids import sales_id

ACCOUNT_SHARE = {"partner": 0.6, "customer": 0.5, "prospect": 0.15, "supplier": 0.12}
DUPLICATE_SHARE = {"partner": 0.06, "customer": 0.04}
LEAD_SHARE = {"prospect": 0.22, "customer": 0.03}
"""How many organizations without an account have somebody among the leads."""
MERGED_SHARE, DELETED_SHARE = 0.015, 0.015
CONTACT_SHARE, NO_ADDRESS_SHARE, LOUD_ADDRESS_SHARE = 0.7, 0.01, 0.06
REVIEWED_SHARE, TIER_SHARE = 0.5, 0.85
ACCOUNT_TYPE = {
    "partner": "Channel Partner / Reseller",
    "customer": "Customer - Direct",
    "prospect": "Prospect",
    "supplier": "Other",
}
ANNUAL_VALUES = (12_000, 18_500, 24_000, 36_000, 48_000, 65_000, 90_000, 120_000, 185_000, 260_000, 340_000)
"""What a partner brings a year, in whole units of its currency."""


def draw_accounts(rng: Random, population: Population, now: datetime) -> Sales:
    """Accounts, contacts and leads of the whole population."""
    sales = Sales()
    for org in population.orgs.values():
        if rng.random() < ACCOUNT_SHARE.get(org.role, 0.0):
            copies = 1 + (rng.random() < DUPLICATE_SHARE.get(org.role, 0.0))
            for index in range(copies):
                with_care = index == 0 or org.id in population.careful
                typed = type_record(rng, population, org, first=with_care)
                add_account(rng, sales, org, typed, now)
            add_leftovers(rng, sales, population, org, now)
            draw_contacts(rng, sales, population, org, now)
        elif rng.random() < LEAD_SHARE.get(org.role, 0.0):
            people = population.people_of(org.id)
            if people:
                add_person(rng, sales, rng.choice(people), None, org, now).is_lead = True
    set_parents(sales, population)
    return sales


def live_accounts(sales: Sales) -> dict[str, list[SalesAccount]]:
    """Organization id → its accounts that are neither deleted nor merged, oldest id first."""
    found: dict[str, list[SalesAccount]] = {}
    for account in sales.accounts.values():
        if account.deleted_at is None and account.merged_into is None:
            found.setdefault(account.org_id, []).append(account)
    return found


def add_account(rng: Random, sales: Sales, org: Org, typed: Typed, now: datetime) -> SalesAccount:
    """File an account."""
    created = org.created_at + timedelta(days=rng.randint(0, 90), seconds=rng.randint(0, 86399))
    modified = created + (now - timedelta(hours=5) - created) * rng.random() ** 0.4
    with_address = typed.city is not None and rng.random() < 0.75
    partner = org.role == "partner"
    reviewed = partner and rng.random() < REVIEWED_SHARE
    account = SalesAccount(
        id=sales_id("account", len(sales.accounts) + 1),
        org_id=org.id,
        name=typed.name,
        website=written_site(rng, typed.domain),
        phone=written_phone(rng, org, typed),
        street=org.street if with_address else None,
        city=typed.city,
        region=org.region if with_address and rng.random() < 0.6 else None,
        postcode=org.postcode if with_address else None,
        country=typed.country,
        account_type=ACCOUNT_TYPE[org.role],
        tier=org.tier if partner and rng.random() < TIER_SHARE else None,
        annual_value_minor=100 * rng.choice(ANNUAL_VALUES) if partner and rng.random() < 0.7 else None,
        currency=CURRENCIES.get(org.country, "EUR"),
        owner_id=org.owner_id,
        parent_id=None,
        created_at=created.replace(microsecond=0),
        modified_at=modified.replace(microsecond=0),
        last_review=(now - timedelta(days=rng.randint(20, 420))).date() if reviewed else None,
    )
    sales.accounts[account.id] = account
    return account


def written_site(rng: Random, domain: str | None) -> str | None:
    """A website as sales pastes it."""
    return (
        rng.choice((f"https://www.{domain}", f"www.{domain}", domain, f"http://{domain}/"))
        if domain
        else None
    )


def add_leftovers(rng: Random, sales: Sales, population: Population, org: Org, now: datetime) -> None:
    """Now and then an account that somebody merged into the live one, or put into the recycle bin."""
    live = next(reversed(sales.accounts.values()))
    if rng.random() < MERGED_SHARE:
        loser = add_account(rng, sales, org, type_record(rng, population, org, first=False), now)
        loser.merged_into, loser.deleted_at = live.id, loser.modified_at
    if rng.random() < DELETED_SHARE:
        old = add_account(rng, sales, org, type_record(rng, population, org, first=False), now)
        old.deleted_at = old.modified_at


def draw_contacts(rng: Random, sales: Sales, population: Population, org: Org, now: datetime) -> None:
    """Some of the organization's people, most on its first account."""
    accounts = latest(sales, org)
    for human in population.people_of(org.id):
        if accounts and rng.random() < CONTACT_SHARE:
            account = accounts[-1] if rng.random() < 0.1 else accounts[0]
            add_person(rng, sales, human, account, org, now)


def latest(sales: Sales, org: Org) -> list[SalesAccount]:
    """The live accounts of the organization that was drawn last, oldest first."""
    found: list[SalesAccount] = []
    for account in reversed(sales.accounts.values()):
        if account.org_id != org.id:
            break
        if account.deleted_at is None and account.merged_into is None:
            found.insert(0, account)
    return found


def add_person(
    rng: Random, sales: Sales, human: Human, account: SalesAccount | None, org: Org, now: datetime
) -> SalesContact:
    """File a contact of an account; without one, the organization is named in words, as on a lead."""
    since = account.created_at if account else now - timedelta(days=rng.randint(10, 400))
    created = since + (now - timedelta(hours=6) - since) * rng.random()
    modified = created + (now - timedelta(hours=5) - created) * rng.random()
    address = human.emails[0]
    if rng.random() < LOUD_ADDRESS_SHARE:
        local, _, host = address.partition("@")
        address = f"{local.title()}@{host}"
    contact = SalesContact(
        id=sales_id("contact" if account else "lead", len(sales.contacts) + 1),
        human_id=human.id,
        account_id=account.id if account else None,
        given_name=human.given_name,
        family_name=human.family_name,
        email=None if account and rng.random() < NO_ADDRESS_SHARE else address,
        phone=human.phone or (org.phone if account is None else None),
        title=human.title if rng.random() < 0.8 else rng.choice(words.TITLES),
        company=None if account else rng.choice((org.name, org.aliases[0])),
        owner_id=org.owner_id,
        created_at=created.replace(microsecond=0),
        modified_at=modified.replace(microsecond=0),
    )
    sales.contacts[contact.id] = contact
    return contact


def set_parents(sales: Sales, population: Population) -> None:
    """Accounts of branches hang under the account of their parent, where both are there."""
    live = live_accounts(sales)
    for accounts in live.values():
        for account in accounts:
            parents = live.get(population.orgs[account.org_id].parent_id or "", [])
            account.parent_id = parents[0].id if parents else None
