"""Draws deals and what colleagues logged in the CRM: notes, calls, meetings, e-mails, tasks, tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Literal, get_args

from partnerhub.simulator.world import phrases
from partnerhub.simulator.world.model import Activity, Mail, Org, WorldDeal
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.places import BY_CODE
from partnerhub.simulator.world.records import Records

STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)
OUTCOMES = ("closedwon", "closedlost")
DEAL_SHARE = {"partner": 0.55, "customer": 0.6, "prospect": 0.2}
ACTIVITIES = {
    "partner": (1, 5),
    "customer": (0, 3),
    "prospect": (0, 2),
    "supplier": (0, 1),
    "newsletter": (0, 0),
}
Logged = Literal["note", "call", "meeting", "task", "ticket"]
KIND_WEIGHTS = (5, 3, 2, 2, 1)
LOGGED_MAIL_SHARE, LOGGED_INVITE_SHARE = 0.2, 0.6
CURRENCIES = {
    "GB": "GBP",
    "US": "USD",
    "CA": "CAD",
    "CH": "CHF",
    "SE": "SEK",
    "PL": "PLN",
    "JP": "JPY",
    "BR": "BRL",
    "UA": "UAH",
}


def crm_organizations(population: Population, records: Records) -> list[Org]:
    """The organizations with a live CRM company, in order of their ids."""
    live = {c.org_id for c in records.companies.values() if not c.archived_at and not c.merged_into}
    return [org for org in population.orgs.values() if org.id in live]


def draw_deals(rng: Random, population: Population, records: Records, now: datetime) -> dict[str, WorldDeal]:
    """Deals of partners, customers and some prospects, each with the stages it went through."""
    deals: dict[str, WorldDeal] = {}
    for org in crm_organizations(population, records):
        if rng.random() >= DEAL_SHARE.get(org.role, 0.0):
            continue
        for _ in range(rng.choice((1, 1, 2))):
            deal = draw_deal(rng, population, org, len(deals) + 1, now)
            deals[deal.id] = deal
    return deals


def draw_deal(rng: Random, population: Population, org: Org, number: int, now: datetime) -> WorldDeal:
    """One deal that began in the last two years."""
    opened = now - timedelta(days=rng.randint(5, 700), seconds=rng.randint(0, 86399))
    stages = list(STAGES[: rng.randint(1, len(STAGES))])
    if rng.random() < 0.5:
        stages.append(rng.choice(OUTCOMES))
    step = (now - opened) / (len(stages) + 1)
    history = [(stage, (opened + step * index).replace(microsecond=0)) for index, stage in enumerate(stages)]
    contacts = [human.id for human in population.people_of(org.id) if human.in_crm]
    return WorldDeal(
        id=str(17_000_000_000 + 6131 * number),
        org_id=org.id,
        name=f"{population.cores[org.id]} {rng.choice(('renewal', 'rollout', 'pilot', 'training', 'licences'))}",
        amount_minor=100 * rng.randint(5, 900) * rng.choice((10, 100)),
        currency=CURRENCIES.get(org.country, "EUR"),
        stage=stages[-1],
        close_date=(history[-1][1] + timedelta(days=rng.randint(0, 60))).date(),
        owner_id=org.owner_id,
        contact_ids=contacts[: rng.randint(0, 2)],
        history=history,
        created_at=history[0][1],
    )


def draw_activities(
    rng: Random,
    population: Population,
    records: Records,
    deals: dict[str, WorldDeal],
    mails: list[Mail],
    now: datetime,
) -> dict[str, Activity]:
    """What was logged by hand, plus e-mails and meetings that are also in a mailbox."""
    activities: dict[str, Activity] = {}
    organizations = crm_organizations(population, records)
    first_deal = {deal.org_id: deal.id for deal in reversed(deals.values())}
    for org in organizations:
        for _ in range(rng.randint(*ACTIVITIES[org.role])):
            kind = rng.choices(get_args(Logged), KIND_WEIGHTS)[0]
            log(rng, population, activities, org, kind, first_deal.get(org.id), now)
    live = {org.id: org for org in organizations}
    owners = {staff.email: staff.id for staff in population.staff.values()}
    for mail in mails:
        share = {"person": LOGGED_MAIL_SHARE, "invite": LOGGED_INVITE_SHARE}.get(mail.kind, 0.0)
        if mail.org_id in live and not mail.other_org_ids and rng.random() < share:
            log_mail(population, activities, live[mail.org_id], mail, owners)
    return activities


def log(
    rng: Random,
    population: Population,
    activities: dict[str, Activity],
    org: Org,
    kind: Logged,
    deal_id: str | None,
    now: datetime,
) -> None:
    """One engagement typed by a colleague."""
    contacts = [human.id for human in population.people_of(org.id) if human.in_crm]
    topic = rng.choice(phrases.BY_LANGUAGE.get(BY_CODE[org.country].language, phrases.BY_LANGUAGE["en"])[1])
    subjects = {"task": phrases.TASK_SUBJECTS, "ticket": phrases.TICKET_SUBJECTS}.get(kind)
    statuses = {
        "call": ("COMPLETED",),
        "meeting": ("COMPLETED", "SCHEDULED"),
        "task": ("NOT_STARTED", "COMPLETED"),
        "ticket": ("1", "4"),
    }
    activity = Activity(
        id=str(52_000_000_000 + 4099 * (len(activities) + 1)),
        kind=kind,
        org_id=org.id,
        contact_ids=rng.sample(contacts, min(len(contacts), rng.choice((0, 1, 1, 2)))),
        deal_id=deal_id if rng.random() < 0.3 else None,
        owner_id=org.owner_id,
        happened_at=(now - timedelta(days=rng.randint(1, 500), seconds=rng.randint(0, 86399))).replace(
            microsecond=0
        ),
        subject=rng.choice(subjects) if subjects else f"{kind.title()}: {topic}",
        text=rng.choice(phrases.NOTE_TEXTS).format(topic=topic),
        status=rng.choice(statuses[kind]) if kind in statuses else None,
    )
    activities[activity.id] = activity


def log_mail(
    population: Population, activities: dict[str, Activity], org: Org, mail: Mail, owners: dict[str, str]
) -> None:
    """The CRM's copy of a mail or an invitation that also lies in a mailbox."""
    outside = {address for _, address in [mail.sender, *mail.to, *mail.cc]}
    contacts = [
        human.id for human in population.people_of(org.id) if human.in_crm and human.emails[0] in outside
    ]
    ours = next(
        (owners[address] for _, address in [mail.sender, *mail.to] if address in owners), org.owner_id
    )
    activity = Activity(
        id=str(52_000_000_000 + 4099 * (len(activities) + 1)),
        kind="meeting" if mail.kind == "invite" else "email",
        org_id=org.id,
        contact_ids=contacts,
        deal_id=None,
        owner_id=ours,
        happened_at=mail.sent_at,
        subject=mail.subject,
        text=mail.text,
        status="SCHEDULED" if mail.kind == "invite" else "SENT",
        mail_id=mail.id,
    )
    activities[activity.id] = activity
