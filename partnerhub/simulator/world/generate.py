"""Generates the world: one seed, one size and one moment give one world, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from partnerhub.simulator.world.accounts import draw_accounts
from partnerhub.simulator.world.conversations import draw_mails
from partnerhub.simulator.world.delivery import draw_issues
from partnerhub.simulator.world.engagements import draw_activities, draw_deals
from partnerhub.simulator.world.field_values import names_of
from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.onboarding import draw_tasks
from partnerhub.simulator.world.opportunities import draw_business
from partnerhub.simulator.world.organizations import OWN_DOMAIN, draw_population
from partnerhub.simulator.world.records import draw_records
from partnerhub.simulator.world.reviews import draw_decks
from partnerhub.simulator.world.sales_activities import draw_sales_activities

DEFAULT_SEED, DEFAULT_PARTNERS = 1, 400


def generate_world(
    seed: int = DEFAULT_SEED, partners: int = DEFAULT_PARTNERS, now: datetime | None = None
) -> World:
    """A world of `partners` partner organizations and about 2.2 times as many others.

    now: the world's present (aware); everything in it happened before. Without one, the coming full hour, so that two
    calls within an hour agree. Each kind of thing has its own random source, so that changing how one is drawn leaves
    what was drawn before it as it was.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if now is None:
        moment = moment.replace(minute=0, second=0, microsecond=0)
    population = draw_population(source(seed, "population"), partners, moment)
    records = draw_records(source(seed, "records"), population, moment)
    mails = draw_mails(source(seed, "mails"), population, records, moment)
    deals = draw_deals(source(seed, "deals"), population, records, moment)
    activities = draw_activities(source(seed, "activities"), population, records, deals, mails, moment)
    sales = draw_accounts(source(seed, "accounts"), population, moment)
    draw_business(source(seed, "business"), population, sales, deals, moment)
    draw_sales_activities(source(seed, "sales activities"), population, sales, mails, moment)
    named = names_of(population, records, sales)
    projects = draw_issues(source(seed, "issues"), population, named, moment)
    draw_tasks(source(seed, "tasks"), population, projects, named, moment)
    decks = draw_decks(source(seed, "decks"), population, sales, named, moment)
    return World(
        seed=seed,
        now=moment,
        own_domain=OWN_DOMAIN,
        orgs=population.orgs,
        humans=population.humans,
        staff=population.staff,
        companies=records.companies,
        deals=deals,
        activities=activities,
        mails=mails,
        sheet=records.sheet,
        sales=sales,
        projects=projects,
        decks=decks,
    )


def source(seed: int, purpose: str) -> Random:
    """The random source of one purpose; text seeds do not depend on the interpreter's hash seed."""
    return Random(f"{seed}/{purpose}")
