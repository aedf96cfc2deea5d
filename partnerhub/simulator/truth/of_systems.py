"""The truth about Salesforce, Jira, Asana and the decks: accounts, facts, and what is seen twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from partnerhub.simulator.truth.model import mail_key
from partnerhub.simulator.world.model import World

Concern: TypeAlias = tuple[str, list[str], bool]
"""Fact key, organizations it concerns, and whether leaving it unattached is fine."""
OBJECT_OF_KIND: Final = {"task": "Task", "event": "Event", "case": "Case"}


def live_accounts(world: World, others: Mapping[str, str]) -> dict[str, str]:
    """Record key of every live account → its organization."""
    source = others.get("salesforce")
    if source is None:
        return {}
    accounts = world.sales.accounts.values()
    return {
        f"{source}/Account/{one.id}": one.org_id
        for one in accounts
        if not one.deleted_at and not one.merged_into
    }


def deck_partners(world: World, others: Mapping[str, str]) -> dict[str, str]:
    """What a deck says of its partner is a record too: key of the deck and `#partner` → organization."""
    source = others.get("decks")
    if source is None:
        return {}
    readable = (deck for deck in world.decks if deck.org_id and deck.damage is None)
    return {f"{deck_key(source, deck.path)}#partner": deck.org_id or "" for deck in readable}


def facts_of_systems(world: World, others: Mapping[str, str]) -> Iterator[Concern]:
    """Every fact of the systems that are read."""
    readers = {
        "salesforce": sales_facts,
        "jira": issue_facts,
        "asana": task_facts,
        "decks": deck_facts,
    }
    for vendor, source in others.items():
        yield from readers[vendor](world, source, others)


def concern(key: str, org_id: str | None, *, optional: bool = False) -> Concern:
    """A fact of one organization, or of none."""
    return key, [org_id] if org_id else [], optional


def sales_facts(world: World, source: str, others: Mapping[str, str]) -> Iterator[Concern]:
    """Opportunities (with the partner that brought them), activities, contracts; registrations may stay unattached."""
    del others
    sales = world.sales
    for opportunity in sales.opportunities.values():
        partners = [sales.accounts[account].org_id for account in opportunity.partner_account_ids]
        yield f"{source}/Opportunity/{opportunity.id}", [opportunity.org_id, *partners], False
    for activity in sales.activities.values():
        yield concern(f"{source}/{OBJECT_OF_KIND[activity.kind]}/{activity.id}", activity.org_id)
    for contract in sales.contracts.values():
        yield concern(f"{source}/Contract/{contract.id}", contract.org_id)
    for registration in sales.registrations.values():
        key = f"{source}/Deal_Registration__c/{registration.id}"
        yield concern(key, registration.org_id, optional=True)


def says_nothing(world: World, partner: str | None, others: Mapping[str, str]) -> bool:
    """Whether a field "Partner" leads nowhere: it is empty, or holds an id of a CRM that is not read."""
    return partner is None or (partner in world.sales.accounts and "salesforce" not in others)


def issue_facts(world: World, source: str, others: Mapping[str, str]) -> Iterator[Concern]:
    """Issues, required where the field names the partner; where only the text does they may hang free, as comments."""
    for issue in world.projects.issues.values():
        yield concern(
            f"{source}/issues/{issue.id}", issue.org_id, optional=says_nothing(world, issue.partner, others)
        )
        for comment in issue.comments:
            yield concern(f"{source}/comments/{comment.id}", issue.org_id, optional=True)


def task_facts(world: World, source: str, others: Mapping[str, str]) -> Iterator[Concern]:
    """Tasks, also those whose project alone names the partner; stories may hang free."""
    projects = world.projects.task_projects
    for task in world.projects.tasks.values():
        named = task.partner or projects[task.project_id].partner
        free = says_nothing(world, named, others)
        yield concern(f"{source}/tasks/{task.id}", task.org_id, optional=free)
        for story in task.stories:
            yield concern(f"{source}/stories/{story.id}", task.org_id, optional=True)


def deck_facts(world: World, source: str, others: Mapping[str, str]) -> Iterator[Concern]:
    """Decks by their place in the folder; a damaged one says nothing."""
    del others
    for deck in world.decks:
        yield concern(deck_key(source, deck.path), deck.org_id, optional=deck.damage is not None)


def deck_key(source: str, path: str) -> str:
    """The fact key of a deck: its record key is derived from its content, which the world does not know."""
    return f"{source}:{path}"


def copies_in_systems(world: World, crm_source: str, others: Mapping[str, str]) -> list[tuple[str, str]]:
    """Opportunities that are HubSpot deals, and activities that are mails."""
    source = others.get("salesforce")
    if source is None:
        return []
    mails = {mail.id: mail.message_id for mail in world.mails}
    copies = [
        (f"{crm_source}/deals/{one.deal_id}", f"{source}/Opportunity/{one.id}")
        for one in world.sales.opportunities.values()
        if one.deal_id
    ]
    for activity in world.sales.activities.values():
        if message_id := mails.get(activity.mail_id or ""):
            key = f"{source}/{OBJECT_OF_KIND[activity.kind]}/{activity.id}"
            copies.append((mail_key(message_id), key))
    return copies
