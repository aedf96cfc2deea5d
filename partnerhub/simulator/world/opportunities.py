"""Draws the business in Salesforce: opportunities, contracts, registered deals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from partnerhub.simulator.world import sales_texts
from partnerhub.simulator.world.accounts import live_accounts
from partnerhub.simulator.world.model import Org, WorldDeal
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.sales import (
    DealRegistration,
    Opportunity,
    Sales,
    SalesAccount,
    SalesContract,
)
from partnerhub.simulator.world.sales_ids import sales_id
from partnerhub.simulator.world.scenes import scene_of, sentence

STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
OUTCOMES = ("Closed Won", "Closed Lost")
OPPORTUNITY_SHARE = {"partner": 0.5, "customer": 0.5, "prospect": 0.3}
SAME_DEAL_SHARE, SAME_NAME_SHARE, SOURCED_SHARE = 0.35, 0.8, 0.25
"""Opportunities that are also a HubSpot deal; of these, how many bear the very same name; customers' that a partner
brought."""
CONTRACT_SHARE = {"partner": 0.55, "customer": 0.2}
SPECIAL_SHARE, REGISTRATION_SHARE = 0.35, 0.3
STAGE_OF_DEAL = {
    "appointmentscheduled": "Prospecting",
    "qualifiedtobuy": "Qualification",
    "presentationscheduled": "Qualification",
    "decisionmakerboughtin": "Proposal",
    "contractsent": "Negotiation",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}
"""HubSpot's stage of a deal → the stage the same deal has in Salesforce."""
OPPORTUNITY_TYPES = ("New Business", "Existing Business", "Renewal")
PURPOSES = ("renewal", "rollout", "pilot", "seats", "second site", "upgrade", "migration")


def draw_business(
    rng: Random, population: Population, sales: Sales, deals: dict[str, WorldDeal], now: datetime
) -> None:
    """Opportunities, contracts and registrations of everybody with a live account."""
    live = live_accounts(sales)
    partners = [accounts[0] for org, accounts in live.items() if population.orgs[org].role == "partner"]
    deals_of: dict[str, list[WorldDeal]] = {}
    for deal in deals.values():
        deals_of.setdefault(deal.org_id, []).append(deal)
    for org_id, accounts in live.items():
        org, account = population.orgs[org_id], accounts[0]
        for deal in deals_of.get(org_id, []):
            if rng.random() < SAME_DEAL_SHARE:
                copy_deal(rng, sales, account, deal, now)
        if rng.random() < OPPORTUNITY_SHARE.get(org.role, 0.0):
            found = draw_opportunity(rng, population, sales, org, account, now)
            if org.role == "customer" and partners and rng.random() < SOURCED_SHARE:
                found.partner_account_ids.append(rng.choice(partners).id)
        if rng.random() < CONTRACT_SHARE.get(org.role, 0.0):
            draw_contract(rng, population, sales, org, account, now)
        if org.role == "partner" and rng.random() < REGISTRATION_SHARE:
            for _ in range(rng.randint(1, 3)):
                draw_registration(rng, sales, org, account, now)


def contacts_on(sales: Sales, account: SalesAccount, humans: list[str] | None = None) -> list[str]:
    """Contacts of an account; with `humans`, only those that are one of these people."""
    found = sales.contacts_of(account.id)
    return [contact.id for contact in found if humans is None or contact.human_id in humans]


def copy_deal(rng: Random, sales: Sales, account: SalesAccount, deal: WorldDeal, now: datetime) -> None:
    """The deal as sales keeps it besides HubSpot: same amount and day, the name sometimes with a word more."""
    name = deal.name if rng.random() < SAME_NAME_SHARE else f"{deal.name} ({deal.close_date.year})"
    history = [(STAGE_OF_DEAL[stage], since) for stage, since in deal.history]
    history = [each for at, each in enumerate(history) if at == 0 or history[at - 1][0] != each[0]]
    opportunity = Opportunity(
        id=sales_id("opportunity", len(sales.opportunities) + 1),
        account_id=account.id,
        org_id=deal.org_id,
        name=name,
        amount_minor=deal.amount_minor,
        currency=deal.currency,
        stage=history[-1][0],
        opportunity_type=rng.choice(OPPORTUNITY_TYPES),
        close_date=deal.close_date,
        owner_id=deal.owner_id,
        history=history,
        contact_ids=contacts_on(sales, account, deal.contact_ids),
        partner_account_ids=[],
        created_at=deal.created_at,
        modified_at=min(history[-1][1] + timedelta(days=rng.randint(0, 9)), now - timedelta(hours=4)),
        deal_id=deal.id,
    )
    sales.opportunities[opportunity.id] = opportunity


def draw_opportunity(
    rng: Random, population: Population, sales: Sales, org: Org, account: SalesAccount, now: datetime
) -> Opportunity:
    """An opportunity only sales knows of."""
    opened = now - timedelta(days=rng.randint(8, 600), seconds=rng.randint(0, 86399))
    stages = list(STAGES[: rng.randint(1, len(STAGES))])
    if rng.random() < 0.45:
        stages.append(rng.choice(OUTCOMES))
    step = (now - opened) / (len(stages) + 1)
    history = [(stage, (opened + step * index).replace(microsecond=0)) for index, stage in enumerate(stages)]
    contacts = contacts_on(sales, account)
    product = rng.choice(sales_texts.PRODUCTS).removeprefix("the ")
    opportunity = Opportunity(
        id=sales_id("opportunity", len(sales.opportunities) + 1),
        account_id=account.id,
        org_id=org.id,
        name=f"{population.cores[org.id]} - {product[:1].upper()}{product[1:]} {rng.choice(PURPOSES)}",
        amount_minor=100 * rng.randint(11, 980) * rng.choice((10, 50)),
        currency=account.currency,
        stage=stages[-1],
        opportunity_type=rng.choice(OPPORTUNITY_TYPES),
        close_date=closing(rng, stages[-1], history[-1][1], now),
        owner_id=org.owner_id,
        history=history,
        contact_ids=contacts[: rng.randint(0, 2)],
        partner_account_ids=[],
        created_at=history[0][1],
        modified_at=min(history[-1][1] + timedelta(days=rng.randint(0, 20)), now - timedelta(hours=4)),
    )
    sales.opportunities[opportunity.id] = opportunity
    return opportunity


def closing(rng: Random, stage: str, since: datetime, now: datetime) -> date:
    """The day it was closed, or the day it is expected to be: mostly ahead, now and then long past."""
    if stage in OUTCOMES:
        return since.date()
    return (now + timedelta(days=rng.randint(-30 if rng.random() < 0.1 else 5, 150))).date()


def draw_contract(
    rng: Random, population: Population, sales: Sales, org: Org, account: SalesAccount, now: datetime
) -> None:
    """The agreement in force, and sometimes the one before it."""
    term = rng.choice((12, 12, 24, 36))
    starts = (now - timedelta(days=rng.randint(10, term * 30 - 20))).date().replace(day=1)
    special = [sentence(rng.choice(sales_texts.SPECIAL_TERMS), scene_of(rng, population, org))]
    file_contract(
        sales, account, "Activated", starts, term, special[0] if rng.random() < SPECIAL_SHARE else None
    )
    if rng.random() < 0.25:
        file_contract(sales, account, "Expired", months_after(starts, -term), term, None)


def file_contract(
    sales: Sales, account: SalesAccount, status: str, starts: date, term: int, special: str | None
) -> SalesContract:
    """An agreement of `term` months; signed two weeks before it starts."""
    number = len(sales.contracts) + 1
    signed = datetime.combine(starts, account.created_at.timetz()) - timedelta(days=14)
    contract = SalesContract(
        id=sales_id("contract", number),
        org_id=account.org_id,
        account_id=account.id,
        number=f"{99 + number:08d}",
        status=status,
        starts_on=starts,
        ends_on=months_after(starts, term) - timedelta(days=1),
        term_months=term,
        owner_id=account.owner_id,
        special_terms=special,
        created_at=signed,
        modified_at=signed + timedelta(days=3),
    )
    sales.contracts[contract.id] = contract
    return contract


def months_after(day: date, months: int) -> date:
    """The same day of another month; `day` is at most the 28th."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)


def draw_registration(rng: Random, sales: Sales, org: Org, account: SalesAccount, now: datetime) -> None:
    """An end customer the partner says it brings."""
    registered = now - timedelta(days=rng.randint(5, 300), seconds=rng.randint(0, 86399))
    number = len(sales.registrations) + 1
    expires = (registered + timedelta(days=90)).date()
    expired = expires < now.date()
    registration = DealRegistration(
        id=sales_id("registration", number),
        org_id=org.id,
        account_id=account.id,
        name=f"DR-{number:05d}",
        end_customer=f"{org.city} {rng.choice(sales_texts.END_CUSTOMERS)}",
        status=rng.choice(("Won", "Expired", "Expired"))
        if expired
        else rng.choice(("Submitted", "Approved")),
        amount_minor=100 * rng.randint(20, 900) * 10,
        currency=account.currency,
        registered_on=registered.date(),
        expires_on=expires,
        created_at=registered.replace(microsecond=0),
        modified_at=(registered + (now - registered) * rng.random()).replace(microsecond=0),
    )
    sales.registrations[registration.id] = registration
