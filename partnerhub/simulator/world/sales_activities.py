"""Draws what sales logs in Salesforce: tasks, events, cases, and mails filed as tasks."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import sales_texts
from partnerhub.simulator.world.accounts import live_accounts
from partnerhub.simulator.world.model import Mail
from partnerhub.simulator.world.opportunities import contacts_on
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.sales import Sales, SalesAccount, SalesActivity
from partnerhub.simulator.world.sales_ids import sales_id
from partnerhub.simulator.world.scenes import scene_of, sentence

ACTIVITIES = {"partner": (0, 4), "customer": (0, 2), "prospect": (0, 1)}
KINDS, KIND_WEIGHTS = ("task", "event", "case"), (5, 3, 2)
TEXTS = {"task": sales_texts.TASKS, "event": sales_texts.EVENTS, "case": sales_texts.CASES}
LOGGED_MAIL_SHARE, OVERDUE_SHARE = 0.22, 0.12


def draw_sales_activities(
    rng: Random, population: Population, sales: Sales, mails: list[Mail], now: datetime
) -> None:
    """Activities typed by hand, and copies of mails that also lie in a mailbox (and perhaps in HubSpot)."""
    live = live_accounts(sales)
    opportunities = {each.org_id: each.id for each in sales.opportunities.values()}
    for org_id, accounts in live.items():
        role = population.orgs[org_id].role
        for _ in range(rng.randint(*ACTIVITIES.get(role, (0, 0)))):
            account = rng.choice(accounts)
            draw_activity(rng, population, sales, account, opportunities.get(org_id), now)
    for mail in mails:
        known = mail.kind == "person" and mail.message_id and not mail.other_org_ids and mail.org_id in live
        if known and rng.random() < LOGGED_MAIL_SHARE:
            file_mail(population, sales, live[mail.org_id or ""][0], mail)


def draw_activity(
    rng: Random,
    population: Population,
    sales: Sales,
    account: SalesAccount,
    opportunity_id: str | None,
    now: datetime,
) -> None:
    """One task, event or case."""
    org = population.orgs[account.org_id]
    kind = rng.choices(KINDS, KIND_WEIGHTS)[0]
    subject, text = rng.choice(TEXTS[kind])
    scene, contacts = scene_of(rng, population, org), contacts_on(sales, account)
    made = now - timedelta(days=rng.randint(2, 480), seconds=rng.randint(0, 86399))
    made = made.replace(microsecond=0)
    activity = SalesActivity(
        id=sales_id(kind, len(sales.activities) + 1),
        kind=kind,  # type: ignore[arg-type]
        org_id=org.id,
        account_id=account.id,
        contact_id=rng.choice(contacts) if contacts and rng.random() < 0.7 else None,
        opportunity_id=opportunity_id if kind != "case" and rng.random() < 0.3 else None,
        owner_id=org.owner_id,
        subject=sentence(subject, scene),
        text=sentence(text, scene),
        status="",
        happened_at=made,
        created_at=made,
        modified_at=made + (now - made) * (0.3 * rng.random()),
    )
    activity.modified_at = activity.modified_at.replace(microsecond=0)
    place_in_time(rng, activity, now)
    sales.activities[activity.id] = activity


def place_in_time(rng: Random, activity: SalesActivity, now: datetime) -> None:
    """When it is due and how it stands: old things are mostly done, a few were forgotten."""
    if activity.kind == "event":
        activity.happened_at = activity.happened_at.replace(
            hour=rng.randint(7, 15), minute=rng.choice((0, 30)), second=0
        )
        activity.created_at = min(activity.created_at, activity.happened_at - timedelta(days=3))
        activity.due, activity.minutes = activity.happened_at.date(), rng.choice((30, 45, 60, 90))
    elif activity.kind == "case":
        age = (now - activity.created_at).days
        activity.status = "Closed" if age > 30 or rng.random() < 0.5 else rng.choice(("New", "Working"))
    else:
        activity.due = (activity.created_at + timedelta(days=rng.randint(1, 30))).date()
        overdue = activity.due < now.date()
        done = rng.random() >= OVERDUE_SHARE if overdue else rng.random() < 0.3
        activity.status = "Completed" if done else rng.choice(("Not Started", "In Progress"))


def file_mail(population: Population, sales: Sales, account: SalesAccount, mail: Mail) -> None:
    """A mail as sales files it: a finished task with the mail's text."""
    outside = {address for _, address in (mail.sender, *mail.to, *mail.cc)}
    people = [h.id for h in population.people_of(account.org_id) if h.emails[0] in outside]
    ours = [staff.id for staff in population.staff.values() if staff.email in outside]
    contacts = contacts_on(sales, account, people)
    activity = SalesActivity(
        id=sales_id("task", len(sales.activities) + 1),
        kind="task",
        org_id=account.org_id,
        account_id=account.id,
        contact_id=contacts[0] if contacts else None,
        opportunity_id=None,
        owner_id=ours[0] if ours else account.owner_id,
        subject=f"Email: {mail.subject}",
        text=mail.text,
        status="Completed",
        happened_at=mail.sent_at,
        created_at=mail.sent_at + timedelta(minutes=4),
        modified_at=mail.sent_at + timedelta(minutes=4),
        due=mail.sent_at.date(),
        mail_id=mail.id,
    )
    sales.activities[activity.id] = activity
